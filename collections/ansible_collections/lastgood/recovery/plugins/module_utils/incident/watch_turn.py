# SPDX-License-Identifier: GPL-3.0-or-later
"""Between two looks of the watch: waiting until the next one is due, and noticing that there is nothing to watch any more."""
from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked, RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import watching
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import next_steps
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import ARGUMENTS as ONE_INCIDENT
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened, write_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch import lock_of
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_words import details, headline
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watching import Pace
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

POLL = 10.0
"""Seconds between two looks into the incident store meanwhile."""
HEARTBEAT = 60.0
"""The longest silence, in seconds: a line every ten for two hours would be nobody's to read."""


def begin_look(options: Options, run: Run) -> Result:
    """Wait until the next look is due; or C(over), when the time is over, or there is nothing to watch any more."""
    incident, facts = opened(options), options["incident"]["watch"]
    Lock(incident.directory.parent, incident.fields["environment"]).release(run.process)  # of a hold that was put back
    pace = Pace(facts["every"], facts["lasts"], facts["again"])
    store, told, patience = Store(options["incident"]["store"]), -HEARTBEAT, time.monotonic() + pace.every
    why, events = _over(store, incident, facts["others"]), incident.journal.events()
    while not why:
        due = watching.next_look(events, pace)
        if due is None:
            return _finished(incident, run, facts["commit"])
        left = (due - datetime.now(UTC)).total_seconds()
        other = busy(incident, run) if left <= 0 else None
        if left <= 0 and (other is None or time.monotonic() > patience):
            return _begun(incident, events)
        if time.monotonic() - told >= HEARTBEAT:
            told = time.monotonic()
            soon = f"look {watching.number(events)} in {moment.span(left)}"
            run.tell(f"waiting for {other['by']}, who changes something" if other else soon)
        time.sleep(min(left, POLL) if left > 0 else 1)
        try:
            store = Store(options["incident"]["store"])
            incident = opened(options)
            why, events = _over(store, incident, facts["others"]), incident.journal.events()
        except RecoveryError as error:  # a store that does not answer ends no watch
            run.tell(f"the incident store does not answer: {error.message}")
    return _stopped(incident, run, why)


def busy(incident: Incident, run: Run) -> dict[str, Any] | None:
    """Who rolls back, keeps or undoes something in this environment now."""
    try:
        return Lock(incident.directory.parent, incident.fields["environment"]).other(run.process)
    except Locked:
        return {"by": "somebody"}


def _over(store: Store, incident: Incident, others: list[str]) -> str:
    """Why there is nothing to watch any more, in words."""
    state = incident.fields["state"]
    if state not in GOING_ON:
        return f"{incident.fields['id']} was {state}"
    going_on = [one.fields["id"] for one in store.incidents(incident.fields["environment"]) if one.fields["state"] in GOING_ON]
    new = [name for name in going_on if name not in (*others, incident.fields["id"])]
    return f"another incident has begun: {new[0]}" if new else ""


def _begun(incident: Incident, events: list[dict[str, Any]]) -> Result:
    count = watching.number(events)
    incident.journal.append("watch_due", number=count)
    return {"due": True, "over": False, "finished": False, "commit": False, "number": count, "phase": f"watch {count}"}


def _stopped(incident: Incident, run: Run, why: str) -> Result:
    """Over before its time."""
    events = incident.journal.events()
    if incident.fields["state"] in GOING_ON:
        incident.journal.append("watch_ended", why=why)
    lock_of(incident).release(run.process)
    code = watching.exit_code(events) if watching.flagged(events) else 0
    ended = {"due": False, "over": True, "finished": False, "commit": False, "number": 0}
    return {**ended, "exit_code": code, "summary": f"the watch ends: {why}"}


def _finished(incident: Incident, run: Run, commit: bool) -> Result:
    """The whole time is over."""
    events = incident.journal.events()
    well, done, flags = watching.is_well(events), watching.looks(events), watching.flagged(events)
    code, count = watching.exit_code(events), watching.number(events)
    commits = commit and well and incident.fields.get("verdict") == "RESTORED"
    seconds = (moment.parse(done[-1]["at"]) - moment.parse(done[0]["begun"])).total_seconds()
    incident.journal.append("watched", well=well, looks=len(done), flags=flags, seconds=round(seconds, 1), commits=commits)
    events = incident.journal.events()
    write_report(incident, next_steps(incident.fields, incident.fields.get("verdict", "")))
    lock_of(incident).release(run.process)
    return {
        "due": False, "over": True, "finished": True, "commit": commits, "number": count, "exit_code": code,
        "screen": [headline(events), *(f"→ {line}" for line in details(events, incident.fields))],
        "summary": headline(events),
    }


TURN = Operation(ONE_INCIDENT, begin_look)
