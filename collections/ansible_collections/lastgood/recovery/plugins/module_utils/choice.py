# SPDX-License-Identifier: GPL-3.0-or-later
"""Which release? Two times, never "previous".

"Previous" goes one too far back when it is asked twice, or lands on the bad release. A time does not.
Pure functions; the answer depends on nothing but the arguments and is the same however often a rollback has run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NoGoodRelease, NotRestorable, UnknownRelease
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

Condemned = Mapping[str, datetime]
"""Artifacts that an earlier rollback took out of service, and when it did."""


@dataclass(frozen=True)
class Choice:
    """The release to go back to, and why this one, in words."""

    release: Release
    why: str


def named(releases: Iterable[Release], release_id: str) -> Choice:
    """The release with this id; UnknownRelease or NotRestorable when it cannot be had."""
    known = list(releases)
    for release in known:
        if release.id == release_id:
            if not release.good:
                raise NotRestorable(
                    f"{release_id} is not a release that can serve production ({release.state})",
                    _nearest(known),
                )
            return Choice(release, "named")
    raise UnknownRelease(f"no production release is called {release_id}", _nearest(known))


def serving_at(releases: Iterable[Release], at: datetime, condemned: Condemned | None = None) -> Release | None:
    """What production served at that moment: the last to go live by then that no rollback had taken out."""
    served = [r for r in releases if r.live_from and r.live_from <= at and not _taken_out(r, condemned, by=at)]
    return max(served, key=_went_live, default=None)


def good_at(releases: Iterable[Release], at: datetime, condemned: Condemned | None = None) -> Choice:
    """What was serving at C(at); NoGoodRelease when nothing was, NotRestorable when that cannot serve again."""
    known = list(releases)
    release = serving_at(known, at, condemned)
    if release is None:
        raise NoGoodRelease(f"nothing was serving at {moment.iso(at)}, as far as the vendor remembers", _nearest(known))
    if not release.good:
        raise NotRestorable(f"{release} served at {moment.iso(at)} but cannot any more ({release.state})", _nearest(known, at))
    if _taken_out(release, condemned):
        raise NoGoodRelease(f"{release} served at {moment.iso(at)} but was rolled away from since then", _nearest(known, at))
    return Choice(release, f"was serving on {moment.short(at)}")


def bad_at(releases: Iterable[Release], at: datetime, condemned: Condemned | None = None) -> Choice:
    """The newest good release that served before the one serving at C(at); NoGoodRelease when there is none."""
    known = list(releases)
    bad = serving_at(known, at, condemned)
    if bad is None or bad.live_from is None:
        raise NoGoodRelease(f"nothing was serving at {moment.iso(at)}, as far as the vendor remembers", _nearest(known))
    before = [
        r
        for r in known
        if r.good and r.live_from and r.live_from < bad.live_from and r.artifact != bad.artifact and not _taken_out(r, condemned)
    ]
    if not before:
        raise NoGoodRelease(f"no good release served before {bad}", "Fix forward: deploy a repaired release.")
    return Choice(max(before, key=_went_live), f"newest good one that served before {moment.short(bad.live_from)}")


def last_good_moment(serving: Iterable[Release], together: timedelta) -> datetime | None:
    """The one moment a whole stack goes back to: just before the deployment that the suspect release belongs to.

    C(serving) is what each target was serving when it was bad. The suspect is the last of them to have gone live; those
    that went live no more than C(together) before another suspect were shipped with it. None when nothing ever went live.
    """
    starts = sorted((r.live_from for r in serving if r.live_from), reverse=True)
    if not starts:
        return None
    first = starts[0]
    for start in starts[1:]:
        if first - start > together:
            break
        first = start
    return first - timedelta(milliseconds=1)


def _taken_out(release: Release, condemned: Condemned | None, by: datetime | None = None) -> bool:
    """Whether a rollback took it out of service (C(by) that moment): our own record by artifact, the vendor's by release."""
    times = [time for time in (release.taken_out_at, (condemned or {}).get(release.artifact)) if time]
    if by is None or release.live_from is None:
        return bool(times)
    return any(release.live_from <= time <= by for time in times)  # deployed again since then, it does serve


def _went_live(release: Release) -> tuple[datetime, datetime, str]:
    return (release.live_from or release.created_at, release.created_at, release.id)


def _nearest(releases: Iterable[Release], before: datetime | None = None) -> str:
    """The good ones that were live already C(before) that moment, with their times as C(good_at) takes them."""
    good = [r for r in releases if r.good and r.live_from and (before is None or r.live_from < before)]
    newest = sorted(good, key=_went_live, reverse=True)[:3]
    if not newest:
        return "Fix forward: deploy a repaired release."
    return "Good releases: " + ", ".join(f"{r.id} ({r}) since {moment.iso(r.live_from)}" for r in newest if r.live_from) + "."
