"""Which stages of a rollout are left, and what sends it back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.rollout.beginning import begin
from ansible_collections.lastgood.recovery.plugins.module_utils.rollout.judging import end, judge

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACTIVE = {"state": "ACTIVE", "canary": "dpl_new", "percentage": 50, "percentages": [5, 50, 100]}
COMPLETE = {"state": "COMPLETE", "canary": "dpl_old", "percentage": 100, "percentages": [5, 50, 100]}


def begun(store: Path, rollout: dict[str, Any] | None, verdict: str = "OK", check: bool = False, **more: Any) -> dict[str, Any]:
    options = {
        "store": str(store),
        "environment_name": "test",
        "targets": ["shop"],
        "provider": "vercel",
        "steps": [10, 100],
        "standing": {"rollout": rollout, "serving": "dpl_old"},
        "deployment": None,
        "checks": {"verdict": verdict, "summary": f"it is {verdict}"},
        "metrics": None,
        **more,
    }
    return begin(options, Run(check=check))


def test_stages_of_one_that_is_named_of_one_under_way_and_of_one_that_is_complete(tmp_path: Path) -> None:
    named = begun(tmp_path, COMPLETE, deployment="dpl_new")
    assert named["stages"] == [{"percentage": 10, "state": "started"}, {"percentage": 100, "state": "advanced"}]
    assert named["configure"] == [{"percentage": 10}, {"percentage": 100}]
    under_way = begun(tmp_path, ACTIVE)
    assert under_way["stages"] == [{"percentage": 50, "state": "advanced"}, {"percentage": 100, "state": "advanced"}]
    assert (under_way["deployment"], under_way["configure"]) == ("dpl_new", [])
    assert begun(tmp_path, COMPLETE)["stages"] == []
    assert begun(tmp_path, ACTIVE, check=True)["stages"] == []


@pytest.mark.parametrize(
    ("rollout", "more", "says"),
    [
        (None, {}, "nothing is being rolled out at shop"),
        (ACTIVE, {"deployment": "dpl_other"}, "is that of dpl_new"),
        (COMPLETE, {"deployment": "dpl_new", "verdict": "BAD"}, "it is BAD: nothing is rolled out"),
        (COMPLETE, {"deployment": "dpl_new", "verdict": "UNKNOWN"}, "it is UNKNOWN: nothing is rolled out"),
        (COMPLETE, {"verdict": "BAD"}, "serves everybody already, and it is BAD"),
        (ACTIVE, {"targets": ["shop", "blog"]}, "are several targets"),
        (ACTIVE, {"provider": "netlify"}, "knows no rolling releases"),
    ],
)
def test_what_is_refused(tmp_path: Path, rollout: dict[str, Any] | None, more: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        begun(tmp_path, rollout, **more)


def test_what_fails_already_takes_back_what_is_under_way_and_an_unknown_is_looked_at_longer(tmp_path: Path) -> None:
    taken = begun(tmp_path, ACTIVE, "BAD")
    assert (taken["abort"], bool(taken["bad_at"])) == (True, True), "else a look that meets the base finds nothing broken"
    assert not begun(tmp_path, ACTIVE, "UNKNOWN")["abort"]


def test_a_rollout_that_is_being_taken_back_is_and_any_other_incident_forbids_one(tmp_path: Path) -> None:
    fields = {"environment": "test", "opened_at": moment.iso(NOW), "bad_at": moment.iso(NOW), "reason": "it was slow", "state": "started"}
    mine = Store(tmp_path).create(NOW, "rollout", {**fields, "scenario": "rollout"})
    taken = begun(tmp_path, {**ACTIVE, "state": "ABORTED", "percentage": 0})
    assert (taken["abort"], taken["bad_at"], taken["why"]) == (True, moment.iso(NOW), "it was slow")
    mine.update(state="committed")
    Store(tmp_path).create(NOW, "edge", {**fields, "scenario": "edge"})
    with pytest.raises(Refused, match="edge is going on"):
        begun(tmp_path, ACTIVE)


@pytest.mark.parametrize(
    ("more", "aborts"),
    [
        ({}, False),
        ({"metrics": {"skipped": True, "verdict": "OK"}}, False),
        ({"checks": {"verdict": "BAD", "summary": "x"}}, True),
        ({"checks": {"verdict": "UNKNOWN", "summary": "x"}}, True),
        ({"checks": {}}, True),
        ({"metrics": {"verdict": "UNKNOWN", "summary": "x"}}, True),
        ({"metrics": {"verdict": "BAD", "summary": "x"}}, True),
        ({"step": {"msg": "no answer"}}, True),
    ],
)
def test_only_what_is_well_goes_on(more: dict[str, Any], aborts: bool) -> None:
    fine = {"verdict": "OK", "summary": "fine"}
    result = judge({"percentage": 10, "step": {"rollout": {}}, "checks": fine, "metrics": None, **more}, Run())
    assert (result["abort"], bool(result["bad_at"])) == (aborts, aborts)


def test_a_skipped_metric_is_none() -> None:
    options = {"percentage": 10, "step": {"rollout": {}}, "checks": {"verdict": "OK", "summary": "fine"}, "metrics": {"skipped": True}}
    assert not judge(options, Run())["abort"]


def test_the_exit_code_says_how_it_ended() -> None:
    codes = {state: end({"state": state, "deployment": "dpl", "why": "slow"}, Run())["exit_code"] for state in ("completed", "aborted")}
    assert codes == {"completed": 0, "aborted": 11}
