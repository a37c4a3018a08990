# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling one stage of an incident in every channel: at once, in a few seconds, once each, and never at the rollback's expense."""
from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor import keep_head
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import next_steps
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened, write_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Incident
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling import record as told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.configured import Configured, Place, configured
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.rendering import Rendered, known_of, render
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.sending import in_doubt, send
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.wording import STAGES
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

BY_VERDICT = {"RESTORED": "restored", "NOT RESTORED": "not_restored", "PARTIAL": "partial", "COULD NOT VERIFY": "unverified"}
ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "stage": {"type": "str", "required": True, "choices": [*STAGES, "verdict"]},
    "telling": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "deliver": {"type": "bool", "default": True},
    "test": {"type": "bool", "default": False},
    "number": {"type": "int"},
    "note": {"type": "str", "default": ""},
    "seconds": {"type": "float", "default": 5},
}


def tell(options: Options, run: Run) -> Result:
    """What was told where, or why not; never an error, except in check mode for what is wrong in the inventory."""
    if not options["telling"].get("channels"):
        return {}
    if run.check:
        return _foreseen(options)
    try:
        return _tell(options, opened(options))
    except RecoveryError as error:
        return {"warnings": [f"nothing was told: {error.message}"]}
    except Exception as error:  # whatever it is: the rollback goes on
        return {"warnings": [f"nothing was told: {type(error).__name__}"]}


def _foreseen(options: Options) -> Result:
    """What would be said, and nothing is."""
    setup = configured(options["telling"], options["secrets"], strictly=True)
    facts = options["incident"]
    if options["stage"] == "verdict" or not (facts.get("plan") or {}).get("changes", True):
        return {}
    rendered = render(known_of(facts, None, setup), setup, options["stage"], 1, options["test"] or setup.test)
    lines = [f"  would tell {place.name} ({place.audience}): {rendered.title(place)}" for place in _readers(setup, rendered)]
    note = [] if options["deliver"] else ["  (deliver_notifications is off: it would be shown, and not sent)"]
    texts = {place.name: {"title": rendered.title(place), "text": rendered.message(place).text} for place in _readers(setup, rendered)}
    return {"screen": [*lines, *note], "messages": texts} if lines else {}


def _readers(setup: Configured, rendered: Rendered) -> list[Place]:
    return [place for place in setup.places if rendered.stage in place.stages and rendered.has(place)]


def _tell(options: Options, incident: Incident) -> Result:
    until = time.monotonic() + options["seconds"]
    stage = _of_this_run(incident) if options["stage"] == "verdict" else options["stage"]
    if not stage:
        return {}
    with told.alone(incident.directory, options["seconds"]) as free:
        if not free:
            return {"warnings": [f"{stage} was not told: something else of this incident is still being told"]}
        record = told.Record(incident.directory / "told.json")
        if not (record.begun if stage != "started" else _moves(options, incident)):
            return {}
        setup = configured(options["telling"], options["secrets"], strictly=False)
        now = datetime.now(UTC)
        number = record.number(stage, moment.iso(now), options["number"])
        known = known_of(incident.fields, incident, setup, note=options["note"])
        rendered = render(known, setup, stage, number, options["test"] or setup.test)
        doubtful = in_doubt(record, setup) if options["deliver"] else []
        fresh = [*doubtful, *_note(record, setup, rendered, options["deliver"], moment.iso(now))]
        rows = send(record, setup, until) if options["deliver"] else []
        for place, row in [*fresh, *rows]:
            event = {"stage": row["stage"], "number": row["number"], "channel": place.name, "state": row["state"]}
            link = {"link": row["link"]} if row.get("link") else {}
            incident.journal.append("told", **event, summary=row["message"]["title"], **link)
        missing = keep_head(incident.journal, incident.fields.get("anchor")) if (fresh or rows) and stage != "progress" else ""
        if (incident.directory / "report.html").exists() and (fresh or rows) and stage != "progress":
            write_report(incident, next_steps(incident.fields, incident.fields.get("verdict", "")) if _goes_on(incident) else [])
    goes_on = {"every": setup.every} if options["deliver"] and setup.every and stage == "started" else {}
    result = {**_result(setup, [*fresh, *rows], rendered, stage), **goes_on}
    return {**result, "warnings": [*result.get("warnings", []), missing]} if missing else result


def _of_this_run(incident: Incident) -> str:
    """The stage that its verdict is; empty when this run has none, whatever an earlier one had."""
    verdicts = [event for event in incident.journal.events() if event["event"] == "verdict" and event.get("run") == incident.run]
    return BY_VERDICT.get(verdicts[-1]["verdict"], "unverified") if verdicts else ""


def _goes_on(incident: Incident) -> bool:
    return incident.fields["state"] in GOING_ON


def _moves(options: Options, incident: Incident) -> bool:
    """Whether there is anything to tell of: nobody is called up for a run that has nothing to do."""
    return bool((options["incident"].get("plan") or {}).get("changes", True) or incident.touched())


def _note(record: told.Record, setup: Configured, rendered: Rendered, deliver: bool, at: str) -> list[tuple[Place, dict[str, Any]]]:
    """Write down what is going to be told, before it is; those that nobody will be sent, or that cannot be, are told already."""
    done = []
    for place in _readers(setup, rendered):
        if record.row(place.name, rendered.stage, rendered.number):
            continue
        state = told.SENDING if deliver else told.NOT_DELIVERED
        record.add(place.name, rendered.message(place), state, at)
        row = record.entry(place.name)["messages"][-1]
        if not deliver:
            done.append((place, row))
    record.save()
    return done


def _result(setup: Configured, rows: list[tuple[Place, dict[str, Any]]], rendered: Rendered, stage: str) -> Result:
    by_state: dict[str, list[str]] = {}
    for place, row in rows:
        by_state.setdefault(row["state"], []).append(place.name)
    words = []
    if sent := by_state.get(told.SENT):
        words.append(f"told {', '.join(dict.fromkeys(sent))}")
    if shown := by_state.get(told.NOT_DELIVERED):
        words.append(f"not delivered to {', '.join(shown)}: {rendered.title(next(p for p in setup.places if p.name == shown[0]))}")
    warnings = list(setup.problems)
    for place, row in rows:
        if row["state"] == told.QUEUED:
            warnings.append(f"{place.name} was not told of '{row['stage']}': {row['why']}; it is tried again with the next message")
        elif row["state"] == told.FAILED and row["why"] not in setup.problems:
            warnings.append(f"{place.name} was not told of '{row['stage']}': {row['why']}")
    result: Result = {
        "stage": stage,
        "told": [
            {"channel": place.name, "stage": row["stage"], "number": row["number"], "state": row["state"], "link": row.get("link", "")}
            for place, row in rows
        ],
    }
    return {**result, **({"summary": "; ".join(words)} if words else {}), **({"warnings": warnings} if warnings else {})}


TELL = Operation(ARGUMENTS, tell)
