"""How many faults were injected, where and of which kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

PROPERTY = "faults injected"
"""The name under which a test reports `(vendor, kind, calls)`."""


def table(reports: Iterable[Any]) -> Iterator[str]:
    """A line for each kind with a column for each vendor, and the sums; nothing when no fault was injected."""
    counts: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for name, value in report.user_properties:
            if name == PROPERTY:
                counts[value[0], value[1]] += value[2]
    if not counts:
        return
    vendors = sorted({vendor for vendor, _kind in counts})
    width = max(len(kind) for _vendor, kind in counts)

    def line(name: str, numbers: list[int]) -> str:
        return f"{name:<{width}}" + "".join(f"{number:>10}" for number in (*numbers, sum(numbers)))

    yield f"{'':<{width}}" + "".join(f"{vendor:>10}" for vendor in (*vendors, "all"))
    for kind in dict.fromkeys(kind for _vendor, kind in counts):
        yield line(kind, [counts[vendor, kind] for vendor in vendors])
    totals = [sum(number for (where, _kind), number in counts.items() if where == vendor) for vendor in vendors]
    yield line("all", totals)
    yield f"{sum(totals)} faults injected at {len(vendors)} vendors"
