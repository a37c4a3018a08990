# SPDX-License-Identifier: GPL-3.0-or-later
"""What each target would go back to, and until when its vendor keeps that; and pushes that nobody knows to be held."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.keeping import Kept, kept
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.finding import asked, bad, failed, fine, succeeded, unknown
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

GOES_BACK = "a release that it can go back to"


def releases(
    readings: Mapping[str, Any],
    condemned: Mapping[str, Mapping[str, str]],
    retention: Mapping[str, Any],
    longer: timedelta,
    now: datetime,
) -> list[Check]:
    """For each target one check, C(release of storefront); that one has C(back_to), and C(until) and C(pushes) as far as anybody says."""
    return [_target(target, reading, condemned.get(target) or {}, retention.get(target) or None, longer, now)
            for target, reading in readings.items() if asked(reading)]


def holds(readings: Mapping[str, Any], held_by_incidents: Collection[str]) -> list[Check]:
    """Pushes are held where an incident holds them, and nowhere else."""
    return [
        bad(f"hold of {target}", "new pushes that go live, for no incident holds them", "they are held",
            "If nobody has turned them off on purpose, let them go live again at the vendor; a deployment would not arrive.")
        for target, reading in readings.items()
        if succeeded(reading, "held") and reading.get("holds") and reading.get("held") and target not in held_by_incidents
    ]


def _target(
    target: str, reading: Any, condemned: Mapping[str, str], own: Mapping[str, Any] | None, longer: timedelta, now: datetime
) -> Check:
    name = f"release of {target}"
    if not succeeded(reading, "releases") or not isinstance(reading["releases"], list):
        return failed(name, GOES_BACK, reading, "See whether the vendor answers: playbooks/status.yml -e vendors=true")
    try:
        found = [Release.from_dict(row) for row in reading["releases"]]
        serving = Release.from_dict(reading["serving"]) if reading.get("serving") else None
        found += [serving] if serving and all(one.id != serving.id for one in found) else []
        gone = {artifact: moment.parse(at) for artifact, at in condemned.items()}
        back = choice.bad_at(found, now, gone).release
        limit = kept(back, found, reading.get("retention"), own, now)
    except RecoveryError as error:
        return bad(name, GOES_BACK, error.message, error.hint or "Deploy a commit that you would go back to, then what serves now.")
    except (KeyError, TypeError, ValueError) as error:
        return unknown(name, GOES_BACK, f"an answer that cannot be read: {type(error).__name__}", "See what release_info returns for it.")
    facts = {"back_to": str(back), "until": limit.until and moment.iso(limit.until) if limit else None, "pushes": limit and limit.pushes}
    return {**_kept(name, str(back), str(reading.get("vendor", "the vendor")), limit, longer, now), **facts}


def _kept(name: str, back: str, vendor: str, limit: Kept | None, longer: timedelta, now: datetime) -> Check:
    if limit is None:
        return fine(name, back)
    wanted = f"{back} to be kept for {moment.span(longer.total_seconds())} more"
    again = "Deploy that commit once more, and then what serves now: its build is a new one then."
    if limit.until and limit.until <= now + longer:
        told = f"{vendor} keeps it until {moment.short(limit.until)}"
        if limit.sure:
            return bad(name, wanted, told, again)
        return unknown(name, wanted, f"{told}, or longer by the price plan", "Say what your plan keeps: retention in the inventory.")
    if limit.pushes is not None and limit.pushes < 1:
        return bad(name, f"{back} to be kept when the next release is made", f"{vendor} keeps no more releases", again)
    return fine(name, back)
