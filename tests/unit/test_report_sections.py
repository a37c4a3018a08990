"""Tiers against objectives, forecast against actual, data loss, telling, overrides, holds, the watch and checklists."""
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_html import as_html
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import as_markdown

from tests.browser.crafted import AEDT, BAD_SHOP, GOOD_SHOP, at, began, ended, planned
from tests.browser.crafted_whole import SINCE, WHOLE_NOW, look, told, whole_incident, whole_journal

pytestmark = pytest.mark.once

Events = list[dict[str, Any]]
NOW = WHOLE_NOW.astimezone(AEDT)


def report(events: Events | None = None, **fields: Any) -> dict[str, Any]:
    return read_report(whole_incident(**fields), whole_journal() if events is None else events, NOW)


def without(*names: str) -> Events:
    return [event for event in whole_journal() if event["event"] not in names]


def tier(facts: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in facts["tiers"] if row["name"] == name)


@pytest.mark.parametrize("write", [as_html, as_markdown])
def test_everything_the_record_holds_is_told(write: Any) -> None:
    page = write(report())
    for words in ("5 min met", "none declared", "12.0 s, p95 20.0 s, 7 runs", "within p95", "slower than p95", "no history",
                  "27 min 30 s", "public.orders: 312 written, 4 changed or deleted", "RPO 15 min missed", "error rate",
                  "before 31.4 %, highest 34.2 %, lowest 0.3 %, last 2.4 %", "UNKNOWN in 1 of 5 looks", "watch 2",
                  "☑ done", "☒ failed", "☐ open", "by a person", "nobody but a person can know", "Rollback of checkout started",
                  "it did not answer within 4 s", "api is older than the schema can bear", "the migration only adds a column",
                  "anna@x.com (cto) 02:41:24 UTC, 13:41 AEDT", "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
                  "AEDT is UTC+11:00", "14:12 AEDT"):
        assert words in page, words


def test_a_tier_is_measured_until_its_last_target_was_back_and_judged_from_the_fault_on() -> None:
    frontend = tier(report(), "frontend")
    assert (frontend["due"], frontend["back"], frontend["seconds"], frontend["after"]) == (2, 2, 14.0, 229.12)
    assert (frontend["rto"]["judged"], round(frontend["rto"]["margin"], 2)) == ("met", 70.88)
    late = tier(report(objectives={"services": {"frontend": {"rto": 200}}}), "frontend")
    assert late["rto"]["judged"] == "missed"


def test_what_slowed_a_database_down_is_shown_and_what_could_not_be_seen_is_said() -> None:
    row = {"pid": 4711, "who": "nightly-export", "seconds": 92.4, "query": "SELECT ?", "waits_for": [], "waited_for_by": 4}
    seen = {"at": at(61), "event": "queries", "database": "shop", "queries": [row], "summary": "1 of the sessions"}
    unseen = {"at": at(62), "event": "queries", "database": "", "queries": [], "summary": "could not be seen: no route"}
    for page in (as_html(report([*whole_journal(), seen, unseen])), as_markdown(report([*whole_journal(), seen, unseen]))):
        for words in ("Slow queries", "4711 nightly-export", "92.4 s", "in the way of 4", "could not be seen: no route"):
            assert words in page, words
    assert "Slow queries" not in as_html(report())


@pytest.mark.parametrize(("verdict", "checks", "judged"), [
    ("NOT RESTORED", "BAD", "missed"), ("PARTIAL", "BAD", "missed"), ("COULD NOT VERIFY", "UNKNOWN", "unknown"),
    ("RESTORED", "UNKNOWN", "unknown"),
])
def test_no_objective_is_met_unless_it_works_again(verdict: str, checks: str, judged: str) -> None:
    facts = report([*without("verdict", "closed"), look(95, "after database", checks),
                    {"at": at(96), "event": "verdict", "verdict": verdict, "reason": ""}])
    assert {row["rto"]["judged"] for row in facts["tiers"] if row["rto"]} == {judged}


def test_a_tier_that_lacks_a_target_is_not_back() -> None:
    failed = [{**event, "status": "failed"} if event["event"] == "result" and event["target"] == "backoffice" else event
              for event in whole_journal()]
    assert (tier(report(failed), "frontend")["back"], tier(report(failed), "frontend")["back_at"]) == (1, None)


@pytest.mark.parametrize("objectives", [
    None, 5, [], {"services": 3}, {"services": {"frontend": 3}}, {"services": {"frontend": {"rto": "x"}}},
])
def test_objectives_that_are_none_judge_nothing(objectives: Any) -> None:
    assert not any(row["rto"] for row in report(objectives=objectives)["tiers"])


