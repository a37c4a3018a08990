# SPDX-License-Identifier: GPL-3.0-or-later
"""An alert has come: whether it is worth a look, and what that look is for. It is written down in any case."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import CONDITIONS, RULE, distinct
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.preflight.gate import FREEZE
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger import guard
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.event import SENDERS, Event, body, of_rule, read
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.record import ACTED, ACTING, LOOKING, NOTHING, Row, State, Triggers

ANSWER: dict[str, Any] = {
    "alerts": {"type": "list", "elements": "str", "required": True},
    "scenario": {"type": "str", "required": True},
    "playbook": {"type": "str", "required": True},
    "limit": {"type": "str"},
    "variables": {"type": "dict", "default": {}},
}
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "environment_title": {"type": "str"},
    "sender": {"type": "str", "required": True, "choices": sorted(SENDERS)},
    "payload": {"type": "str", "required": True},
    "alerts": {"type": "list", "elements": "dict", "required": True, "options": RULE, **CONDITIONS},
    "answers": {"type": "list", "elements": "dict", "default": [], "options": ANSWER},
    "allowed": {"type": "bool", "default": False},
    "max_age": {"type": "float", "default": 900},
    "cool_down": {"type": "float", "default": 1800},
    "freezes": {"type": "list", "elements": "dict", "default": [], "options": FREEZE},
    "faster": {"type": "float", "default": 1},
}


def begin(options: Options, run: Run) -> Result:
    """The trigger as it is written down, and C(go). Its C(answer) is the first of the answers that one of the events asks for."""
    distinct(options["alerts"])
    now, store = datetime.now(UTC), Store(options["store"])
    environment, names = options["environment_name"], [rule["name"] for rule in options["alerts"]]
    events = read(options["sender"], body(options["payload"]))
    if not events:
        raise Refused(f"what came of {options['sender']} has no alerts", "Set the sender up as docs/triggers.md says.")
    found = {event: of_rule(event.alert, names) for event in events}
    general = "" if options["allowed"] else f"the inventory of {environment} does not allow anything to be set off"
    general = general or guard.frozen(options["freezes"], now) or guard.going_on(store, environment, run.process)
    alone = {event: guard.event(event, found[event], environment, options["max_age"], now) for event in events}

    def judge(state: State) -> tuple[Row, list[Event], dict[str, Any] | None]:
        why = {event: alone[event] or guard.replayed(event.id, state) for event in events}
        left = [event for event in events if not why[event]]
        reason = "; ".join(dict.fromkeys(why.values())) if not left else guard.switched_off(state) or general
        reason = reason or guard.cooling(state, (ACTING, ACTED), options["cool_down"], now)
        answer = _answer(options["answers"], [found[event] for event in left])
        reason = reason or ("" if answer else f"the inventory has no answer to {', '.join(found[event] for event in left)}")
        row: Row = {
            "id": _id(now, found[events[0]] or events[0].alert, state),
            "at": moment.iso(now),
            "sender": options["sender"],
            "events": [event.id for event in left or events],
            "alerts": list(dict.fromkeys(found[event] or event.alert for event in left or events)),
            "outcome": NOTHING if reason else LOOKING,
            "why": reason,
        }
        state["rows"].append(row)
        return row, [] if reason else left, None if reason else answer

    triggers = Triggers(store, environment)
    row, left, answer = judge(triggers.read()) if run.check else triggers.change(judge)
    title = options["environment_title"] or environment.upper()
    lasted = {found[event]: _lasted(event, found[event], options, now) for event in left}
    said = f"{', '.join(row['alerts'])} ({options['sender']})"
    return {
        "changed": True,
        "go": bool(left),
        "trigger": row,
        "answer": answer or {},
        "events": [event.as_dict() for event in left],
        "lasted": lasted,
        "screen": [f"TRIGGER · {title} · {said}", *([paragraph(f"Nothing is set off: {row['why']}.")] if row["why"] else [])],
        "summary": f"{said}: {row['why'] or 'worth a look'}",
    }


def _answer(answers: Sequence[dict[str, Any]], alerts: Sequence[str]) -> dict[str, Any] | None:
    return next((answer for answer in answers if set(answer["alerts"]) & set(alerts)), None)


def _lasted(event: Event, alert: str, options: Options, now: datetime) -> float:
    """It had been bad for as long as its rule says when it fired; in the rule's time."""
    (lasting,) = (rule["for"] for rule in options["alerts"] if rule["name"] == alert)
    return float(lasting) + max((now - event.fired_at).total_seconds(), 0.0) * options["faster"]


def _id(now: datetime, alert: str, state: State) -> str:
    name = f"{now:%Y-%m-%dT%H%M%S}-{'-'.join(alert.lower().split())}"
    same = sum(row["id"] == name or row["id"].startswith(f"{name}~") for row in state["rows"])
    return f"{name}~{same + 1}" if same else name


BEGIN = Operation(ARGUMENTS, begin)
