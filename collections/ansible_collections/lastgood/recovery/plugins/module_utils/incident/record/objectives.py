# SPDX-License-Identifier: GPL-3.0-or-later
"""What a team has set itself: the inventory's C(objectives), in seconds."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

DURATIONS = {
    "detect": ("time to detect", "from the fault to the opening of the incident; its mean is the MTTD"),
    "decide": ("time to decide", "from the opening to the confirmation"),
    "roll_back": ("time to roll back", "work on the targets; what ran side by side counts once"),
    "verify": ("time to verify", "checks after the rollback; its mean is the MTTV"),
    "total": ("response", "from the opening to the verdict"),
    "broken": ("recovery", "from the fault to the verdict RESTORED; its mean is the MTTR, the mean time to restore"),
}
"""What is measured of every incident: its name and its definition. Each has a name of its own, decide as well as detect."""
PRIORITIES = ("critical", "high", "medium", "low")
LOOK = "See docs/records.md."


@dataclass(frozen=True)
class Objectives:
    """C(durations) by name; C(services) with C(rto) and C(rpo) by service, in seconds; C(priorities) by service; all optional."""

    durations: dict[str, float] = field(default_factory=dict)
    services: dict[str, dict[str, float]] = field(default_factory=dict)
    priorities: dict[str, str] = field(default_factory=dict)

    def by_priority(self, services: Iterable[str]) -> list[str]:
        """The most urgent first; those without a priority last."""
        return sorted(services, key=lambda name: ([*PRIORITIES, ""].index(self.priorities.get(name, "")), name))


def read_objectives(given: Mapping[str, Any]) -> Objectives:
    """As the inventory has it; Refused when there is something in it that would be overlooked."""
    _only(given, {"durations", "services"}, "objectives")
    durations = _mapping(given.get("durations"), "objectives.durations")
    _only(durations, set(DURATIONS), "objectives.durations")
    services = _mapping(given.get("services"), "objectives.services")
    read, priorities = {}, {}
    for service, goals in services.items():
        where = f"objectives.services.{service}"
        _only(_mapping(goals, where), {"rto", "rpo", "priority"}, where)
        read[service] = {name: _seconds(value, f"{where}.{name}") for name, value in goals.items() if name != "priority"}
        if "priority" in goals:
            priorities[service] = _priority(goals["priority"], f"{where}.priority")
    return Objectives({name: _seconds(value, f"objectives.durations.{name}") for name, value in durations.items()}, read, priorities)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Refused(f"{where} is no mapping", LOOK)
    return value


def _only(given: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(map(str, given)) - known)
    if unknown:
        raise Refused(f"{where} has no {unknown[0]}", f"It has {', '.join(sorted(known))}. {LOOK}")


def _priority(value: Any, where: str) -> str:
    if value not in PRIORITIES:
        raise Refused(f"{where} is {value}, and none of {', '.join(PRIORITIES)}", LOOK)
    return str(value)


def _seconds(value: Any, where: str) -> float:
    try:
        seconds = float("nan" if isinstance(value, bool) else value)
    except (TypeError, ValueError):
        seconds = float("nan")
    if not 0 < seconds < 1e9:
        raise Refused(f"{where} is {value}, and not a number of seconds", LOOK)
    return seconds
