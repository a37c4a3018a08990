# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each service in an incident: how long it was broken, and how much data it lost."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import seconds_between, span, time_of

WENT_BACK = ("rolled back", "undone")
DATA = ("database", "objects")
"""Tiers whose going back takes data along."""


def read_services(facts: dict[str, Any], fault_known: bool) -> list[dict[str, Any]]:
    """Of each service that went back: {target, tier, recovery, loss}, in seconds or None where that is not known.

    C(recovery) is from the fault until it first served what it went back to; C(loss) is what was measured, or else foreseen.
    """
    bad_at = time_of(facts["moments"]["bad_at"]) if fault_known else None
    back_at = {row["target"]: time_of(row["at"]) for row in facts["went_back"]}
    lost = {loss["target"]: loss["seconds"] for loss in _counting(facts)}
    return [
        {"target": target["target"], "tier": target["tier"], "recovery": seconds_between(bad_at, back_at.get(target["target"])),
         "loss": lost.get(target["target"])}
        for target in facts["targets"] if target["outcome"] in WENT_BACK
    ]


def data_loss(facts: dict[str, Any]) -> str:
    """In words, by target; C(none) only where no data went back."""
    losses = _counting(facts)
    told = [f"{loss['target']}: {span(loss['seconds'])}" + (f" ({', '.join(loss['rows'])})" if loss["rows"] else "") for loss in losses]
    known = {loss["target"] for loss in losses}
    told += [f"{target['target']}: not recorded" for target in facts["targets"]
             if target["outcome"] in WENT_BACK and target["tier"] in DATA and target["target"] not in known]
    return "; ".join(told) or "none"


def _counting(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return [loss for loss in facts["losses"] if loss["happened"] and loss["newest"]]
