# SPDX-License-Identifier: GPL-3.0-or-later
"""A metric as a source answered it, and whether that is within its limits. Nothing is asked here."""
from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import iso, span

Points = list[tuple[float, float]]
"""Seconds since the epoch, and the value then; oldest first."""
AT_MOST = 60
"""Points of a series that are kept."""


@dataclass(frozen=True)
class Reading:
    """C(value) is None when nobody can tell; C(unknown) says why, and may doubt a value that is there."""

    value: float | None
    points: Points | tuple[()] = ()
    of: str = ""
    """Behind the value, in words: C( in the last 5 min)."""
    unknown: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Limits:
    """What is well: C(least) and more, C(most) and less, either or both."""

    least: float | None
    most: float | None
    unit: str = ""

    def __str__(self) -> str:
        least = f"at least {number(self.least)}{self.unit}" if self.least is not None else ""
        most = f"at most {number(self.most)}{self.unit}" if self.most is not None else ""
        return " and ".join(part for part in (least, most) if part)

    def hold(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def judged(name: str, limits: Limits, reading: Reading, step: str) -> Check:
    """The check: OK within the limits, BAD beyond them, UNKNOWN where the reading does not tell."""
    value, why = reading.value, reading.unknown
    if value is not None and not math.isfinite(value):
        value, why = None, why or f"{reading.value}, which is no number"
    seen = {"value": value, "unit": limits.unit, "series": series(reading.points), "at_least": limits.least, "at_most": limits.most}
    if why or value is None:
        return checked(name, "UNKNOWN", step=step, expected=str(limits), got=why or "no data", **seen)
    if limits.hold(value):
        return checked(name, "OK", **seen)
    return checked(name, "BAD", step=step, expected=str(limits), got=f"{number(value)}{limits.unit}{reading.of}", **seen)


def series(points: Iterable[tuple[float, float]]) -> list[list[object]]:
    """Pairs of time and value for reports, oldest first: what is no number is left out, and seen as a gap."""
    known = [(at, value) for at, value in sorted(points) if math.isfinite(value)][-AT_MOST:]
    return [[iso(datetime.fromtimestamp(at, UTC)), value] for at, value in known]


def combined(points: Points, statistic: str) -> float:
    """One value of many; C(points) has one at least."""
    values = [value for _at, value in points]
    kinds = {"Average": sum(values) / len(values), "Sum": sum(values), "Minimum": min(values), "Maximum": max(values), "Last": values[-1]}
    return kinds[statistic]


def too_old(newest: float, now: float, most: float) -> str:
    """Why the newest sample says nothing of now; empty when it does."""
    age = now - newest
    return f"the newest sample is {span(age)} old" if age > most else ""


def number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}" if abs(value) >= 0.01 else f"{value:.2g}"
