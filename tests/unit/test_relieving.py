"""Instances are added until it is well, and go again once, where going back has cured it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan_rows import foreseen
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.relieving import ADD, DECIDE, TAKE_AWAY, taken_away
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import plan_rows, told_apart
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

pytestmark = pytest.mark.once
WELL, SLOW, NOT_KNOWN = {"verdict": "OK"}, {"verdict": "BAD"}, {"verdict": "UNKNOWN"}
TWO, SIX = ({"id": f"instances: service {number}"} for number in (2, 6))


def decided(step: str, run: Run | None = None, **options: Any) -> dict[str, Any]:
    given = {"incident": {"resumed": True, "scenario": "performance"}, "checks": WELL, "metrics": {}, "went_back": False, **options}
    return DECIDE.perform({"step": step, **given}, run or Run())


@pytest.mark.parametrize(
    ("resumed", "checks", "metrics", "needed"),
    [
        (False, WELL, {}, True),  # somebody says that it is slow, whatever the checks say
        (True, WELL, {}, False),
        (True, WELL, WELL, False),
        (True, SLOW, {}, True),
        (True, NOT_KNOWN, {}, True),
        (True, WELL, SLOW, True),
        (True, WELL, NOT_KNOWN, True),
    ],
)
def test_they_are_added_unless_an_earlier_run_has_cured_it(resumed: bool, checks: Any, metrics: Any, needed: bool) -> None:
    incident = {"resumed": resumed, "scenario": "performance"}
    assert decided(ADD, incident=incident, checks=checks, metrics=metrics)["needed"] is needed


@pytest.mark.parametrize("how", [{"checks": SLOW}, {"checks": NOT_KNOWN}, {"metrics": SLOW}, {"metrics": NOT_KNOWN}], ids=str)
def test_what_is_not_known_to_be_well_keeps_them(how: dict[str, Any]) -> None:
    assert "stay" in decided(TAKE_AWAY, went_back=True, **how)["summary"]


def test_where_nothing_went_back_or_nothing_happens_they_stay() -> None:
    assert decided(TAKE_AWAY) == {"needed": False}
    assert decided(TAKE_AWAY, Run(check=True), went_back=True) == {"needed": False}


@pytest.mark.parametrize(("kind", "status", "to", "taken"), [
    ("measure", "changed", TWO, True), ("measure", "changed", SIX, False), ("measure", "failed", TWO, False),
    ("release", "changed", TWO, False),
])
def test_taken_away_is_what_the_journal_says(kind: str, status: str, to: Any, taken: bool) -> None:
    event = {"event": "result", "target": "api", "kind": kind, "status": status, "to": to}
    assert taken_away([{"event": "intent", "target": "api"}, event], {"api": TWO}) is taken


@pytest.mark.parametrize(("changes", "tiers"), [(True, set()), (False, {"backend"})])
def test_a_release_is_not_foreseen_to_go_back_while_instances_may_help(changes: bool, tiers: set[str]) -> None:
    release = {"target": "api", "tier": "backend", "changes": True, "only_if": "it stays slow"}
    assert foreseen([release], [{**release, "changes": changes, "only_if": ""}]) == tiers
    assert foreseen([], [{**release, "changes": changes, "only_if": ""}]) == {"backend"}


def test_a_report_tells_a_measure_from_the_release_of_the_same_target() -> None:
    targets, measures = ([{"target": name} for name in names] for names in (("api", "payments"), ("api", "new-menu")))
    plan = {"event": "plan", "targets": targets, "measures": measures}
    results = [{"event": "result", "target": "api", "kind": kind} for kind in ("measure", "release")]
    told = told_apart([plan, *results])
    assert [row["target"] for row in plan_rows(told[0])] == ["api", "payments", "api, its measure", "new-menu"]
    assert [event["target"] for event in told[1:]] == ["api, its measure", "api"]
    assert told_apart(results) == results
