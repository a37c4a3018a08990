# SPDX-License-Identifier: GPL-3.0-or-later
"""A time axis from a second to days: places as percentages, ticks at round times of day."""
from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 86400)
MOST_TICKS = 5  # "02:41:05.2" five times fits the width of a telephone


class Axis:
    """The time from C(start) to C(end), at least a fifth of a second, laid over 0 % to 100 %."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = start
        self.end = max(end, start + timedelta(seconds=0.2))
        self.seconds = (self.end - self.start).total_seconds()

    def percent(self, at: datetime) -> float:
        """The place of a moment, kept within the axis."""
        return min(100.0, max(0.0, (at - self.start).total_seconds() / self.seconds * 100))

    def x(self, at: datetime) -> str:
        """The place of a moment as SVG writes it."""
        return f"{self.percent(at):.3f}%"

    def wide(self, length: timedelta) -> str:
        """The width of a duration as SVG writes it."""
        return f"{min(100.0, length.total_seconds() / self.seconds * 100):.3f}%"

    def ticks(self) -> list[tuple[datetime, str]]:
        """At most five round moments on the axis, each with its label in UTC."""
        step = next((step for step in STEPS if self.seconds / step <= MOST_TICKS - 1), None)
        step = step or 86400 * math.ceil(self.seconds / 86400 / (MOST_TICKS - 1))
        midnight = self.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        gap = timedelta(seconds=step)
        first = -((midnight - self.start) // gap)
        moments = [midnight + number * gap for number in range(first, (self.end - midnight) // gap + 1)]
        return [(at, _label(at, step)) for at in moments]


def _label(at: datetime, step: float) -> str:
    if step < 1:
        return f"{at:%H:%M:%S}.{at.microsecond // 100000}"
    if step < 60:
        return f"{at:%H:%M:%S}"
    if step < 10800:
        return f"{at:%H:%M}"
    return f"{at:%a %H:%M}" if step < 86400 else f"{at:%a %d %b}"
