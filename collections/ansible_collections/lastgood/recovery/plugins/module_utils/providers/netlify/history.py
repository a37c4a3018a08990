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
    return [_taken_out(_first(r, usual, again[r.id]) if r.id in again else r, r, published, serving) for r in releases]


def _published_again(published: list[Release], usual: timedelta) -> dict[str, datetime]:
    """By id those that were published more than once, with a time at which each had been published already; C(published) is oldest first.

    It is published after a newer one was, or far too late for its build, or after an older one had been put in its place.
    """
    again: dict[str, datetime] = {}
    for number, release in enumerate(published):
        overtaken = [newer.created_at for newer in published[number + 1 :] if _live(newer) < _live(release)]
        older = [_live(one) for one in published[:number] if one.id in again]
        put_back = [time for time in older if release.created_at < time < _live(release)]
        late = [_live(release)] if _lag(release) > usual + LATE else []
        if known := [*overtaken, *put_back, *late]:
            again[release.id] = min(known)
    return again


def _first(release: Release, usual: timedelta, known: datetime) -> Release:
    """With its first publication, which nobody knows, where an ordinary build would have put it."""
    built = release.created_at + usual
    return replace(release, live_from=built if built <= known else release.created_at)


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
