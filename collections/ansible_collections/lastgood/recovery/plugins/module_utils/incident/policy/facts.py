# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known about the trouble: scenarios that are seen, and numbers with how long they have been at least that bad."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration

SCENARIOS = "scenarios"


@dataclass(frozen=True)
class Reading:
    """A number, and for how many seconds it has been at least that bad; None when nobody said."""

    value: float
    lasted: float | None = None

    def __str__(self) -> str:
        return f"{self.value:g}" + (f" for {duration.words(self.lasted)}" if self.lasted else "")


@dataclass(frozen=True)
class Facts:
    """Scenarios (None: nobody said), readings by fact, and what could not be understood, by fact."""

    scenarios: frozenset[str] | None = None
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def read(given: Mapping[Any, Any]) -> Facts:
    """Facts from whatever was given; what cannot be understood is unknown, and never an error."""
    scenarios: frozenset[str] | None = None
    readings: dict[str, tuple[Reading, ...]] = {}
    problems: dict[str, str] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name == SCENARIOS:
            seen = value.split(",") if isinstance(value, str) else value
            if isinstance(seen, list) and all(isinstance(one, str) for one in seen):
                scenarios = frozenset(one.strip() for one in seen if one.strip())
            else:
                problems[SCENARIOS] = "no list of names"
            continue
        understood: list[Reading] = []
        for one in value if isinstance(value, list) else [value]:
            reading = _reading(one)
            if isinstance(reading, str):
                problems[str(name)] = reading
            else:
                understood.append(reading)
        readings[str(name)] = tuple(understood)
    return Facts(scenarios, readings, problems)


def _reading(given: Any) -> Reading | str:
    """The reading, or what is wrong with it."""
    parts = given if isinstance(given, dict) else {"value": given}
    if not parts.keys() <= {"value", "for"} or "value" not in parts:
        return "not written as {value: 12, for: 6 min}"
    value = parts["value"]
    try:
        number = math.nan if isinstance(value, bool) or not isinstance(value, int | float | str) else float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        return f"'{str(value)[:40]}' is no number"
    if parts.get("for") is None:
        return Reading(number)
    try:
        return Reading(number, duration.seconds(str(parts["for"])))
    except ValueError as error:
        return str(error)
