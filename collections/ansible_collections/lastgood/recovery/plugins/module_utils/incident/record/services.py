# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each service in an incident: how long it was broken, and how much data it lost."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import number, seconds_between, text, time_of

WENT_BACK = ("rolled back", "undone")


def read_services(facts: dict[str, Any], rows: list[dict[str, Any]], fault_known: bool) -> list[dict[str, Any]]:
    """Of each service that went back: {target, tier, recovery, loss}, in seconds or None where that is not known.

    C(recovery) is from the fault until the step ended that brought it back; C(loss) is what the plan foresaw.
    """
    newest = {text(row.get("target")): row for row in rows}
    bad_at = time_of(facts["moments"]["bad_at"]) if fault_known else None
    services = []
    for target in facts["targets"]:
        if target["outcome"] not in WENT_BACK:
            continue
        loss = newest.get(target["target"], {}).get("loss")
        services.append({
            "target": target["target"],
            "tier": target["tier"],
            "recovery": seconds_between(bad_at, time_of(_brought_back(facts["steps"], target["target"]))),
            "loss": number(loss.get("seconds")) if isinstance(loss, dict) else None,
        })
    return services


def _brought_back(steps: list[dict[str, Any]], target: str) -> str | None:
    """When the first step ended that moved it; a run that finds it moved already does not count."""
    ends = [step["end"] for step in steps if step["target"] == target and step["status"] == "changed"]
    return ends[0] if ends else None
