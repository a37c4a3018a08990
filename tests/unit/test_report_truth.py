"""Wherever a crash cut the journal off, the report says no more than the journal does."""
from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_html import as_html
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import as_markdown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_postmortem import as_postmortem
from hypothesis import example, given
from hypothesis import strategies as st

from tests.browser.crafted import BAD_SHOP, GOOD_SHOP, NOW, at, began, checked, ended, incident, journal, planned
from tests.browser.crafted_whole import whole_incident, whole_journal

Events = list[dict[str, Any]]
EVERY_CUT = range(len(journal()) + 1)
EVERY_WHOLE_CUT = range(len(whole_journal()) + 1)


def report(events: Events, **fields: Any) -> dict[str, Any]:
    """The facts, once they and both pages have proved to be writable."""
    facts = read_report(incident(**fields), events, NOW)
    assert json.loads(json.dumps(facts)) == facts
    for page in (as_html(facts), as_markdown(facts), as_postmortem(facts)):
        assert facts["verdict"]["word"] in page
        page.encode()
    return facts


@pytest.mark.parametrize("length", EVERY_CUT)
def test_a_journal_cut_after_any_line_gives_the_verdict_it_holds(length: int) -> None:
    events = journal()[:length]
    expected = "RESTORED" if any(event["event"] == "verdict" for event in events) else "IN PROGRESS"
    facts = report(events, state="started")
    assert facts["verdict"]["word"] == expected
    assert facts["rto"]["judged"] == ("met" if expected == "RESTORED" else "running")


@pytest.mark.parametrize("length", EVERY_WHOLE_CUT)
def test_a_whole_journal_cut_after_any_line_can_be_told(length: int) -> None:
    events = whole_journal()[:length]
    facts = report(events, **{key: value for key, value in whole_incident().items() if key != "state"})
    ended = any(event["event"] == "verdict" for event in events)
    assert facts["verdict"]["word"] == ("RESTORED" if ended else "IN PROGRESS")
    assert len(facts["communications"]) == sum(event["event"] == "told" for event in events)
    assert ended or not any(row["rto"]["judged"] == "met" for row in facts["tiers"] if row["rto"])


@pytest.mark.parametrize("length", EVERY_CUT)
def test_every_intent_without_a_result_is_listed(length: int) -> None:
    events = journal()[:length]
    key = ("target", "task", "run")
    announced = [tuple(event[name] for name in key) for event in events if event["event"] == "intent"]
    answered = [tuple(event[name] for name in key) for event in events if event["event"] == "result"]
    listed = [(cut["target"], cut["what"]) for cut in report(events)["cuts"] if cut["kind"] == "step"]
    assert sorted(listed) == sorted(one[:2] for one in announced if one not in answered)


@pytest.mark.parametrize("length", EVERY_CUT)
def test_every_call_without_an_answer_is_listed(length: int) -> None:
    events = journal()[:length]
    sent = sum((event["event"] == "call") - (event["event"] == "answer") for event in events)
    assert len([cut for cut in report(events)["cuts"] if cut["kind"] == "call"]) == sent


