"""Decisions for any facts at all: never milder for worse, never milder for unknown, whatever the order of rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import facts, reading
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.decision import Decision, decide
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.operations import DECISION
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import together
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.modules import decision
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.bench import printed_by
from tests.unit.policy_strategies import READY, documents, fewer, full_facts, policies, worse

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["12", "nan", "outage", "6 min"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "for", "x"]), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(["scenarios", "error_rate", "users_affected", "cvss"]) | st.text(max_size=5)
pytestmark = pytest.mark.once


def decided(policy: Any, known: dict[str, Any]) -> Decision:
    return decide(policy, facts.read(known))


@given(policies, st.dictionaries(names, anything, max_size=5))
def test_any_input_gives_a_decision_that_can_be_written_down(policy: Any, known: dict[str, Any]) -> None:
    made = decided(policy, known)
    assert made.most.at_least_as_strict_as(made.least)
    shown = made.as_dict()
    assert json.loads(json.dumps(shown)) == shown
    assert shown["decided"] or shown["missing"]


@given(st.data(), policies)
def test_worse_never_gives_a_milder_decision(data: st.DataObject, policy: Any) -> None:
    before = data.draw(full_facts(policy))
    after = data.draw(worse(policy, before))
    assert decided(policy, after).least.at_least_as_strict_as(decided(policy, before).least)


@given(st.data(), policies)
def test_with_all_facts_it_is_settled_and_with_fewer_it_says_between_what(data: st.DataObject, policy: Any) -> None:
    known = data.draw(full_facts(policy))
    whole = decided(policy, known)
    assert not whole.unsettled
    assert not whole.missing()
    part = decided(policy, data.draw(fewer(known)))
    assert whole.least.at_least_as_strict_as(part.least)
    assert part.most.at_least_as_strict_as(whole.least)
    assert set(whole.approvers) <= set(part.approvers)
    for field, word in part.as_dict()["at_least"].items():
        assert field in part.unsettled or whole.as_dict()[field] == word
    assert "approval" in part.unsettled or part.approvers == whole.approvers


@given(st.data(), policies)
def test_whatever_can_change_it_is_named(data: st.DataObject, policy: Any) -> None:
    known = data.draw(full_facts(policy))
    part = decided(policy, data.draw(fewer(known)))
    named = {one["fact"] for one in part.missing()}
    told = {fact: value for fact, value in known.items() if fact in named}
    left = {fact: value for fact, value in known.items() if fact not in named and fact in part.facts.readings}
    seen = {"scenarios": sorted(part.facts.scenarios)} if part.facts.scenarios is not None else {}
    assert decided(policy, {**left, **seen, **told}).least == decided(policy, known).least


@given(st.data(), documents())
def test_the_order_of_rows_is_irrelevant(data: st.DataObject, document: dict[str, Any]) -> None:
    policy = reading.policy(document)
    known = data.draw(full_facts(policy).flatmap(fewer))
    shuffled = replace(policy, rows=tuple(data.draw(st.permutations(policy.rows))))
    assert decided(policy, known).as_dict() == decided(shuffled, known).as_dict()


@given(st.data(), st.sampled_from(sorted(READY)))
def test_the_default_is_at_least_as_strict_as_the_rows_of_each(data: st.DataObject, name: str) -> None:
    default, part = READY["default"], READY[name]
    known = data.draw(full_facts(default))
    assert decided(default, known).least.at_least_as_strict_as(together(row.outcome for row in decided(part, known).matched))


@pytest.mark.parametrize(
    ("policy", "known", "expected"),
    [
        ("rachelfoods", {"scenarios": ["outage"]}, "P0 roll_back now []"),
        ("rachelfoods", {"error_rate": {"value": 12, "for": "2 min"}}, "P0 fix_or_roll_back 15 min []"),
        ("rachelfoods", {"error_rate": {"value": 12, "for": "5 min"}}, "P0 roll_back now []"),
        ("rachelfoods", {"payment_success": {"value": 79, "for": "10 min"}}, "P0 roll_back now []"),
        ("rachelfoods", {"response_time": 5.1}, "P1 scale_first 1 h ['engineering lead']"),
        ("rachelfoods", {"scenarios": ["feature_broken"]}, "P1 fix_forward 1 h ['engineering lead']"),
        ("rachelfoods", {"scenarios": ["email_failing"]}, "P1 fix_forward 2 h ['engineering lead']"),
        ("rachelfoods", {"scenarios": ["cosmetic"]}, "P2 next_deployment None ['engineering manager']"),
        ("rachelfoods", {"cvss": 9.1}, "P0 roll_back now []"),
        ("rachelfoods", {"cvss": 9}, "P1 fix_forward 1 h ['engineering lead']"),
        ("rachelfoods", {"cvss": 4}, "P2 next_deployment None ['engineering manager']"),
        ("derrimut", {"scenarios": ["data_corrupted"]}, "P0 roll_back now ['CTO']"),
        ("derrimut", {"error_rate": {"value": 12, "for": "15 min"}}, "P1 roll_back None ['engineering lead']"),
        ("derrimut", {"error_rate": {"value": 12, "for": "14 min"}}, "P2 fix_forward None []"),
        ("derrimut", {"payment_success": 0}, "P0 roll_back now []"),
        ("derrimut", {"payment_success": 49}, "P1 roll_back None ['engineering lead']"),
        ("derrimut", {"scenarios": ["feature_broken"], "users_affected": 51}, "P1 fix_or_roll_back None ['engineering lead']"),
        ("huntaze", {"scenarios": ["data_lost"]}, "P0 roll_back 5 min []"),
        ("huntaze", {"error_rate": 5.5}, "P1 roll_back 15 min []"),
        ("huntaze", {"scenarios": ["cosmetic"]}, "P3 next_deployment None []"),
        ("realco", {"scenarios": ["outage"], "time_to_fix": 20}, "P0 fix_or_roll_back 30 min []"),
        ("realco", {"scenarios": ["outage"], "time_to_fix": 31}, "P0 roll_back now []"),
        ("realco", {"users_affected": 60, "time_to_fix": 31}, "P1 roll_back 15 min []"),
        ("realco", {"users_affected": 40, "time_to_fix": 31}, "P3 fix_forward None []"),
        ("generic-levels", {"users_affected": 100, "time_to_fix": 61}, "P0 roll_back None []"),
        ("generic-levels", {"users_affected": 9, "time_to_fix": 14}, "P3 fix_forward None []"),
        ("generic-levels", {"failed_health_checks": 4}, "P0 roll_back now []"),
        ("generic-levels", {"memory": 96}, "P0 roll_back now []"),
        ("generic-levels", {"database_pool": 100}, "P0 roll_back now []"),
    ],
)
def test_what_the_runbooks_say(policy: str, known: dict[str, Any], expected: str) -> None:
    ready = READY[policy]
    fine = {fact: 100 if fact == "payment_success" else 0 for fact in ready.numbers}
    shown = decided(ready, {**fine, "scenarios": [], **known}).as_dict()
    assert shown["decided"]
    assert f"{shown['severity']} {shown['action']} {shown['within']} {shown['approval']}" == expected


def test_levels_are_those_of_the_strictest_row() -> None:
    made = decided(READY["generic-levels"], {"users_affected": 60, "time_to_fix": 45}).as_dict()
    assert made["at_least"]["level"] == [2, 3]


def test_while_the_severity_is_not_settled_everybody_who_may_have_to_approve_is_asked() -> None:
    known = {"scenarios": ["cosmetic"], "payment_success": 100, "response_time": 6, "cvss": 0}
    made = decided(READY["rachelfoods"], known).as_dict()
    assert (made["severity"], made["at_least"]["severity"], made["at_most"]["severity"]) == ("UNKNOWN", "P1", "P0")
    assert made["approval"] == ["engineering lead"]
    assert "approval" in made["unsettled"]
    known |= {"response_time": 1}
    assert decided(READY["rachelfoods"], known).approvers == ["engineering lead", "engineering manager"]


def test_a_row_that_a_known_fact_rules_out_waits_for_no_other() -> None:
    known = {"scenarios": ["outage"], "users_affected": 0}
    assert [one["rows"] for one in decided(READY["realco"], known).missing()] == [["realco/outage-lasts"]]
    assert not decided(READY["realco"], {"scenarios": [], "users_affected": 0}).missing()


def test_a_missing_duration_is_unknown_and_named() -> None:
    made = decided(READY["derrimut"], {"scenarios": [], "error_rate": 12, "users_affected": 0, "response_time_factor": 1}).as_dict()
    assert (made["decided"], made["severity"], made["action"]) == (False, "UNKNOWN", "UNKNOWN")
    assert made["at_least"]["severity"] == "P2"
    assert made["missing"][0]["fact"] == "error_rate"
    assert made["missing"][0]["because"] == "not said for how long"
    assert made["missing"][0]["rows"] == ["derrimut/error-rate"]


def test_a_misspelt_scenario_is_not_taken_for_nothing() -> None:
    made = decided(READY["rachelfoods"], {"scenarios": ["outtage"], "error_rat": 50}).as_dict()
    assert made["severity"] == "UNKNOWN"
    assert {one["fact"]: one["because"] for one in made["missing"]}["scenarios"] == "no row knows outtage"
    assert made["ignored"] == ["error_rat"]


def test_a_database_restore_needs_its_own_word_even_at_p0() -> None:
    shown = printed_by(decision.main, policy="default", facts={"scenarios": ["payments_down"]}, restores_database=True)
    assert (shown["severity"], shown["action"], shown["approval"]) == ("P0", "roll_back", ["CTO"])


def test_the_module_shows_reasons_and_the_deadline_in_80_columns() -> None:
    known = {"scenarios": ["checkout_broken"], "error_rate": 6, "payment_success": "97.5"}
    shown = printed_by(decision.main, policy="huntaze", facts={**known, "response_time": 1, "database_pool": 40}, since="2026-11-22T02:38Z")
    assert not shown["decided"], "huntaze has no row on checkout_broken, which may be a name for something else"
    known["scenarios"] = []
    shown = printed_by(decision.main, policy="huntaze", facts={**known, "response_time": 1, "database_pool": 40}, since="2026-11-22T02:38Z")
    assert shown["summary"] == "P1, roll back within 15 min, level 3; nobody has to approve a rollback"
    assert shown["deadline"] == "2026-11-22T02:53:00.000Z"
    assert shown["screen"] == [
        "huntaze: P1, roll back within 15 min, level 3; nobody has to approve a rollback",
        "Due by Sun 22 Nov 02:53 UTC.",
        "  + High error rate, over 5 % (huntaze/error-rate): P1, roll back within 15 min,",
        "    level 3",
        "  ! no row knows payment_success",
    ]


def test_it_fails_on_demand_and_says_what_to_find_out() -> None:
    shown = printed_by(decision.main, policy="realco", facts={"scenarios": ["outage"], "users_affected": 40}, fail=True)
    assert shown["failed"]
    assert shown["msg"].startswith("UNKNOWN: P0, fix, or else roll back within 30 min, level 3, or up to P0, roll back now")
    assert shown["hint"] == "Find out: time_to_fix."
    assert max(len(line) for line in shown["screen"]) <= 80


def test_a_decision_of_an_incident_is_in_its_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", "r1")
    options = {"policy": "huntaze", "facts": {"scenarios": ["outage"]}, "restores_database": False, "since": None, "fail": False}
    outcome(DECISION, options, Run(record=journal.append))
    (event,) = journal.events()
    assert (event["event"], event["severity"], event["policy"], event["facts"]) == ("decided", "P0", "huntaze", options["facts"])
