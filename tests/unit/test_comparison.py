"""Worse than before the rollback: then nothing further goes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import verdict
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import next_steps
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.comparison import worse
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.deciding import DECIDE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from hypothesis import given
from hypothesis import strategies as st

BADNESS = ["OK", "UNKNOWN", "BAD"]
STANDING = {verdict.RESTORED: 0, verdict.PARTIAL: 1, verdict.COULD_NOT_VERIFY: 1, verdict.NOT_RESTORED: 2}


def flow(word: str, name: str = "log in") -> dict[str, Any]:
    return {"name": name, "verdict": word}


def metric(value: float | None, at_most: float | None = 1.0, at_least: float | None = None, name: str = "errors") -> dict[str, Any]:
    fine = value is not None and (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    word = "UNKNOWN" if value is None else "OK" if fine else "BAD"
    return {"name": name, "verdict": word, "value": value, "unit": " %", "at_most": at_most, "at_least": at_least}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (flow("OK"), flow("BAD"), ["log in worked before"]),
        (flow("OK"), flow("UNKNOWN"), []),
        (flow("UNKNOWN"), flow("BAD"), []),
        (flow("BAD"), flow("BAD"), []),
        (flow("BAD"), flow("OK"), []),
        (metric(0.5), metric(3), ["errors was within its limit before"]),
        (metric(40), metric(80), ["errors 80 %, was 40 %"]),
        (metric(40), metric(49), []),
        (metric(1.01), metric(1.02), []),
        (metric(40), metric(None), []),
        (metric(None), metric(40), []),
        (metric(50, None, 100), metric(10, None, 100), ["errors 10 %, was 50 %"]),
        (metric(50, None, 100), metric(60, None, 100), []),
        (metric(3, 0), metric(3, 0), []),
        (metric(3, 0), metric(4, 0), ["errors 4 %, was 3 %"]),
        (metric(200, 100, 50), metric(10, 100, 50), []),
    ],
)
def test_what_is_worse(before: dict[str, Any], after: dict[str, Any], words: list[str]) -> None:
    assert worse([before], [after]) == words


def test_what_was_not_looked_at_before_is_not_worse() -> None:
    assert worse([], [flow("BAD")]) == []


def test_the_way_forward_is_offered_first_when_it_is_worse() -> None:
    steps = next_steps({"scenario": "checkout"}, verdict.NOT_RESTORED, worse=True)

    assert "playbooks/undo.yml" in steps[0]
    assert sorted(steps) == sorted(next_steps({"scenario": "checkout"}, verdict.NOT_RESTORED))


def look(phase: str, *checks: dict[str, Any], run: str = "now") -> dict[str, Any]:
    return {"event": "checked", "run": run, "phase": phase, "checks": list(checks)}


def test_the_verdict_says_what_is_worse_even_where_something_else_recovered() -> None:
    events = [look("before", flow("BAD", "page"), flow("OK")), look("after frontend", flow("OK", "page"), flow("BAD"))]

    judged = verdict.judge(events, "now")

    assert (judged.word, judged.reason) == (verdict.NOT_RESTORED, "worse than before: log in worked before")


def test_before_is_when_the_incident_was_opened() -> None:
    events = [look("before", flow("OK"), run="first"), look("before", flow("BAD")), look("after", flow("BAD"))]

    assert verdict.judge(events, "now").worse == ("log in worked before",)


def test_a_flow_and_a_metric_of_one_name_are_two_checks() -> None:
    events = [look("after", flow("BAD", "orders")), {**look("after", metric(0, name="orders")), "kind": "metrics"}]

    assert verdict.judge(events, "now").word == verdict.NOT_RESTORED


def test_that_the_right_release_is_served_alone_does_not_verify_that_it_works() -> None:
    events = [{**look("after", flow("OK", "version of shop")), "kind": "versions"}]

    assert verdict.judge(events, "now") == verdict.Verdict(verdict.COULD_NOT_VERIFY, "there is nothing to check")
    assert verdict.judge([look("after", flow("OK")), *events], "now").word == verdict.RESTORED


VALUES = st.none() | st.floats(min_value=-1000, max_value=1000)
LIMITS = st.none() | st.integers(min_value=-5, max_value=5).map(float)
ANY = st.one_of(
    st.builds(flow, st.sampled_from([*BADNESS, "SKIPPED"]), st.sampled_from("abc")),
    st.builds(metric, VALUES, LIMITS, LIMITS, st.sampled_from("xyz")),
)
CHECKS = st.lists(ANY, max_size=6, unique_by=lambda check: check["name"])


@given(CHECKS, CHECKS)
def test_every_pair_of_looks_has_a_verdict_and_unknown_is_never_green(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    judged = verdict.judge([look("before", *before), look("after", *after)], "now")

    assert judged.word in verdict.EXIT_CODES
    if judged.word == verdict.RESTORED:
        assert {check["verdict"] for check in after} == {"OK"}
    if judged.worse:
        assert judged.word == verdict.NOT_RESTORED


@given(CHECKS, CHECKS, st.data())
def test_a_check_that_looks_worse_never_makes_the_verdict_milder(
    before: list[dict[str, Any]], after: list[dict[str, Any]], data: st.DataObject
) -> None:
    flows = [check for check in after if "value" not in check and check["verdict"] in BADNESS[:2]]
    milder = verdict.judge([look("before", *before), look("after", *after)], "now")
    if not flows:
        return
    one = data.draw(st.sampled_from(flows))
    word = data.draw(st.sampled_from(BADNESS[BADNESS.index(one["verdict"]) + 1 :]))
    changed = [{**check, "verdict": word} if check is one else check for check in after]

    assert STANDING[verdict.judge([look("before", *before), look("after", *changed)], "now").word] >= STANDING[milder.word]


@given(st.floats(0, 1000), st.floats(0, 1000), st.floats(0, 1000))
def test_a_metric_further_from_its_limit_never_makes_the_verdict_milder(was: float, near: float, far: float) -> None:
    near, far = sorted((near, far))
    words = [verdict.judge([look("before", metric(was)), look("after", metric(now))], "now").word for now in (near, far)]

    assert STANDING[words[0]] <= STANDING[words[1]]


@pytest.mark.parametrize(
    ("before", "after", "metrics", "begun", "needed", "says"),
    [
        ("BAD", "OK", None, [], False, "checkout works again"),
        ("BAD", "BAD", None, [], True, "checkout stays broken"),
        ("BAD", "UNKNOWN", None, [], True, "checkout stays broken"),
        ("OK", "BAD", None, [], False, "worse than before: log in worked before"),
        ("OK", "BAD", None, ["backend"], True, "begun in an earlier run"),
        ("BAD", "OK", "BAD", [], True, "checkout stays broken"),
        ("BAD", "OK", "UNKNOWN", [], False, "its metrics cannot tell"),
    ],
)
def test_whether_a_further_tier_goes_back(
    tmp_path: Path, before: str, after: str, metrics: str | None, begun: list[str], needed: bool, says: str
) -> None:
    journal = Journal(tmp_path / "journal.jsonl", "now")
    for phase, word in (("before", before), ("after frontend", after)):
        journal.append("checked", phase=phase, checks=[flow(word)])
    incident = {"plan": {"begun": begun, "foreseen": []}, "scenario": "checkout", "journal": str(journal.path), "run": "now"}
    options = {"incident": incident, "tier": "backend", "checks": {"verdict": after}, "metrics": {"verdict": metrics} if metrics else None}

    result = outcome(DECIDE, options, Run())

    assert result["needed"] is needed
    assert says in result["summary"]
