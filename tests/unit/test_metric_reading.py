"""A figure and its limits: unknown is never well, and every answer has a verdict."""

from __future__ import annotations

import json
import math

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.looking import until_well
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.check import last_moved
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import AT_MOST, Limits, Reading, combined, judged
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.source import Window
from hypothesis import given
from hypothesis import strategies as st

ANY = st.none() | st.floats()
POINTS = st.lists(st.tuples(st.floats(0, 4e9), st.floats()), max_size=100)
LIMITS = st.builds(Limits, st.none() | st.floats(-1e6, 1e6), st.none() | st.floats(-1e6, 1e6), st.sampled_from(["", " %"]))


@given(ANY, POINTS, LIMITS, st.sampled_from(["", "too old"]))
def test_every_reading_has_a_verdict_that_can_be_written_down(
    value: float | None, points: list[tuple[float, float]], limits: Limits, why: str
) -> None:
    check = judged("it", limits, Reading(value, points, unknown=why), "step")

    assert json.loads(json.dumps(check, allow_nan=False))["name"] == "it"
    assert len(check["series"]) <= AT_MOST
    assert [at for at, _value in check["series"]] == sorted(at for at, _value in check["series"])
    if check["verdict"] == "OK":
        assert value is not None
        assert math.isfinite(value)
        assert not why
        assert limits.hold(value)
    if value is None or not math.isfinite(value) or why:
        assert check["verdict"] == "UNKNOWN"
        assert check["got"]


@pytest.mark.parametrize(("statistic", "value"), [("Average", 3), ("Sum", 9), ("Minimum", 1), ("Maximum", 6), ("Last", 2)])
def test_one_value_of_many(statistic: str, value: float) -> None:
    assert combined([(1, 1.0), (2, 6.0), (3, 2.0)], statistic) == value


@given(st.integers(1, 60), st.none() | st.floats(-1e4, 1e4))
def test_a_window_never_begins_before_the_rollback_nor_ends_before_it_begins(minutes: int, ago: float | None) -> None:
    window = Window.of(minutes, 1e9, None if ago is None else 1e9 - ago)

    assert 0 < window.seconds <= 60 * minutes
    assert window.counts_from >= window.start
    if ago is not None and 1 < ago < 60 * minutes:
        assert window.counts_from == 1e9 - ago
    assert str(window)


def test_the_last_move_is_the_newest_change_of_a_release() -> None:
    def result(at: str, status: str, kind: str = "release") -> dict[str, str]:
        return {"event": "result", "at": at, "status": status, "kind": kind}

    looks = [{"event": "checked", "at": "9"}]
    moves = [result("1", "changed"), result("3", "ok"), result("2", "changed"), result("4", "changed", "other")]
    assert last_moved([*looks, *moves]) == "2"
    assert last_moved(looks) is None


@pytest.mark.parametrize(
    ("seen", "looks", "timeout", "asked"),
    [
        (["OK"], 1, 0, 1),
        (["BAD", "OK"], 1, 0, 1),
        (["BAD", "UNKNOWN", "OK"], 1, 60, 3),
        (["OK", "OK"], 2, 0, 2),
        (["OK", "BAD", "OK", "OK"], 2, 60, 4),
        (["OK", "BAD", "OK"], 2, 0, 2),
    ],
)
def test_looking_until_it_is_well_and_once_more(seen: list[str], looks: int, timeout: float, asked: int) -> None:
    left = iter(seen)
    found = []

    def look() -> dict[str, str]:
        found.append(next(left))
        return {"verdict": found[-1], "summary": "no"}

    assert until_well(look, lambda text: None, timeout, 0, looks)["verdict"] == seen[asked - 1]
    assert len(found) == asked