@pytest.mark.parametrize(("expected", "took", "judged"), [
    ({"runs": 3, "p50": 10.0, "p95": 20.0}, 10.0, "as usual"), ({"runs": 3, "p50": 10.0, "p95": 20.0}, 20.0, "within p95"),
    ({"runs": 3, "p50": 10.0, "p95": 20.0}, 20.1, "slower than p95"), ({"runs": 1, "p50": 10.0}, 11.0, "slower than p95"),
    ({"runs": 0}, 3.0, "no history"), (None, 3.0, "no history"), ("soon", 3.0, "no history"),
    ({"runs": 3, "p50": float("nan"), "p95": 2.0}, 3.0, "no history"),
])
def test_a_forecast_is_held_against_what_it_took(expected: Any, took: float, judged: str) -> None:
    events = [{"at": at(1), "event": "plan", "targets": [planned("shop", "frontend", BAD_SHOP, GOOD_SHOP, expected=expected)]},
              began(2, "shop", "back", "r1"), ended(2 + took, "shop", "back", "r1", "changed", took, **{"from": BAD_SHOP, "to": GOOD_SHOP})]
    whole, shop = report(events)["forecast"]
    assert (whole["judged"], shop["judged"]) == ("no history", judged)
    unfinished = report(events[:2])["forecast"][1]
    assert unfinished["judged"] in ("no history", "not known")


def test_what_was_measured_supersedes_what_was_foreseen() -> None:
    foreseen, measured = report()["losses"]
    assert (foreseen["newest"], foreseen["judged"]) == (False, "")
    assert (measured["newest"], measured["judged"]) == (True, "missed")
    alone, = report(without("loss"))["losses"]
    assert (alone["how"], alone["newest"], alone["judged"]) == ("foreseen", True, "missed")


def test_data_that_was_not_touched_is_not_lost() -> None:
    refused = [event for event in without("loss", "verdict") if event.get("target") != "shop-db"]
    loss, = report(refused)["losses"]
    assert (loss["happened"], loss["judged"]) == (False, "")
    assert "foreseen, did not happen" in as_markdown(report(refused))


@pytest.mark.parametrize(("loss", "words"), [
    ({"seconds": 5, "rows": {"a": 1}, "uncounted": ["b"], "how": "by keys"}, ["a: 1 rows", "b: not counted", "by keys"]),
    ({"seconds": None, "rows": None, "how": "the vendor tells the time alone"}, ["the vendor tells the time alone"]),
    ({"documents": {"orders": {"added": 2}}}, ["orders: 2 added"]),
    ({"rows": 12}, ["12 rows"]), ({"tables": {"a": None, "b": {}}}, ["a: unknown", "b: "]),
])
def test_rows_are_told_in_every_form_a_module_has_for_them(loss: dict[str, Any], words: list[str]) -> None:
    events = [{**event, "loss": loss} if event["event"] == "loss" else event for event in whole_journal()]
    assert report(events)["losses"][1]["rows"] == words


def test_without_a_database_the_report_says_that_nothing_is_known_to_be_lost() -> None:
    events = [{**event, "targets": event["targets"][:3]} if event["event"] == "plan" else event for event in without("loss")
              if event.get("target") != "shop-db"]
    assert "No target of this rollback says that data is lost by it." in as_markdown(report(events))
    assert SINCE not in as_html(report(events))


def test_an_override_of_either_kind_is_told() -> None:
    old = {"at": at(4), "event": "approval_overridden", "refusal": "approval-0a1b2c3d", "by": "li", "reason": "nobody answers"}
    assert "li 02:41:09 UTC, 13:41 AEDT, against approval-0a1b2c3d: nobody answers" in as_markdown(report([*whole_journal()[:4], old]))


def test_a_red_flag_in_the_watch_is_in_the_headline_until_it_is_gone() -> None:
    flagged = report()
    assert (flagged["verdict"]["word"], flagged["verdict"]["tone"]) == ("RESTORED", "bad")
    assert flagged["red_flag"].startswith("watch 2 at 03:11:05 UTC, 14:11 AEDT says BAD: error rate BAD")
    calm = report([*whole_journal(), look(2700, "watch 3", "OK")])
    assert (calm["verdict"]["tone"], calm["red_flag"]) == ("good", "")
    silent = report([*whole_journal(), look(2700, "watch 3", "UNKNOWN")])
    assert silent["verdict"]["tone"] == "unknown"


def test_the_watch_moves_neither_the_verdict_nor_the_durations() -> None:
    watched = report()
    before = report([event for event in whole_journal() if not str(event.get("phase")).startswith("watch")])
    for kept in ("moments", "durations", "rto", "checks", "looks", "targets"):
        assert watched[kept] == before[kept], kept


def test_holds_say_what_they_were_and_what_no_vendor_can_hold() -> None:
    facts = report()
    assert [(row["target"], row["before"], row["now"]) for row in facts["holds"]] == [
        ("storefront", False, True), ("backoffice", False, True), ("api", False, True)]
    loose = [{**event, "held": False} if event["event"] == "result" and event["target"] == "api" else event for event in whole_journal()]
    assert "its vendor cannot hold them" in as_html(report(loose))


@pytest.mark.parametrize("items", [None, 3, [3], [{"text": "x"}], [{"text": "x", "state": "fine"}]])
def test_a_checklist_item_that_nobody_ticked_is_open(items: Any) -> None:
    facts = report(checklists=[{"name": "Now", "items": items}, "no list"])
    assert [item["state"] for item in facts["checklists"][0]["items"]] in ([], ["open"])


def test_a_message_of_a_state_nobody_knows_is_not_taken_for_sent() -> None:
    assert "? lost" in as_markdown(report([*whole_journal(), told(99, "restored", "mail", "lost", "")]))
