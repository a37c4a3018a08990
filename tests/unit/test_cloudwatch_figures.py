"""Rates from raw sums, against the same rate computed from every single request."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch.figures import figure, judged, statistics
from hypothesis import given
from hypothesis import strategies as some

Read = dict[tuple[str, str], dict[int, float]]
PLAIN = {"name": "it", "namespace": "Shop", "metric_name": "Errors", "statistic": "Average", "percent_of": None, "weighted_by": None}
LIMITS = {"min": None, "max": 5.0, "min_count": 1, "unit": "", "missing_is_zero": False}
MINUTES = some.dictionaries(some.integers(0, 9), some.lists(some.booleans(), min_size=1, max_size=50), max_size=5)


def metric(**more: Any) -> dict[str, Any]:
    return {**PLAIN, **LIMITS, **more}


def read(asked: dict[str, Any], series: Read) -> Read:
    return {what: series.get(what, {}) for what in statistics(asked)}


@given(MINUTES)
def test_a_percentage_is_that_of_all_requests_together(minutes: dict[int, list[bool]]) -> None:
    asked = metric(percent_of="Requests", missing_is_zero=True)
    series: Read = {
        ("Errors", "Sum"): {at: float(sum(failed)) for at, failed in minutes.items() if any(failed)},
        ("Requests", "Sum"): {at: float(len(failed)) for at, failed in minutes.items()},
    }
    every = [failed for one in minutes.values() for failed in one]
    found = figure(asked, read(asked, series))
    assert found.count == len(every)
    assert found.value == (pytest.approx(100 * sum(every) / len(every)) if every else None)


@given(MINUTES)
def test_a_weighted_average_of_percentages_is_that_of_all_requests_together(minutes: dict[int, list[bool]]) -> None:
    asked = metric(weighted_by="Requests")
    series: Read = {
        ("Errors", "Sum"): {at: 2 * 100 * sum(failed) / len(failed) for at, failed in minutes.items()},
        ("Errors", "SampleCount"): dict.fromkeys(minutes, 2.0),
        ("Requests", "Sum"): {at: float(len(failed)) for at, failed in minutes.items()},
    }
    every = [failed for one in minutes.values() for failed in one]
    found = figure(asked, read(asked, series))
    assert found.value == (pytest.approx(100 * sum(every) / len(every)) if every else None)


@given(MINUTES)
def test_an_average_is_that_of_all_samples(minutes: dict[int, list[bool]]) -> None:
    asked = metric()
    series: Read = {
        ("Errors", "Sum"): {at: float(sum(failed)) for at, failed in minutes.items()},
        ("Errors", "SampleCount"): {at: float(len(failed)) for at, failed in minutes.items()},
    }
    every = [failed for one in minutes.values() for failed in one]
    assert figure(asked, read(asked, series)).value == (pytest.approx(sum(every) / len(every)) if every else None)


def test_a_minute_that_only_one_metric_tells_of_yet_does_not_count() -> None:
    asked = metric(weighted_by="Requests")
    series: Read = {
        ("Errors", "Sum"): {0: 50.0},
        ("Errors", "SampleCount"): {0: 1.0},
        ("Requests", "Sum"): {0: 10.0, 1: 90.0},
    }
    assert figure(asked, read(asked, series)).value == 50


@pytest.mark.parametrize(
    ("statistic", "limits", "value"),
    [
        ("p99", {"max": 2.0}, 9),
        ("p01", {"min": 2.0, "max": None}, 1),
        ("Minimum", {"min": 2.0, "max": None}, 1),
        ("Maximum", {"max": 2.0}, 9),
        ("Sum", {"max": 2.0}, 15),
    ],
)
def test_of_percentiles_and_extremes_the_worst_minute_counts(statistic: str, limits: dict[str, Any], value: float) -> None:
    asked = metric(statistic=statistic, **limits)
    series: Read = {("Errors", statistic): {0: 1.0, 1: 9.0, 2: 5.0}, ("Errors", "SampleCount"): {0: 1.0, 1: 1.0, 2: 1.0}}
    found = figure(asked, read(asked, series))
    assert found.value == value
    assert judged(asked, found, "today")["verdict"] == "BAD"


@pytest.mark.parametrize(
    ("asked", "series", "words"),
    [
        (metric(), {}, "no data today"),
        (metric(percent_of="Requests"), {("Requests", "Sum"): {0: 5.0}}, "no data today"),
        (metric(percent_of="Requests", missing_is_zero=True), {("Requests", "Sum"): {0: 0.0}}, "no data today"),
        (
            metric(percent_of="Requests", missing_is_zero=True, min_count=100),
            {("Requests", "Sum"): {0: 5.0}},
            "5 Requests today, which is too little to tell",
        ),
        (metric(statistic="p99"), {("Errors", "SampleCount"): {0: 5.0}}, "no data today"),
    ],
)
def test_without_data_nobody_can_tell(asked: dict[str, Any], series: Read, words: str) -> None:
    told = judged(asked, figure(asked, read(asked, series)), "today")
    assert (told["verdict"], told["got"]) == ("UNKNOWN", words)


@given(some.floats(0, 100), some.floats(0, 100), some.floats(0, 100))
def test_well_is_within_both_limits(value: float, least: float, most: float) -> None:
    asked = metric(min=least, max=most)
    series: Read = {("Errors", "Sum"): {0: value}, ("Errors", "SampleCount"): {0: 1.0}}
    told = judged(asked, figure(asked, read(asked, series)), "today")
    assert told["verdict"] == ("OK" if least <= value <= most else "BAD")
