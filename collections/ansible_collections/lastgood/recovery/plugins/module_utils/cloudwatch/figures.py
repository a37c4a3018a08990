# SPDX-License-Identifier: GPL-3.0-or-later
"""A metric's figure from the raw sums of its periods, and whether it is within its limits. Nothing is asked here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics import reading
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import Limits, Points, Reading, number

Series = Mapping[Any, float]
"""Values by the time at which their period begins."""


@dataclass(frozen=True)
class Figure:
    """C(value) is None when there is no data to tell it from; C(count) is of how many it was computed."""

    value: float | None
    count: float
    unit: str = ""


def statistics(metric: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What has to be read for that metric: pairs of a metric's name and a statistic. An average is never averaged again."""
    name, statistic = metric["metric_name"], metric["statistic"]
    if metric["percent_of"]:
        return ((name, "Sum"), (metric["percent_of"], "Sum"))
    if metric["weighted_by"]:
        return ((name, "Sum"), (name, "SampleCount"), (metric["weighted_by"], "Sum"))
    if statistic == "Average":
        return ((name, "Sum"), (name, "SampleCount"))
    return ((name, statistic), (name, "SampleCount"))


def figure(metric: Mapping[str, Any], read: Mapping[tuple[str, str], Series]) -> Figure:
    """The figure of all periods together; of a percentile, a minimum or a maximum the period that comes closest to the limit."""
    name, statistic = metric["metric_name"], metric["statistic"]
    if metric["percent_of"]:
        part, whole = read[name, "Sum"], _total(read[metric["percent_of"], "Sum"])
        # Some metrics have no data point for what did not happen; others are missing because their name is misspelt.
        known = whole and (part or metric["missing_is_zero"])
        return Figure(100 * _total(part) / whole if known else None, whole, " %")
    samples = read[name, "SampleCount"]
    if metric["weighted_by"]:
        return _weighted(read[name, "Sum"], samples, read[metric["weighted_by"], "Sum"])
    count = _total(samples)
    values = read.get((name, statistic), {})
    if not count:
        return Figure(None, 0)
    if statistic == "Average":
        return Figure(_total(read[name, "Sum"]) / count, count)
    if statistic in ("Sum", "SampleCount"):
        return Figure(_total(values), count)
    if not values:
        return Figure(None, count)
    least = statistic == "Minimum" or (statistic != "Maximum" and metric["max"] is None)
    return Figure((min if least else max)(values.values()), count)


def points(metric: Mapping[str, Any], read: Mapping[tuple[str, str], Series]) -> Points:
    """The figure of each minute that has one, by seconds since the epoch."""
    times = sorted({at for series in read.values() for at in series})
    minutes = {at: {what: {at: series[at]} if at in series else {} for what, series in read.items()} for at in times}
    values = [(at.timestamp(), figure(metric, defaultdict(dict, minute)).value) for at, minute in minutes.items()]
    return [(at, value) for at, value in values if value is not None]


def judged(metric: Mapping[str, Any], of: Figure, window: str, series: Points | tuple[()] = ()) -> Check:
    """The check: OK within the limits, UNKNOWN without data or with less of it than is asked for."""
    limits = Limits(metric["min"], metric["max"], metric["unit"] or of.unit)
    counted = metric["percent_of"] or metric["weighted_by"] or "samples"
    unknown = ""
    if of.value is None:
        unknown = f"no data {window}"
    elif of.count < metric["min_count"]:
        unknown = f"{number(of.count)} {counted} {window}, which is too little to tell"
    seen = Reading(of.value, series, f" of {number(of.count)} {counted} {window}", unknown)
    return reading.judged(metric["name"], limits, seen, f"{metric['namespace']} {metric['metric_name']}")


def _weighted(sums: Series, samples: Series, weights: Series) -> Figure:
    """Percentages of a minute count as much as what they are of; a minute that only one of the two tells of counts for nothing."""
    both = [at for at in weights if samples.get(at) and weights[at] > 0]
    weight = sum(weights[at] for at in both)
    total = sum(sums.get(at, 0.0) / samples[at] * weights[at] for at in both)
    return Figure(total / weight if weight else None, weight)


def _total(series: Series) -> float:
    return sum(series.values())
