# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database is wanted: the one of a moment, of a backup, one that is named, or the one from before."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import Place, Point, Standing, moment_in, name_for
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotRestorable, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options


@dataclass(frozen=True)
class Wish:
    """C(name) is that of the place wanted, C(place) itself where there is one already, C(since) the moment that it holds."""

    name: str
    since: datetime | None
    place: Place | None = None
    point: Point | None = None


def wished(standing: Standing, options: Options, now: datetime) -> Wish | None:
    """None when an undo is wanted and was done already."""
    if options["undo"]:
        kept = standing.newest_kept
        if kept is None:
            raise Refused("nothing is kept from before", "Give good_at or backup; or name what is to serve with place.")
        return None if kept.undone else Wish(kept.name, kept.kept_at, kept)
    if options["place"]:
        return _named(standing, options["place"])
    if options["backup"]:
        return _there_or_new(standing, _backup(standing, options["backup"]))
    if options["good_at"]:
        at = moment.parse(options["good_at"], now).replace(microsecond=0)
        there = _there_or_new(standing, Point(at))
        # What was made for that moment has a window of its own, which begins later.
        made = there.place or there.name == standing.serves.prepared_as
        return there if made else _there_or_new(standing, _moment(standing, at, now))
    raise Refused("nothing is asked for", "Give good_at, backup, place or undo.")


def _there_or_new(standing: Standing, point: Point) -> Wish:
    name = _free(standing, name_for(standing.serves.prepared_as or standing.serves.name, point))
    return Wish(name, point.at, standing.prepared(name), point)


def _named(standing: Standing, name: str) -> Wish:
    for place in (standing.serves, *standing.places):
        if name in (place.id, place.name, place.prepared_as):
            return Wish(place.name, place.kept_at or moment_in(place.prepared_as), place)
    there = ", ".join(place.name for place in standing.places) or "no other than the one that serves"
    raise Refused(f"there is no {name}", f"There is {there}.")


def _backup(standing: Standing, id: str) -> Point:
    for backup in standing.backups:
        if backup.id == id:
            return Point(backup.at, backup.id)
    newest = sorted(standing.backups, key=lambda backup: backup.at, reverse=True)[:3]
    there = ", ".join(f"{backup.id} of {moment.short(backup.at)}" for backup in newest)
    raise NotRestorable(f"there is no backup {id}", f"The newest are {there}." if there else "There is no backup at all; give good_at.")


def _moment(standing: Standing, at: datetime, now: datetime) -> Point:
    """That very moment within the window; before it, and where there is no window, the newest backup until then."""
    if at > now:
        raise Refused(f"{moment.iso(at)} is still to come", "Give a moment that is past.")
    if standing.earliest and standing.latest and standing.earliest <= at <= standing.latest:
        return Point(at)
    window = "it can go back to no moment, to backups only"
    if standing.earliest and standing.latest:
        window = f"it can go back to {moment.iso(standing.earliest)} at the earliest, and to {moment.iso(standing.latest)} at the latest"
        if at > standing.latest:
            raise NotRestorable(f"{moment.iso(at)} is too recent: {window}", "Give an earlier moment, or run the same command again later.")
    before = [backup for backup in standing.backups if backup.at <= at]
    if not before:
        oldest = min((moment.iso(backup.at) for backup in standing.backups), default="")
        there = f"the oldest backup is of {oldest}" if oldest else "there is no backup"
        kept = standing.newest_kept
        hint = f"Give a later moment; or let {kept.name} serve first, which may go back further." if kept else "Give a later moment."
        raise NotRestorable(f"{moment.iso(at)} is too long ago: {window}, and {there}", hint)
    newest = max(before, key=lambda backup: backup.at)
    return Point(newest.at, newest.id)


def _free(standing: Standing, name: str) -> str:
    """Another one when a database that has served since, and was written to, bears it."""
    number, free = 1, name
    while any(place.kept_at and place.prepared_as == free for place in standing.places):
        number += 1
        free = f"{name}x{number}"
    return free