json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800\x00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
moments = st.sampled_from([at(0), at(5), "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "soon", None])
names = st.sampled_from(["opened", "resumed", "plan", "intent", "result", "call", "answer", "checked", "verdict", "closed",
                         "confirmed", "undone", "unreadable", "never heard of", "told", "overridden", "approved", "approval_overridden",
                         "loss", "lock_taken"])
fields = st.sampled_from(["target", "task", "run", "status", "seconds", "verdict", "phase", "checks", "targets", "from", "to", "held",
                           "expected", "loss", "stage", "channel", "state", "summary", "link", "id", "by", "reason", "refusal",
                           "held_before"])


@given(st.lists(st.builds(lambda name, when, rest: {**rest, "event": name, "at": when}, names, moments,
                          st.dictionaries(fields, json_value, max_size=5)) | json_value, max_size=12))
@example([{"event": "closed", "at": at(0)}, {"event": "intent", "at": at(5), "run": []}])
def test_no_journal_whatever_breaks_the_report_or_turns_it_green(events: Events) -> None:
    facts = report(events)
    green = {"event": "verdict", "verdict": "RESTORED"}
    held = any(isinstance(event, dict) and green.items() <= event.items() for event in events)
    assert facts["verdict"]["word"] != "RESTORED" or held


@given(st.dictionaries(st.sampled_from(sorted(whole_incident())), json_value))
def test_no_incident_file_whatever_breaks_the_report(fields: dict[str, Any]) -> None:
    report(whole_journal(), **fields)


check_rows = st.lists(st.dictionaries(st.sampled_from(["name", "verdict", "expected", "got", "seconds", "value", "unit", "series"]),
                                      json_value | st.sampled_from(["OK", "BAD"])), max_size=3)
plan_targets = st.lists(st.dictionaries(st.sampled_from(sorted(planned("", "", BAD_SHOP, GOOD_SHOP, expected=1, loss=1, holds=1))),
                                        json_value), max_size=3)


@given(st.lists(st.builds(lambda rows: {"event": "checked", "at": at(1), "checks": rows}, check_rows)
                | st.builds(lambda rows: {"event": "plan", "at": at(2), "targets": rows}, plan_targets), max_size=4))
def test_no_check_and_no_plan_whatever_breaks_the_report(events: Events) -> None:
    report([*journal(), *events])


@pytest.mark.parametrize("last_look", ["BAD", "UNKNOWN", None])
def test_restored_is_not_believed_against_the_last_checks(last_look: str | None) -> None:
    looks = [checked(2, "after frontend", last_look)] if last_look else []
    facts = report([*looks, {"at": at(3), "event": "verdict", "verdict": "RESTORED"}])
    assert facts["verdict"]["word"] == "COULD NOT VERIFY"
    assert facts["verdict"]["tone"] != "good"
    assert facts["rto"]["judged"] == "unknown"


@pytest.mark.parametrize("verdict", ["PARTIAL", "NOT RESTORED", "COULD NOT VERIFY"])
def test_a_verdict_that_is_not_restored_is_never_green_and_its_clock_runs_on(verdict: str) -> None:
    facts = report([checked(2, "after frontend", "BAD"), {"at": at(3), "event": "verdict", "verdict": verdict}])
    assert facts["verdict"]["word"] == verdict
    assert facts["verdict"]["tone"] != "good"
    assert next(row for row in facts["durations"] if row["name"] == "broken")["running"]


def test_a_verdict_the_journal_does_not_hold_is_not_believed() -> None:
    facts = report(journal()[:-3], verdict="RESTORED")
    assert facts["verdict"]["word"] == "COULD NOT VERIFY"
    assert facts["verdict"]["doubts"] == ["incident.yml says RESTORED, the journal holds no verdict"]


def test_a_run_that_takes_the_incident_up_again_supersedes_the_verdict() -> None:
    facts = report([*journal(), {"at": at(40), "event": "resumed", "run": "r3"}])
    assert facts["verdict"]["word"] == "IN PROGRESS"


def test_a_second_run_that_changes_nothing_does_not_move_the_moment_of_recovery() -> None:
    again = [{"at": at(2000), "event": "resumed", "run": "r3", "by": "li"}, checked(2001, "before", "OK"),
             checked(2002, "after frontend", "OK"), {"at": at(2003), "event": "verdict", "verdict": "RESTORED"},
             {"at": at(2004), "event": "closed"}]
    once, twice = report(journal()), report([*journal(), *again])
    assert twice["rto"] == once["rto"]
    assert twice["moments"]["restored_at"] == once["moments"]["restored_at"] == at(25)
    assert "run again" in as_markdown(twice)


def test_a_fault_that_comes_back_does_move_it() -> None:
    again = [{"at": at(2000), "event": "resumed", "run": "r3"}, checked(2001, "before", "BAD"),
             checked(2002, "after frontend", "OK"), {"at": at(2003), "event": "verdict", "verdict": "RESTORED"}]
    facts = report([*journal(), *again])
    assert facts["moments"]["restored_at"] == at(2003)
    assert facts["rto"]["judged"] == "missed"


def test_a_cut_off_line_is_said() -> None:
    facts = report([*journal()[:8], {"event": "unreadable"}, *journal()[8:]])
    assert [cut["at"] for cut in facts["cuts"] if cut["kind"] == "line"] == [at(7.8)]


def test_the_step_that_writes_the_report_is_no_interruption() -> None:
    events = [*journal()[:-3], began(24.95, "localhost", "Close the incident", "r2"), *journal()[-3:]]
    assert "Close the incident" not in [cut["what"] for cut in report(events)["cuts"]]
    assert "Close the incident" in [cut["what"] for cut in report(events[:-3])["cuts"]]


def test_an_rto_that_passed_is_missed_by_so_much() -> None:
    late = read_report(incident(rto=60, state="open"), journal()[:9], NOW + timedelta(minutes=20))
    assert late["rto"]["judged"] == "missed"
    assert "RTO 60.0 s missed by 23 min" in as_markdown(late)


def outcome(*events: dict[str, Any], changes: bool = True) -> str:
    """How the storefront's part ended when the plan and these events are all there is."""
    plan = {"at": at(1), "event": "plan", "targets": [planned("storefront", "frontend", BAD_SHOP, GOOD_SHOP, changes=changes)]}
    verdict = [checked(50, "after frontend", "OK"), {"at": at(60), "event": "verdict", "verdict": "RESTORED"}]
    return str(report([plan, *events, *verdict])["targets"][0]["outcome"])


def test_a_target_is_rolled_back_only_when_what_it_serves_changed() -> None:
    intent = began(2, "storefront", "back", "r1")
    moved = ended(3, "storefront", "back", "r1", "changed", 1, **{"from": BAD_SHOP, "to": GOOD_SHOP})
    only_held = {**moved, "from": GOOD_SHOP, "held": True}
    found = {**only_held, "status": "ok"}
    failed = ended(3, "storefront", "back", "r1", "failed", 1)
    resumed = {"at": at(10), "event": "resumed", "run": "r2"}
    again = [{**event, "run": "r2", "at": at(11)} for event in (intent, found)]
    assert outcome(intent, moved) == "rolled back"
    assert outcome(intent, only_held) == "already there"
    assert outcome(intent, only_held, changes=False) == "unchanged"
    assert outcome(intent, failed) == "failed"
    assert outcome(intent, resumed, *again) == "rolled back"
    assert outcome(intent, resumed) == "interrupted"
    assert outcome() == "not reached"


def test_a_measure_that_ends_where_it_began_is_put_back() -> None:
    def scaled(second: float, before: str, after: str) -> list[dict[str, Any]]:
        rows = [began(second, "api", "scale", f"r{second}"), ended(second + 1, "api", "scale", f"r{second}", "changed", 1)]
        return [{**row, "kind": "measure", "from": before, "to": after} for row in rows]

    row = {"target": "api", "tier": "backend", "from": "service 2", "to": "service 6", "why": "slow", "changes": True}
    plan = {"at": at(1), "event": "plan", "targets": [], "measures": [row]}
    verdict = {"at": at(60), "event": "verdict", "verdict": "RESTORED"}
    up, down = scaled(2, "service 2", "service 6"), scaled(20, "service 6", "service 2")
    assert report([plan, *up, verdict])["targets"][0]["outcome"] == "changed"
    facts = report([plan, *up, *down, verdict])
    assert facts["targets"][0]["outcome"] == "put back"
    assert "put back" in as_markdown(facts)


@pytest.mark.parametrize(("state", "ended_as", "tone"), [("committed", "rolled back", "good"), ("undone", "undone", "plain")])
def test_what_became_of_it_afterwards_is_said(state: str, ended_as: str, tone: str) -> None:
    task = "Serve what served before"
    ending = [began(90, "storefront", task, "r9"), ended(91, "storefront", task, "r9", "changed", 1.0, held=False),
              {"at": at(92), "event": state}]
    facts = report([*journal(), *ending], state=state)
    assert facts["verdict"]["tone"] == tone
    assert facts["targets"][0]["outcome"] == ended_as
    assert facts["targets"][0]["held"] is False
    assert facts["rto"] == report(journal())["rto"]
    unfinished = report([*journal(), *ending[:1]])
    assert unfinished["ending"]["state"] == "unfinished"
    assert unfinished["verdict"]["tone"] == "plain"
    assert [cut["what"] for cut in unfinished["cuts"] if cut["what"] == task]
