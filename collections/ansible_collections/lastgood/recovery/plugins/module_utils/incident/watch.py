# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking up the watch of what was rolled back. It has a lock of its own, not the environment's: a rollback may start at any time."""
from __future__ import annotations

import math
import re
import secrets
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import watching
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watching import Pace
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "scenario": {"type": "str", "required": True},
    "lead": {"type": "str"},
    "every": {"type": "str", "default": "15 min"},
    "lasts": {"type": "str", "default": "2 h"},
    "again": {"type": "str", "default": "1 min"},
    "commit": {"type": "bool", "default": False},
    "break_lock": {"type": "str"},
    "break_lock_reason": {"type": "str"},
}
MOST = 1000
"""Looks of one watch."""


def take_up(options: Options, run: Run) -> Result:
    """The incident as facts, and C(looks): as many turns as the watch can take. Locked while another run watches it."""
    pace, store = _pace(options), Store(options["store"])
    incident = store.active(options["environment_name"], options["scenario"])
    if incident is None:
        raise Refused(
            f"no {options['scenario']} incident is going on in {options['environment_name']}",
            f"Look into {store.address}: an incident that was committed or undone is over, and needs no watch.",
        )
    fields, events = incident.fields, incident.journal.events()
    verdicts = [event for event in events if event["event"] == "verdict"]
    if not verdicts or fields["state"] != "rolled_back":
        raise Refused(f"the rollback of {fields['id']} has not come to its end", "First run the same command again.")
    known = any(event["event"] == "watch_begun" for event in watching.period(events))
    incident.run, by = secrets.token_hex(3), options["lead"] or fields["lead"]
    others = [one.fields["id"] for one in store.incidents(options["environment_name"]) if one.fields["state"] in GOING_ON]
    facts = {
        **fields,
        "rto": None,  # it was for the rollback
        "store": store.address,
        "directory": str(incident.directory),
        "journal": "" if run.check else str(incident.journal.path),
        "run": incident.run,
        "by": by,
        "watch": {"every": pace.every, "lasts": pace.lasts, "again": pace.again, "commit": options["commit"], "others": others},
    }
    words = f"a look every {moment.span(pace.every)} for {moment.span(pace.lasts)}"
    if not run.check:
        _take_lock(incident, options, by, run)
        incident.journal.append("watch_begun", by=by, every=pace.every, lasts=pace.lasts, again=pace.again)
    return {
        "ansible_facts": {"incident": facts},
        "looks": [] if run.check else list(range(1, pace.turns + 1)),
        "targets": sorted(row["target"] for row in incident.planned()),
        "kinds": sorted({check["kind"] for check in watching.at_the_verdict(events)} - {""}),
        "screen": [
            f"{fields['environment_title']} · {fields['id']} · {fields.get('verdict', '')}",
            f"The watch goes on at look {watching.number(events)}, {words}." if known else f"Watched now: {words}.",
            "",
        ],
        "summary": f"{fields['id']} is watched, {words}",
    }


def _take_lock(incident: Incident, options: Options, by: str, run: Run) -> None:
    fields, lock = incident.fields, lock_of(incident)
    breaks, reason = options["break_lock"] or "", (options["break_lock_reason"] or "").strip()
    if breaks and not reason:
        raise Refused("a lock is not broken without a reason", "Say how you know that run to be dead: -e break_lock_reason='…'")
    if breaks and lock.refusal() == breaks:
        incident.journal.append("overridden", id=breaks, reason=reason, by=by, refusal="the incident is watched already")
    lock.take({"by": by, "environment": fields["environment"], "incident": fields["id"], "reason": fields["reason"]}, run.process, breaks)


def lock_of(incident: Incident) -> Lock:
    """Of this watch."""
    return Lock(incident.directory.parent, f"watch-{incident.directory.name}", "watching {incident}")


def _pace(options: Options) -> Pace:
    every, lasts, again = (_seconds(name, options[name]) for name in ("every", "lasts", "again"))
    if lasts / every > MOST:
        raise Refused(f"that would be more than {MOST} looks", "Look less often, or not for so long.")
    return Pace(every, lasts, again)


def _seconds(name: str, given: str) -> float:
    """Of C(900) or C(15 min)."""
    try:
        seconds = float(given) if re.fullmatch(r"[0-9.]+", given.strip()) else duration.seconds(given)
    except ValueError:
        seconds = math.nan
    if not (0 < seconds < math.inf or (name != "every" and seconds == 0)):
        raise Refused(f"{name} is no duration: {given}", "Write 15 min, 2 h, or a number of seconds.")
    return seconds


WATCH = Operation(ARGUMENTS, take_up)
