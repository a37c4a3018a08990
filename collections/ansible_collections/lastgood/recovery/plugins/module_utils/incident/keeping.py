# SPDX-License-Identifier: GPL-3.0-or-later
"""How much longer a vendor keeps what a target would go back to; after that only a new build of the old commit helps."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

SOON = timedelta(days=3)
FEW = 2
"""Newer releases until it is gone that are too few to rest on."""
KNOWN = {"days", "releases"}


@dataclass(frozen=True)
class Kept:
    """C(until) the moment it is gone, or C(pushes) releases from now; C(sure) when the vendor's project or the inventory says so."""

    until: datetime | None
    pushes: int | None
    sure: bool

    def as_dict(self) -> dict[str, Any]:
        return {"until": self.until and moment.iso(self.until), "releases": self.pushes, "sure": self.sure}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Kept:
        """The inverse of C(as_dict)."""
        return cls(moment.parse(fields["until"]) if fields["until"] else None, fields["releases"], fields["sure"])


def kept(
    target: Release, releases: Sequence[Release], vendor: Mapping[str, Any] | None, own: Mapping[str, Any] | None, now: datetime
) -> Kept | None:
    """How long C(target) is kept; None when nothing says so. C(own), the inventory's, goes before what the vendor is known for.

    Days count from when it was made; where the vendor counts C(from) its removal, from when the next one went live.
    """
    limits = own or vendor or {}
    unknown = sorted(set(own or ()) - KNOWN)
    if unknown:
        raise Refused(f"retention has no {unknown[0]}", "It has days or releases, what the vendor keeps on your plan.")
    days, number = limits.get("days"), limits.get("releases")
    until = None
    newer = {one.id for one in releases if one.good and one.created_at > target.created_at}
    if days is not None and len(newer) >= int(limits.get("at_least") or 0):
        began = _removed(target, releases) if (vendor or {}).get("from") == "removal" else target.created_at
        until = (began or now) + timedelta(days=float(days))
    pushes = None
    if number is not None:
        pushes = max(0, int(number) - 1 - len(newer))
    return Kept(until, pushes, bool(own or limits.get("sure"))) if until or pushes is not None else None


def warning(name: str, vendor: str, found: Kept, now: datetime) -> str:
    """What to tell, when it is gone soon; empty when it is not."""
    if found.until and found.until - now <= SOON:
        if not found.sure:
            until = moment.short(found.until)
            return f"{name}: {vendor} keeps it until {until}, or longer by your plan: give retention in the inventory."
        if found.until <= now:
            return f"{name}: {vendor} has kept it longer than it says it does, since {moment.short(found.until)}."
        return f"{name}: {vendor} keeps it until {moment.short(found.until)}, {moment.span((found.until - now).total_seconds())} more."
    if found.pushes is not None and found.pushes <= FEW:
        return f"{name}: {vendor} keeps it for {found.pushes} more releases."
    return ""


def _removed(target: Release, releases: Sequence[Release]) -> datetime | None:
    """When the next one went live; None while it serves."""
    later = [one.live_from for one in releases if one.live_from and target.live_from and one.live_from > target.live_from]
    return min(later, default=None)
