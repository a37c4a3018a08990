# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups: fresh, restored beside, proved, looked at and dropped again; and how far back a vendor takes its databases."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.finding import (
    asked,
    bad,
    failed,
    fine,
    left_out,
    succeeded,
    unknown,
)

BACK_UP = "Take one now: playbooks/back-up-database.yml; then see why its schedule did not."
RESTORABLE = "a backup that can be restored"


def databases(told: Mapping[str, Mapping[str, Any]], within: timedelta, restore: bool, now: datetime) -> list[Check]:
    """For each target of C(told), which has C(backups), C(restored), C(looked), C(dropped) and C(windows), results of modules."""
    found: list[Check] = []
    for target, said in told.items():
        if asked(said.get("backups")):
            found += [_fresh(target, said.get("backups"), within, now), *_restored(target, said, restore)]
        if asked(said.get("windows")):
            found.append(_window(target, said.get("windows"), within, now))
        if not asked(said.get("backups")) and not asked(said.get("windows")):
            found.append(unknown(f"backup of {target}", "backups of it in the inventory", "none are declared",
                                 "Give database.backups.destination, or say by options where its vendor has it."))
    return found


def _fresh(target: str, result: Any, within: timedelta, now: datetime) -> Check:
    name, wanted = f"backup of {target}", f"one from the last {moment.span(within.total_seconds())}"
    if not succeeded(result, "newest"):
        return failed(name, wanted, result, "See whether the place of the backups can be reached from here.")
    newest = result.get("newest")
    spoilt = [f"{row['path']}: {', '.join(row['problems'])}" for row in result.get("backups") or [] if row.get("state") == "damaged"]
    if not newest:
        return bad(name, wanted, "; ".join(["there is none", *spoilt]), BACK_UP)
    taken = moment.parse(newest["taken_at"])
    if now - taken > within:
        return bad(name, wanted, f"the newest is of {moment.short(taken)}, {moment.span((now - taken).total_seconds())} ago", BACK_UP)
    if spoilt:
        return bad(name, "backups that are whole", "; ".join(spoilt), "Move it away, and find out what damaged it.")
    return fine(name, f"of {moment.short(taken)}", until=moment.iso(taken + within))


def _restored(target: str, said: Mapping[str, Any], restore: bool) -> list[Check]:
    name = f"restore of {target}"
    if not restore:
        return [left_out(name, "left out by readiness_restore")]
    result, looked = said.get("restored"), said.get("looked")
    if not isinstance(result, Mapping) or not succeeded(result, "rehearsal"):
        return [failed(name, RESTORABLE, result, BACK_UP)]
    rehearsal = result.get("rehearsal")
    if not rehearsal:
        return [unknown(name, RESTORABLE, "nothing is restored in check mode", "Run it without --check.")]
    return [fine(name, "restored beside and proved"), _looked(target, looked), *_dropped(target, rehearsal, said.get("dropped"))]


def _looked(target: str, looked: Any) -> Check:
    name = f"data of {target}"
    if not asked(looked):
        return unknown(name, "data checks of what was restored", "none are declared",
                       "Say what must be true of it: data_checks.database, docs/checks.md.")
    if not succeeded(looked, "verdict") or looked["verdict"] not in ("OK", "BAD", "UNKNOWN"):
        return failed(name, "data checks that pass on what was restored", looked, "See docs/checks.md.")
    if looked["verdict"] == "OK":
        return fine(name, str(looked.get("summary", "")))
    wrong = bad if looked["verdict"] == "BAD" else unknown
    return wrong(name, "data checks that pass on what was restored", str(looked.get("summary", "")),
                 "Find out since when the backups lack it: restore an older one beside, by postgres_restore with mode rehearsal.")


def _dropped(target: str, rehearsal: str, dropped: Any) -> list[Check]:
    if succeeded(dropped, "purged"):
        return []
    todo = f"Drop {rehearsal} by hand; the next rehearsal does so, too."
    return [failed(f"rehearsal of {target}", f"{rehearsal} to be dropped", dropped, todo)]


def _window(target: str, result: Any, within: timedelta, now: datetime) -> Check:
    name, wanted = f"point in time of {target}", "a moment of the last hours that it can be taken back to"
    if not succeeded(result, "goes_back"):
        return failed(name, wanted, result, "See at the vendor how far back this database can be taken.")
    if not result.get("holds"):
        return unknown(name, wanted, "the vendor does not say which", "See at the vendor how far back this database can be taken.")
    holds = moment.parse(result["holds"])
    if now - holds > within:
        return bad(name, wanted, f"no later than {moment.short(holds)}", "See at the vendor why it takes no newer backups.")
    return fine(name, f"{result.get('vendor', 'its vendor')} takes it back to {moment.short(holds)}")
