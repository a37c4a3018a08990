# SPDX-License-Identifier: GPL-3.0-or-later
"""The moment to go back to, for targets whose plan has to be foreseen at that moment."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan import settle_moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "readings": {"type": "dict", "required": True},
    "migrations": {"type": "dict", "default": {}},
    "shipped_together": {"type": "float", "default": 1800},
    "slack": {"type": "float", "default": 60},
}


def settle(options: Options, run: Run) -> Result:
    """The incident as facts, with the moment everything goes back to."""
    incident = options["incident"]
    readings = {target: reading for target, reading in options["readings"].items() if "releases" in reading}
    together, slack = timedelta(seconds=options["shipped_together"]), timedelta(seconds=options["slack"])
    before = [reading["good_at"] for reading in options.get("migrations", {}).values() if "good_at" in reading]
    good_at = min(before) if before else settle_moment(incident, readings, together, slack)
    return {"good_at": good_at, "ansible_facts": {"incident": {**incident, "good_at": good_at}}}


SETTLE = Operation(ARGUMENTS, settle)
