# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes, rows and rates in words, and how much is in a directory."""
from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

UNITS = ("B", "kB", "MB", "GB", "TB")


def size(count: float) -> str:
    """C(512 B), C(1.2 MB); thousands, as disks are sold."""
    for unit in UNITS:
        if count < 999.5 or unit == UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 99.5 else f"{count:.1f} {unit}"
        count /= 1000
    return ""


def number(count: int) -> str:
    """C(11 200 000): the thousands apart."""
    return f"{count:,}".replace(",", " ")


def several(count: int, noun: str) -> str:
    """C(1 row), C(3 rows)."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def bytes_in(path: Path) -> int:
    """The bytes of all files below it; of those that vanish meanwhile none."""
    if path.is_file():
        return path.stat().st_size
    total = 0
    for one in path.rglob("*"):
        try:
            total += one.stat().st_size if one.is_file() else 0
        except OSError:
            continue
    return total


def growing(count: Callable[[], int], doing: str) -> Callable[[], str]:
    """What to tell while C(count) grows: so much, and how fast since the last time."""
    last = [0.0, time.monotonic()]

    def told() -> str:
        now, at = count(), time.monotonic()
        rate = (now - last[0]) / max(at - last[1], 0.001)
        last[:] = [now, at]
        return f"{doing}: {size(now)}, {size(max(rate, 0))}/s"

    return told
