# SPDX-License-Identifier: GPL-3.0-or-later
"""Readings over time: what metrics such as error rate and latency were before, during and after the rollback."""
from __future__ import annotations

import statistics
from datetime import datetime
from itertools import pairwise
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_checks import BEFORE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import CHECKS, figure, finite, stamp, text, time_of

Reading = dict[str, Any]
Dot = tuple[str, float]
GAP = 2.5  # a pause this many times as long as the usual one between two samples is a gap
MOST = 24


def read_readings(events: list[Event]) -> list[Reading]:
    """Every metric that any look has a figure of, at most 24, with its limits.

    {name, unit, limit, at_least, at_most, looks, segments, before, lowest, highest, after}

    C(looks) are [{at, phase, verdict, value or None}], C(segments) lists of [at, value] without a gap inside. Between two segments
    nothing is known. C(before) is the value of the first look before, C(after) that of the newest look at all, None when unknown.
    """
    seen: dict[str, Reading] = {}
    samples: dict[str, dict[datetime, float | None]] = {}
    for event in events:
        checks = event.get("checks") if event.get("event") == "checked" else None
        for check in checks if isinstance(checks, list) else []:
            if not isinstance(check, dict) or not ("value" in check or "series" in check):
                continue
            name, at = text(check.get("name")), time_of(event.get("at"))
            reading = seen.setdefault(name, {"name": name, "unit": "", "limit": "", "at_least": None, "at_most": None, "looks": []})
            verdict = check.get("verdict") if check.get("verdict") in list(CHECKS) else "UNKNOWN"
            value = finite(check.get("value"))
            reading["unit"] = text(check.get("unit")) or reading["unit"]
            reading["limit"] = text(check.get("expected")) or reading["limit"]
            reading |= {side: finite(check.get(side)) for side in ("at_least", "at_most") if finite(check.get(side)) is not None}
            reading["looks"].append({"at": stamp(at), "phase": text(event.get("phase")), "verdict": verdict, "value": value})
            samples.setdefault(name, {}).update(_samples(check.get("series")))
    readings = [_judged(reading, samples[name]) for name, reading in seen.items()]
    return [reading for reading in readings if reading["segments"] or any(look["value"] is not None for look in reading["looks"])][:MOST]


def _samples(series: Any) -> dict[datetime, float | None]:
    found: dict[datetime, float | None] = {}
    for sample in series if isinstance(series, list) else []:
        at = time_of(sample[0]) if isinstance(sample, list) and len(sample) == 2 else None
        if at:
            found[at.replace(microsecond=at.microsecond // 1000 * 1000)] = finite(sample[1])
    return found


def _judged(reading: Reading, samples: dict[datetime, float | None]) -> Reading:
    segments = _segments(samples)
    looks = reading["looks"]
    limits = [f"{word} {figure(reading[side], reading['unit'])}" for side, word in (("at_least", "at least"), ("at_most", "at most"))
              if reading[side] is not None]
    values = [value for segment in segments for _at, value in segment]
    values += [look["value"] for look in looks if look["value"] is not None]
    first = next((look["value"] for look in looks if look["phase"] == BEFORE), None)
    return {**reading, "limit": " and ".join(limits) or reading["limit"], "segments": segments, "before": first,
            "after": looks[-1]["value"], "lowest": min(values, default=None), "highest": max(values, default=None)}


def _segments(samples: dict[datetime, float | None]) -> list[list[Dot]]:
    times = sorted(samples)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    usual = statistics.median(pauses) if pauses else 0.0
    segments: list[list[Dot]] = [[]]
    last: datetime | None = None
    for at in times:
        value = samples[at]
        if value is None or (last and (at - last).total_seconds() > GAP * usual):
            segments.append([])
        if value is not None:
            segments[-1].append((stamp(at) or "", value))
        last = at
    return [[list(dot) for dot in segment] for segment in segments if segment]  # type: ignore[misc]  # lists, as JSON has them
