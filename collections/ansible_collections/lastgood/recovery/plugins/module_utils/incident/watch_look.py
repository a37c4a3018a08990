# SPDX-License-Identifier: GPL-3.0-or-later
"""One look of the watch: the tripwire, and what all checks of it come to."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import SEVERITY
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import watching
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import next_steps
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import ARGUMENTS as ONE_INCIDENT
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened, write_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.tripwire import hold_again, trip
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_turn import busy
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_words import details, headline
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watching import TRIPWIRE
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    **ONE_INCIDENT,
    "number": {"type": "int", "required": True},
    "readings": {"type": "dict", "required": True},
    "hold_again": {"type": "bool", "default": False},
}


def judge(options: Options, run: Run) -> Result:
    """What this look has seen, in the journal and in words; it does not count when a rollback, commit or undo came in between."""
    incident, count = opened(options), options["number"]
    store = Store(options["incident"]["store"])
    events = incident.journal.events()
    if _disturbed(incident, events, count, run):
        return {"counts": False, "hold_again": [], "flags": [], "summary": f"look {count} does not count: somebody is changing something"}
    checks = trip(events, options["readings"], store.condemned(incident.fields["environment"]))
    if checks:
        worst = max((check["verdict"] for check in checks), key=SEVERITY.index)
        incident.journal.append("checked", kind=TRIPWIRE, phase=f"watch {count}", verdict=worst, checks=checks)
    look = watching.judge_look(incident.journal.events(), count, incident.run)
    incident.journal.append("watch_look", **look)
    events = incident.journal.events()
    write_report(incident, next_steps(incident.fields, incident.fields.get("verdict", "")))
    again, warning = _holding(incident, hold_again(checks) if options["hold_again"] else [], options, run)
    warnings = {"warnings": [warning]} if warning else {}
    return {
        "counts": True,
        "verdict": look["verdict"],
        "flags": look["flags"],
        "findings": look["findings"],
        "hold_again": again,
        "summary": "; ".join([headline(events), *details(events, incident.fields)]),
        **warnings,
    }


def _holding(incident: Incident, targets: list[str], options: Options, run: Run) -> tuple[list[str], str]:
    """The targets again, under the environment's lock, or none while somebody else has it; the next look lets go of it."""
    if not targets:
        return [], ""
    fields = incident.fields
    holder = {key: fields[key] for key in ("environment", "reason")} | {"incident": fields["id"], "by": options["incident"]["by"]}
    try:
        Lock(incident.directory.parent, fields["environment"]).take(holder, run.process)
    except Locked as error:
        return [], f"the hold of {', '.join(targets)} was not put back: {error.message}"
    return targets, ""


def _disturbed(incident: Incident, events: list[dict[str, Any]], count: int, run: Run) -> bool:
    """Whether another run has changed something since the look began, or may be about to."""
    start = next(index for index, event in reversed(list(enumerate(events))) if event["event"] == "watch_due" and event["number"] == count)
    foreign = {event.get("run") for event in events[start:] if event["event"] in ("lock_taken", "resumed", "intent")} - {incident.run}
    return bool(foreign) or incident.fields["state"] not in GOING_ON or busy(incident, run) is not None


LOOK = Operation(ARGUMENTS, judge)
