# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a tier that goes back only if it must, must."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "tier": {"type": "str", "required": True},
    "checks": {"type": "dict", "required": True},
}


def decide(options: Options, run: Run) -> Result:
    """C(needed): as foreseen in check mode; else when it was begun before, or the checks do not all pass."""
    plan, tier, scenario = options["incident"]["plan"], options["tier"], options["incident"]["scenario"]
    if run.check:
        return {"needed": tier in plan["foreseen"]}
    if tier in plan["begun"]:
        return {"needed": True, "summary": f"{tier} was begun in an earlier run and goes back too"}
    if options["checks"].get("verdict") == "OK":
        return {"needed": False, "summary": f"{tier} stays as it is: {scenario} works again"}
    return {"needed": True, "summary": f"{tier} goes back too: {scenario} stays broken"}


DECIDE = Operation(ARGUMENTS, decide)
