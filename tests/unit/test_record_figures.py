"""What is computed out of many incidents, and how it is written for other programs."""
from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.figures import read_figures, spread
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import Objectives, read_objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.rollback_log import COLUMNS, FORMULA, as_csv
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.trend import draw_trend
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.once
SECONDS = st.floats(0, 1e6) | st.none()


def row(number: int = 1, **more: Any) -> dict[str, Any]:
    seconds = dict.fromkeys(("detect", "decide", "roll_back", "verify", "broken", "total"), float(number))
    return {
        "id": f"2026-11-{number:02}-checkout", "opened_at": f"2026-11-{number:02}T02:38:00.000Z", "environment": "production",
        "environment_title": "PRODUCTION", "scenario": "checkout", "severity": "P1", "reason": "orders fail", "lead": "maria",
        "state": "committed", "drill": False, "verdict": "RESTORED", "begun": True, "seconds": seconds,
        "rto": {"seconds": 900.0, "used": 5.0, "judged": "met"}, "services": [], "method": "Vercel: shop", "data_loss": "none",
        "by": "maria", "approved_by": "not needed", **more,
    }


@given(st.lists(SECONDS), st.floats(1, 1e6))
def test_percentiles_are_in_order_and_nothing_unknown_is_counted(values: list[float | None], objective: float) -> None:
    told = spread(values, objective)
    known = [value for value in values if value is not None]
    assert told["known"] == len(known)
    if known:
        assert min(known) - 0.001 <= told["p50"] <= told["p95"] + 0.001 <= max(known) + 0.002
        assert told["most"] == max(known)
        assert told["within"] == len([value for value in known if value <= objective])
    else:
        assert told["mean"] is told["p95"] is told["within"] is None


def test_incidents_and_drills_are_told_apart_and_by_place() -> None:
    rows = [row(1), row(2, scenario="edge"), row(3, drill=True, environment="staging"), row(4, begun=False), row(5, verdict="NOT RESTORED")]
    groups = {group["name"]: group for group in read_figures(rows, Objectives({"detect": 2.0}))["groups"]}
    assert {name: group["rollbacks"] for name, group in groups.items()} == {
        "all incidents": 3, "all drills": 1, "production, checkout": 2, "production, edge": 1, "staging, checkout, drills": 1,
    }
    assert groups["all incidents"]["verdicts"] == {"RESTORED": 2, "NOT RESTORED": 1}
    assert groups["all incidents"]["durations"]["detect"] | {"mean": None} == {
        "known": 3, "mean": None, "p50": 2.0, "p95": pytest.approx(4.7), "most": 5.0, "objective": 2.0, "within": 2,
    }


def test_services_are_judged_by_their_own_objectives() -> None:
    services = [{"target": "api", "tier": "backend", "recovery": seconds, "loss": 30.0} for seconds in (100.0, 400.0, None)]
    (told,) = read_figures([row(1, services=services)], Objectives({}, {"api": {"rto": 300, "rpo": 60}}))["services"]
    assert told["rollbacks"] == 3
    assert (told["recovery"]["known"], told["recovery"]["within"]) == (2, 1)
    assert told["loss"]["within"] == 3


def test_services_are_told_by_their_priority() -> None:
    objectives = read_objectives({"services": {"api": {"rto": 300, "priority": "high"}, "shop": {"priority": "critical"}}})
    services = [{"target": name, "tier": "backend", "recovery": 5.0, "loss": None} for name in ("api", "blog", "shop")]
    told = read_figures([row(1, services=services)], objectives)["services"]
    assert [(one["service"], one["priority"]) for one in told] == [("shop", "critical"), ("api", "high"), ("blog", "")]


@pytest.mark.parametrize("given_wrong", [
    {"duration": {}}, {"durations": {"mttd": 5}}, {"durations": {"detect": "soon"}}, {"durations": {"detect": True}},
    {"services": {"api": {"rto": 0}}}, {"services": {"api": {"slo": 5}}}, {"services": ["api"]},
    {"services": {"api": {"priority": "urgent"}}},
])
def test_an_objective_that_would_be_overlooked_is_refused(given_wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="objectives"):
        read_objectives(given_wrong)


@given(st.lists(st.text(), min_size=4, max_size=4), st.sampled_from([*FORMULA, "\t=", "\r@", " -", "\ufeff"]))
def test_no_cell_of_the_log_is_a_formula_or_has_a_second_line(words: list[str], start: str) -> None:
    texts = [start + word for word in words]
    keys = ("environment", "reason", "method", "by")
    written = as_csv([row(1, **dict(zip(keys, texts, strict=True)))])
    written.encode("utf-8", "replace")
    head, only = list(csv.reader(io.StringIO(written)))
    assert tuple(head) == COLUMNS
    assert len(only) == len(COLUMNS)
    for cell in only:
        assert not cell.lstrip().startswith(FORMULA)
        assert len(cell.splitlines()) <= 1
        assert not set(cell) & {"\t", "\r", "\n", "\0"}


def test_the_log_has_derrimuts_columns() -> None:
    assert COLUMNS[:8] == ("Date", "Environment", "Reason", "Method", "Duration", "Data Loss", "By", "Approved By")
    (told,) = list(csv.DictReader(io.StringIO(as_csv([row(9)]))))
    assert told["Date"] == "2026-11-09 02:38 UTC"
    assert told["Duration"] == "9.0 s"


@given(st.lists(st.tuples(st.integers(1, 28), SECONDS), max_size=12), SECONDS)
def test_a_trend_stays_within_its_picture(points: list[tuple[int, float | None]], objective: float | None) -> None:
    rows = [row(day, seconds={"detect": seconds}) for day, seconds in sorted(points, key=lambda point: point[0])]
    picture = draw_trend(rows, "detect", objective)
    known = [seconds for _day, seconds in points if seconds is not None]
    assert picture.count("<circle") == (len(known) if len(known) > 1 else 0)
    for name in ("cy", "y1"):
        assert all(14 <= float(part.split('"')[0]) <= 134 for part in picture.split(f' {name}="')[1:])
