# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether instances are added, and whether those that were added can go again."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ADD, TAKE_AWAY = "add", "take_away"
ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "step": {"type": "str", "required": True, "choices": [ADD, TAKE_AWAY]},
    "went_back": {"type": "bool", "default": False},
    "checks": {"type": "dict", "required": True},
    "metrics": {"type": "dict"},
}


def decide(options: Options, run: Run) -> Result:
    """C(needed), and why. What cannot be told takes nothing away."""
    return _add(options) if options["step"] == ADD else _take_away(options, run)


def _add(options: Options) -> Result:
    """Unless an earlier run of the incident has cured it already, in whatever way."""
    incident = options["incident"]
    if incident["resumed"] and _works(options):
        return {"needed": False, "summary": f"no instances are added: {incident['scenario']} is well again"}
    return {"needed": True}


def _take_away(options: Options, run: Run) -> Result:
    """Once in an incident: if it was slow again without them, they stay."""
    if run.check or not options["went_back"]:
        return {"needed": False}
    if not _works(options):
        return {"needed": False, "summary": "the instances that were added stay: it is not well again"}
    incident = opened(options)
    first = {row["target"]: row["from"] for row in incident.measures()}
    if taken_away(incident.journal.events(), first):
        return {"needed": False, "summary": "the instances stay as they are: those that were added were taken away once already"}
    return {"needed": bool(first), "summary": "going back has cured it, so the instances that were added can go again"}


def taken_away(events: Iterable[Mapping[str, Any]], first: Mapping[str, Any]) -> bool:
    """Whether a measure was changed back to what there was when the plan was first made, C(first) by target."""
    return any(
        event["event"] == "result"
        and event.get("kind") == "measure"
        and event["status"] == "changed"
        and event.get("to") == first.get(event["target"])
        for event in events
    )


def _works(options: Options) -> bool:
    return options["checks"].get("verdict") == "OK" and (options.get("metrics") or {}).get("verdict", "OK") == "OK"


DECIDE = Operation(ARGUMENTS, decide)
