# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases that a vendor manages: the one that serves, those prepared beside it, those kept from before, and what they are called."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils import moment

PENDING, READY, FAILED = "pending", "ready", "failed"
STAMP = "%Y%m%dt%H%M%S"
NAMED = re.compile(r"[-_](at|of|old|undone)[-_]([a-z0-9]+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Backup:
    id: str
    at: datetime
    size: int | None = None
    """Bytes, where the vendor tells."""


@dataclass(frozen=True)
class Point:
    """What to go back to: a backup, or a moment where there is none of it."""

    at: datetime
    backup: str = ""


@dataclass(frozen=True)
class Place:
    """One database at the vendor: an instance, a branch, an add-on."""

    id: str
    """Empty for one that should serve and is not there: a swap was cut off when what served had gone aside already."""
    name: str
    prepared_as: str = ""
    """The name it was prepared under, also where it has another one now; empty for one that was not made by us."""
    state: str = READY
    problem: str = ""
    """Why it is FAILED, in words."""
    kept_at: datetime | None = None
    """When another one took its place; None for one that serves, or never did."""
    undone: bool = False
    """It was taken out of service by an undo."""


@dataclass(frozen=True)
class Standing:
    """C(earliest) and C(latest) are the window of moments that the vendor can go back to; None when it knows no moments."""

    serves: Place
    earliest: datetime | None = None
    latest: datetime | None = None
    backups: list[Backup] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    """All others that were prepared or kept."""

    @property
    def newest_kept(self) -> Place | None:
        kept = [place for place in self.places if place.kept_at]
        return max(kept, key=lambda place: place.kept_at or datetime.min.replace(tzinfo=UTC), default=None)

    def prepared(self, name: str) -> Place | None:
        """The one that was prepared under that name and does not serve."""
        return next((place for place in self.places if place.prepared_as == name and not place.kept_at), None)


class ManagedDatabase(Protocol):
    """One database at one vendor. What a vendor cannot do raises Refused, before anything is asked for."""

    name: str
    """The vendor's name, as people write it."""

    def standing(self) -> Standing:
        """What there is now, read afresh; C(serves) is settled, or its state is PENDING."""

    def prepare(self, point: Point, name: str) -> None:
        """Ask for a new place with what there was then, beside what serves. There is none of that name yet."""

    def url(self, place: Place) -> str | None:
        """Where psycopg reaches it, password included; None when the vendor, or the network, lets nobody connect from here."""

    def serve(self, place: Place, keep_as: str) -> None:
        """Ask that applications get this one, and that what served is kept under that name. Asked again, it reads first what is done."""

    def serving(self, place: Place) -> bool:
        """Whether applications get it, and nothing is on its way any more; ActivationFailed when the vendor gave up."""

    def remove(self, place: Place) -> None:
        """Remove one that was prepared, and never served."""


def base(name: str) -> str:
    """The name without what was added to it here."""
    while NAMED.search(name):
        name = NAMED.sub("", name)
    return name


def name_for(serves: str, point: Point) -> str:
    """C(shop-at-20261122t023700) or C(shop-of-b001): the same for the same wish, so that a run that was cut off finds what it made."""
    if point.backup:
        return f"{base(serves)}-of-{re.sub('[^a-z0-9]', '', point.backup.lower())[-24:]}"
    return f"{base(serves)}-at-{stamp(point.at)}"


def name_to_keep(serves: str, undo: bool, now: datetime) -> str:
    """C(shop-old-20261122t094500123), or C(shop-undone-…) for what an undo takes out of service; to the millisecond, so that they sort."""
    return f"{base(serves)}-{'undone' if undo else 'old'}-{stamp(now)}{now.microsecond // 1000:03}"


def kept_since(name: str) -> tuple[datetime | None, bool]:
    """C(kept_at) and C(undone) as C(name_to_keep) wrote them into a name; None when it did not."""
    found = re.search(r"[-_](old|undone)[-_](\d{8}t\d{6})(\d{3})(?![a-z0-9])", name, re.IGNORECASE)
    return (_moment(found[2]) + timedelta(milliseconds=int(found[3])), found[1].lower() == "undone") if found else (None, False)


def moment_in(name: str) -> datetime | None:
    """The moment that a place of that name holds, where the name tells it."""
    found = re.search(r"[-_]at[-_](\d{8}t\d{6})(?:x\d+)?$", name, re.IGNORECASE)
    return _moment(found[1]) if found else None


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime(STAMP)


def _moment(text: str) -> datetime:
    return datetime.strptime(text.lower(), STAMP).replace(tzinfo=UTC)


def told(place: Place) -> dict[str, str | None]:
    """As results tell it."""
    at = moment_in(place.prepared_as)
    return {"id": place.id, "name": place.name, "prepared_as": place.prepared_as or None, "holds": moment.iso(at) if at else None}
