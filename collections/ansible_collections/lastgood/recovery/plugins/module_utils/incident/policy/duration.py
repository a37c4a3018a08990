# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations as policies and facts write them: C(now), C(90 s), C(15 min), C(2 h)."""

from __future__ import annotations

import math
import re

SECONDS = {"s": 1, "min": 60, "h": 3600}
NEVER = math.inf
"""No deadline at all."""


def seconds(text: str) -> float:
    """Seconds in C(text); ValueError when it is no duration."""
    text = text.strip()
    if text == "now":
        return 0
    match = re.fullmatch(r"([0-9]{1,6}) (s|min|h)", text)
    if not match:
        raise ValueError(f"'{text}' is not a duration such as 15 min")
    return int(match[1]) * SECONDS[match[2]]


def words(value: float) -> str | None:
    """The longest unit that comes out even; None for no deadline."""
    if value == NEVER:
        return None
    if value == 0:
        return "now"
    unit = next(unit for unit in ("h", "min", "s") if value % SECONDS[unit] == 0)
    return f"{value / SECONDS[unit]:.0f} {unit}"
