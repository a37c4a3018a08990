# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done about an alert that monitoring confirms: acted upon, put to people, or nothing. Decided once, whoever else is at it."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger import guard
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.record import (
    ACTED,
    ACTING,
    ASKED,
    LOOKING,
    NOTHING,
    State,
    Triggers,
    row_of,
)

AT_ONCE = "P0"
"""The severity at which nobody is asked."""
GOING_BACK = ("scale_first", "fix_or_roll_back", "roll_back")
"""The decisions that a rollback can carry out."""
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "trigger": {"type": "dict", "required": True},
    "answer": {"type": "dict", "required": True},
    "detected": {"type": "dict", "required": True},
    "decided": {"type": "dict", "required": True},
    "readings": {"type": "dict", "default": {}},
    "cool_down": {"type": "float", "default": 1800},
    "ask": {"type": "list", "elements": "str", "default": []},
    "approvals": {"type": "dict", "default": {}},
}


def decide(options: Options, run: Run) -> Result:
    """C(outcome), and what to run: C(play) with its C(variables)."""
    now, trigger = datetime.now(UTC), options["trigger"]
    serving = serves(options["readings"])
    outcome, why = _wanted(options, bool(serving))
    severity = options["decided"].get("at_least", {}).get("severity")

    def settle(state: State) -> tuple[str, str]:
        settled, reason = outcome, why
        if settled != NOTHING:
            again = guard.switched_off(state) or guard.replayed_by_another(trigger, state) or guard.answered(serving, state)
            counting = (ACTING, ACTED) if settled == ACTING else (ACTING, ACTED, ASKED)
            again = again or guard.cooling(state, counting, options["cool_down"], now)
            settled, reason = (NOTHING, again) if again else (settled, reason)
        row = row_of(state, trigger["id"])
        row.update(outcome=settled, why=reason, severity=severity, scenario=options["answer"]["scenario"], serving=serving)
        return settled, reason

    triggers = Triggers(Store(options["store"]), options["environment_name"])
    settled, reason = settle(_with(triggers.read(), trigger)) if run.check else triggers.change(settle)
    words = {ACTING: "It is acted upon", ASKED: "People are asked", NOTHING: "Nothing is set off"}[settled]
    asks = _whom(options) if settled == ASKED else []
    return {
        "changed": True,
        "outcome": settled,
        "play": settled == ACTING or (bool(asks) and bool(options["approvals"])),
        "variables": _variables(options, severity, asks) if settled != NOTHING else {},
        "screen": [paragraph(f"{words}: {reason}.")],
        "summary": f"{settled}: {reason}",
    }


def serves(readings: Mapping[str, Any]) -> dict[str, str]:
    """By target the artifact that serves. What cannot be read is no release that could be to blame."""
    known = {target: reading.get("serving") for target, reading in readings.items() if isinstance(reading, Mapping)}
    return {target: str(one["artifact"]) for target, one in known.items() if one}


def _wanted(options: Options, readable: bool) -> tuple[str, str]:
    detected, decided = options["detected"], options["decided"]
    if "facts" not in detected:
        return NOTHING, f"monitoring does not say so: {detected.get('summary') or detected.get('msg') or 'it gave no answer'}"
    sure, summary = decided.get("at_least") or {}, decided.get("summary") or "nobody could decide"
    if not sure:
        return ASKED, f"nobody could decide: {decided.get('msg') or 'the policy gave no answer'}"
    if sure.get("action") not in GOING_BACK:
        return NOTHING, summary
    if sure.get("severity") != AT_ONCE:
        return ASKED, f"{summary}; only at {AT_ONCE} nobody is asked"
    if not sure.get("automatic"):
        return ASKED, f"{summary}; the policy lets it begin by a person only"
    if decided.get("approval"):
        return ASKED, f"{summary}; {', '.join(decided['approval'])} may have to approve it"
    if not readable:
        return ASKED, f"{summary}; what serves cannot be read of any target"
    return ACTING, summary


def _whom(options: Options) -> list[str]:
    return list(dict.fromkeys([*(options["decided"].get("approval") or []), *options["ask"]]))


def _variables(options: Options, severity: str | None, asks: list[str]) -> dict[str, Any]:
    """What somebody on call would say to the playbook."""
    said = {
        "severity": severity or "P1",
        "bad_at": options["detected"]["bad_at"],
        "reason": f"{', '.join(options['trigger']['alerts'])} ({options['trigger']['sender']})",
        "lead": options["trigger"]["sender"],
    }
    return {**said, **({"decision": {"approval": asks}} if asks else {}), **(options["answer"].get("variables") or {})}


def _with(state: State, trigger: dict[str, Any]) -> State:
    """In check mode it was not written down."""
    return {**state, "rows": [*state["rows"], {**trigger, "outcome": LOOKING}]}


DECIDE = Operation(ARGUMENTS, decide)
