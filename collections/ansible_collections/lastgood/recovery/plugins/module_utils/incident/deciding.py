# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a tier that goes back only if it must, must."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.comparison import worse_than_before
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "tier": {"type": "str", "required": True},
    "checks": {"type": "dict", "required": True},
    "metrics": {"type": "dict"},
}


def decide(options: Options, run: Run) -> Result:
    """C(needed): as foreseen in check mode; else when it was begun before, or checks fail, unless something is worse than before.

    A metric that cannot be read does not take back a tier while the flows pass: that would be a change on a guess.
    """
    incident, tier = options["incident"], options["tier"]
    plan, scenario = incident["plan"], incident["scenario"]
    if run.check:
        return {"needed": tier in plan["foreseen"]}
    if tier in plan["begun"]:
        return {"needed": True, "summary": f"{tier} was begun in an earlier run and goes back too"}
    worse = worse_than_before(Journal(incident["journal"]).events(), incident["run"]) if incident.get("journal") else []
    if worse:
        said = f"worse than before: {'; '.join(worse)}"
        hint = f"Go forward again to what was serving before: {command(incident, 'undo')}"
        return {"needed": False, "worse": worse, "summary": f"{tier} stays as it is, {said}", "warnings": [hint]}
    metrics = options.get("metrics") or {}
    if options["checks"].get("verdict") == "OK" and metrics.get("verdict") != "BAD":
        unknown = "" if metrics.get("verdict", "OK") == "OK" else "; its metrics cannot tell"
        return {"needed": False, "worse": [], "summary": f"{tier} stays as it is: {scenario} works again{unknown}"}
    return {"needed": True, "worse": [], "summary": f"{tier} goes back too: {scenario} stays broken"}


DECIDE = Operation(ARGUMENTS, decide)
