# SPDX-License-Identifier: GPL-3.0-or-later
"""When each deploy served. Netlify keeps one instant of publication for a deploy, and publishing it again overwrites it."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

LATE = timedelta(minutes=30)
"""How much later than usual after its creation a deploy is published when that was not the first time; builds end within 30 minutes."""


def as_served(releases: list[Release], serving: str | None) -> list[Release]:
    """The releases, whose C(live_from) is their last publication, as they first served and as rollbacks took them out.

    C(serving) is the id of the published one. Pure, so that the same deploys always tell the same story.
    """
    published = sorted((r for r in releases if r.live_from), key=lambda r: r.created_at)
    if not published:
        return releases
    lags = sorted(_lag(r) for r in published)
    usual = lags[(len(lags) - 1) // 2]
    again = _published_again(published, usual)
    return [_taken_out(_first(r, usual) if r.id in again else r, r, published, serving) for r in releases]


def _published_again(published: list[Release], usual: timedelta) -> set[str]:
    """Ids, oldest first: published after a newer deploy was, far too late for its build, or after an older one had taken its place."""
    again: set[str] = set()
    for number, release in enumerate(published):
        overtaken = any(_live(newer) < _live(release) for newer in published[number + 1 :])
        put_back = any(older.id in again and release.created_at < _live(older) < _live(release) for older in published[:number])
        if overtaken or put_back or _lag(release) > usual + LATE:
            again.add(release.id)
    return again


def _first(release: Release, usual: timedelta) -> Release:
    """With the time of its first publication, which nobody knows, as that of an ordinary build."""
    return replace(release, live_from=min(_live(release), release.created_at + usual))


def _taken_out(fixed: Release, release: Release, published: list[Release], serving: str | None) -> Release:
    """With the time when an older deploy was published in its place.

    Where publishing again does not overwrite the instant, the older one is known by serving now: then it was after the last publication.
    """
    if not release.live_from:
        return fixed
    back = [_live(older) for older in published if older.created_at < release.created_at and _live(older) > release.live_from]
    current = next((r for r in published if r.id == serving), None)
    if current and release.live_from > _live(current):
        back.append(max(_live(r) for r in published))
    return replace(fixed, taken_out_at=min(back)) if back else fixed


def _live(release: Release) -> datetime:
    """When it was published last, of one that was."""
    return release.live_from or release.created_at


def _lag(release: Release) -> timedelta:
    return _live(release) - release.created_at
