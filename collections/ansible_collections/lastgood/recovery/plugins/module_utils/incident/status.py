# SPDX-License-Identifier: GPL-3.0-or-later
"""What is going on in an environment: what every target serves, the incident, the lock, what to type next. Changes nothing."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import contacts
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import BY_SCENARIO, USUAL, approve, command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.reading import Found, read_store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import seconds_between, text, time_of
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.status_screen import screen
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import AWAITING, GOING_ON, Incident, Store, condemned_by
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import COULD_NOT_VERIFY, EXIT_CODES, RESTORED
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "environment_title": {"type": "str"},
    "readings": {"type": "dict", "required": True},
    "file": {"type": "path"},
    **contacts.ARGUMENTS,
}


def status(options: Options, run: Run) -> Result:
    """The status as data and as a screen. C(exit_code) is 12 where a target, an incident or the lock cannot be read, else 0."""
    now, store = datetime.now(UTC), Store(options["store"])
    found = _found(store)
    mine = found.of(options["environment_name"])
    targets = read_targets(options["readings"], condemned_by(mine))
    lock = read_lock(store, options["environment_name"], now)
    told = {
        "environment": options["environment_name"],
        "environment_title": options["environment_title"] or options["environment_name"].upper(),
        "at": moment.iso(now),
        "targets": targets,
        "on_call": options["contacts"].get("on_call") or "",
        "incidents": [read_incident(incident, now, options) for incident in mine if incident.fields["state"] in (*GOING_ON, AWAITING)],
        "lock": lock,
        "last_verdict": _last_verdict(mine),
        "unreadable": found.unreadable,
    }
    unread = [target["target"] for target in targets if target["read"] is False]
    whole = not unread and not found.unreadable and not (lock and lock["unreadable"])
    if options["file"] and not run.check:
        Path(options["file"]).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return {
        "status": told,
        "unread": unread,
        "exit_code": 0 if whole else EXIT_CODES[COULD_NOT_VERIFY],
        "screen": screen(told),
        "summary": f"{len(targets) - len(unread)} of {len(targets)} targets read" + (f", not {', '.join(unread)}" if unread else ""),
    }


def _found(store: Store) -> Found:
    """The incidents; a store that is out of reach must not hide what the targets serve."""
    try:
        return read_store(store)
    except RecoveryError as error:
        return Found([], {"the incident store": error.message})


def read_targets(readings: Mapping[str, Any], condemned: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Of each target {target, read, why, vendor, release, title, since, held, condemned_at}.

    C(read) is None for what has no releases, and false where it could not be read, with C(why). C(held) is None where the vendor cannot
    hold pushes.
    """
    rows = []
    for target, reading in readings.items():
        row: dict[str, Any] = {"target": target, "read": None, "why": "", "vendor": "", "release": "", "title": "", "since": None,
                               "held": None, "condemned_at": None}
        if not isinstance(reading, Mapping) or (not reading.get("skipped") and "serving" not in reading):
            msg = reading.get("summary") or reading.get("msg") if isinstance(reading, Mapping) else ""
            row |= {"read": False, "why": " ".join(text(msg).split()).removesuffix("; nothing was changed") or "it gave no answer"}
        elif "serving" in reading:
            row |= {"read": True, "vendor": text(reading.get("vendor")), "held": reading.get("held") if reading.get("holds") else None}
            row |= _serving(reading["serving"], condemned.get(target) or {})
        rows.append(row)
    return rows


def _serving(serving: dict[str, Any] | None, condemned: Mapping[str, str]) -> dict[str, Any]:
    if serving is None:
        return {"release": "nothing"}
    release = Release.from_dict(serving)
    return {"release": str(release), "title": text(release.title), "since": serving.get("live_from"),
            "condemned_at": condemned.get(release.artifact)}


def read_incident(incident: Incident, now: datetime, people: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One that is going on: {id, scenario, severity, state, reason, lead, opened_at, age, seen, verdict, missing, until, next, call}.

    C(people) are the C(contacts) and the C(escalation) of the inventory, which go before those that the incident was opened with.
    """
    fields, events = incident.fields, incident.journal.events()
    facts = {**fields, "id": incident.directory.name, "store": str(incident.directory.parent)}
    awaited: dict[str, Any] = next((event for event in reversed(events) if event.get("event") == "approval_missing"), {})
    waits = fields["state"] == AWAITING
    known = {name: (people or {}).get(name) or facts.get(name) for name in contacts.ARGUMENTS}
    seen = [at for at in (time_of(event.get("at")) for event in events) if at]
    return {
        **{key: text(facts.get(key)) for key in ("id", "scenario", "severity", "state", "reason", "lead")},
        "opened_at": moment.iso(opened) if (opened := time_of(fields["opened_at"])) else None,
        "age": seconds_between(opened, now),
        "seen": seconds_between(max(seen), now) if seen else None,
        "verdict": text(fields.get("verdict")),
        "missing": awaited.get("missing") if waits and isinstance(awaited.get("missing"), dict) else {},
        "until": fields.get("approve_until") if waits else None,
        "next": _next(facts),
        "call": _calls({**facts, **known}, awaited if waits else {}, now),
    }


def _calls(facts: Mapping[str, Any], awaited: Mapping[str, Any], now: datetime) -> list[str]:
    """Those whose approval is missing; else, while it is not restored, whom to call."""
    if isinstance(awaited.get("missing"), dict):
        return [f"Call {text}" for text in contacts.whose_word(facts["contacts"] or {}, awaited["missing"])]
    return [call] if facts.get("verdict") != RESTORED and (call := contacts.to_call(facts, now)) else []


def _next(facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """What can be typed, and to what end."""
    again = command({**facts, "scenario": USUAL}, BY_SCENARIO.get(facts["scenario"], f"rollback-{facts['scenario']}"))
    if facts["state"] == AWAITING:
        return [{"to": "approve it", "command": approve(facts)}, {"to": "go on then", "command": again}]
    if facts["state"] == "started":
        return [{"to": "go on with it", "command": again}, {"to": "undo", "command": command(facts, "undo")}]
    return [{"to": "keep it", "command": command(facts, "commit")}, {"to": "undo", "command": command(facts, "undo")}]


def read_lock(store: Store, environment: str, now: datetime) -> dict[str, Any] | None:
    """Who holds the lock: {by, since, age, incident, reason, host, process, unreadable}; None when nobody does."""
    try:
        holder = Lock(store.root, environment).holder()
    except RecoveryError as error:
        return {"unreadable": error.message}
    if holder is None:
        return None
    told = {key: text(holder.get(key)) for key in ("by", "since", "incident", "reason", "host", "process")}
    return {**told, "age": seconds_between(time_of(holder.get("since")), now), "unreadable": ""}


def _last_verdict(incidents: Sequence[Incident]) -> dict[str, str] | None:
    """Of the newest incident that has one."""
    for incident in reversed(incidents):
        if incident.fields.get("verdict"):
            given = [event for event in incident.journal.events() if event.get("event") == "verdict"]
            at = time_of(given[-1].get("at")) if given else None
            return {"incident": incident.directory.name, "verdict": text(incident.fields["verdict"]), "at": moment.iso(at) if at else "",
                    "state": text(incident.fields["state"])}
    return None


STATUS = Operation(ARGUMENTS, status)
