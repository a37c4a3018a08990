# SPDX-License-Identifier: GPL-3.0-or-later
"""The stop switch: nothing is set off any more until somebody switches it on again; and what was set off lately."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import user
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.guard import switched_off
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.record import State, Triggers

LATEST = 10
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "environment_title": {"type": "str"},
    "switch": {"type": "str", "choices": ["on", "off"]},
    "reason": {"type": "str", "default": ""},
    "lead": {"type": "str"},
}


def switch(options: Options, run: Run) -> Result:
    """How it stands now, in C(active), and the latest rows; without C(switch) it only says so."""
    triggers = Triggers(Store(options["store"]), options["environment_name"])
    wanted = options["switch"]

    def turn(state: State) -> State:
        if wanted == "on":
            state["off"] = None
        elif wanted == "off" and not state["off"]:
            state["off"] = {"by": options["lead"] or user(), "at": moment.iso(datetime.now(UTC)), "reason": options["reason"]}
        return state

    before = triggers.read()
    changed = wanted is not None and bool(before["off"]) != (wanted == "off")
    state = triggers.change(turn) if changed and not run.check else turn(before)
    title = options["environment_title"] or options["environment_name"].upper()
    how = switched_off(state) or "alerts may set something off, as far as the inventory allows it"
    latest = state["rows"][-LATEST:]
    return {
        "changed": changed,
        "active": not state["off"],
        "triggers": latest,
        "screen": [f"TRIGGERS · {title}", paragraph(f"{how}."), *(paragraph(_line(row)) for row in latest)],
        "summary": how,
    }


def _line(row: dict[str, Any]) -> str:
    came = f" → {row['verdict']}" if row.get("verdict") else ""
    return f"{row['at']}  {', '.join(row['alerts'])} ({row['sender']}): {row['outcome']}{came}{'; ' if row['why'] else ''}{row['why']}"


SWITCH = Operation(ARGUMENTS, switch)
