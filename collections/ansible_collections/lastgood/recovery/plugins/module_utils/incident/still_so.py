# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what was agreed on is still so: between the plan on the screen and the start the world may have moved."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import shown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import approved_plan
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.measures import is_foreseen, plan_measure
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan_rows import plan_target
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "readings": {"type": "dict", "required": True},
    "measures": {"type": "dict", "default": {}},
}


def still_so(options: Options, run: Run) -> Result:
    """Refused with the one difference when the targets, read again, would have another plan; the others stay as planned."""
    incident, plan = options["incident"], options["incident"]["plan"]
    readings = {target: reading for target, reading in options["readings"].items() if "releases" in reading}
    rows = [
        plan_target(row["target"], row["tier"], readings[row["target"]], incident, plan["good_at"], row["only_if"])
        if row["target"] in readings
        else row
        for row in plan["targets"]
    ]
    foreseen = {target: result for target, result in options["measures"].items() if is_foreseen(result)}
    measures = [
        plan_measure(row["target"], row["tier"], foreseen[row["target"]], row["only_if"]) if row["target"] in foreseen else row
        for row in plan["measures"]
    ]
    kept = Store(incident["store"]).find(incident["id"]).plan() if incident["directory"] and incident["resumed"] else None
    shown.changed(plan["approve"], approved_plan(incident, plan["good_at"], rows, measures, kept))
    again = len({*readings, *foreseen})
    return {"summary": f"still so at {again} targets"} if again else {}


STILL_SO = Operation(ARGUMENTS, still_so)
