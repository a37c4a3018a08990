# SPDX-License-Identifier: GPL-3.0-or-later
"""When each version served: from what was written down of the distribution, or else, as a lower bound, when it was published."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

Named = tuple[datetime, datetime, str, str]
"""From when until when, id, and artifact or nothing: a version that was certainly named for that time."""
UNKNOWN = "published; when it began to serve is not known"
NEVER = "never seen serving"


def served(releases: list[Release], now: Release | None, modified: datetime, named: list[Named] | None) -> list[Release]:
    """The releases with the times when they served; C(modified) is when the distribution was changed last.

    Of a version that is gone, one with the same artifact takes the place. A later version that an earlier one has taken the place
    of was taken out of service by then. A version counts as live from the first moment that it can have been: taken for the good one
    of a time at which it may have been there already, a bad one would stay.
    """
    if named is None:
        return [_without_history(one, now, modified) for one in releases]
    begun: dict[str, datetime] = {}
    out: dict[str, datetime] = {}
    order: list[str] = []
    before: datetime | None = None
    for since, until, id, artifact in named:
        release = _there(releases, id, artifact)
        ended, before = before, until
        if release is None:
            continue
        if release.id not in begun or release.id in out:
            out.pop(release.id, None)
            begun[release.id] = min(since, max(release.created_at, ended or release.created_at))
        elif order[-1] != release.id:
            out |= {other: since for other in order[order.index(release.id) + 1 :] if other != release.id and other not in out}
        order.append(release.id)
    return [_seen(one, begun, out) for one in releases]


def _there(releases: list[Release], id: str, artifact: str) -> Release | None:
    exact = next((one for one in releases if one.id == id and artifact in ("", one.artifact)), None)
    return exact or next((one for one in releases if artifact and one.artifact == artifact), None)


def _seen(release: Release, begun: dict[str, datetime], out: dict[str, datetime]) -> Release:
    if release.id not in begun and release.live_from:
        return replace(release, live_from=None, state=f"{release.state}, {NEVER}")
    return replace(release, live_from=begun.get(release.id), taken_out_at=out.get(release.id))


def _without_history(release: Release, now: Release | None, modified: datetime) -> Release:
    """All that is known is what serves now, and since when at the latest."""
    if not release.live_from:
        return release
    if now is None or release.artifact == now.artifact or not now.live_from:
        return replace(release, state=f"{release.state}, {UNKNOWN}")
    if release.live_from > modified:
        return replace(release, live_from=None, state=f"{release.state}, {NEVER}")
    later = release.live_from > now.live_from
    return replace(release, taken_out_at=modified if later else None, state=f"{release.state}, {UNKNOWN}")
