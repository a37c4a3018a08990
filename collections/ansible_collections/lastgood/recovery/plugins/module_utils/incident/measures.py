# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures: what an incident changes at a target besides its release, such as a flag; what it was is remembered and put back."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import json_value

Row = dict[str, Any]
DIRECTORY = "measures"
"""Of an incident: C(measures/<target>.json) is what a measure has found there before its first change."""
ACTIONS = ("flag", "service", "variables")
"""The modules that are measures when they remember in that directory; C(service) also stops and starts writers."""


def is_measure(action: str, arguments: Mapping[str, Any]) -> bool:
    """Whether that task of the collection, with its arguments as they are written, is one."""
    return action in ACTIONS and f"/{DIRECTORY}/" in str(arguments.get("memory", ""))


def plan_measure(target: str, tier: str, foreseen: Mapping[str, Any], only_if: str) -> Row:
    """One row of the plan, from what the module returned in check mode."""
    now, then = states(foreseen)
    return {
        "target": target,
        "tier": tier,
        "vendor": str(foreseen.get("vendor", "")),
        "from": now,
        "to": then,
        "of": "variables" if "redeployed" in foreseen else "",
        "why": str(foreseen.get("why") or foreseen.get("summary", "")),
        "changes": bool(foreseen.get("changed")) or not json_value.same(foreseen["before"], foreseen["after"]),
        "only_if": only_if,
    }


def is_foreseen(result: Mapping[str, Any]) -> bool:
    """Whether it is a result of a measure at all, and not of a step that was skipped."""
    return "before" in result and "after" in result


def untold(measures: Mapping[str, Any]) -> list[str]:
    """What nobody can tell: of a measure that its vendor offers, and that could not be foreseen."""
    failed = {target: result for target, result in measures.items() if result.get("error") not in (None, "NotOffered")}
    return [f"what would have to change at {target}, which stays as it is: {_why(result)}" for target, result in failed.items()]


def _why(result: Mapping[str, Any]) -> str:
    return str(result.get("summary", "")).removesuffix("; nothing was changed")


def states(result: Mapping[str, Any]) -> tuple[Row, Row]:
    """What there is before and after, each in the form of a release, called by what is different in it."""
    before, after = result["before"], result["after"]
    if isinstance(before, Mapping) and isinstance(after, Mapping) and "value" not in before:
        differ = [name for name in before if before[name] != after.get(name)] or list(before)
        return _state(_told(before, differ)), _state(_told(after, differ))
    return _state(json_value.words(before)), _state(json_value.words(after))


def _told(condition: Mapping[str, Any], names: list[str]) -> str:
    """C(instances: service 2, autoscaling: none); what the vendor has no notion of is left out."""
    return ", ".join(f"{name}: {_words(condition[name])}" for name in names if condition.get(name) is not None)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items()) or "none"
    return str(value)


def _state(words: str) -> Row:
    return {"id": words, "artifact": words, "live_from": None}
