"""One incident as a row of the record, whatever its journal looks like."""
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import read_entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.lessons import read_lessons
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import Objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.page import as_page
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.reading import Found
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.rollback_log import as_csv, log_as_markdown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.writing import read_record
from hypothesis import given
from hypothesis import strategies as st

from tests.browser.crafted import at, began, ended, incident, journal, planned, release
from tests.unit.test_report_pages import HOSTILE, Elements, hostile

pytestmark = pytest.mark.once


def entry(events: list[dict[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    return read_entry("2026-11-22-checkout", incident(**{"moment_given": True, **fields}), journal() if events is None else events)


def page(*entries: dict[str, Any]) -> str:
    rows = [{**one, "lessons": read_lessons(None), "journal_state": "INTACT", "has_report": True} for one in entries]
    return as_page(read_record(rows, Found([], {}), Objectives()))


def test_a_whole_incident() -> None:
    row = entry()
    assert row["begun"]
    assert row["verdict"] == "RESTORED"
    assert row["method"] == "?: storefront, backoffice"
    assert (row["by"], row["approved_by"], row["data_loss"]) == ("maria", "not needed", "none")
    assert row["seconds"] == pytest.approx(
        {"detect": 185.12, "decide": 7.4, "roll_back": 10.8, "verify": 0.8, "broken": 210.12, "total": 25.0}, abs=0.5
    )
    recovery = {service["target"]: service["recovery"] for service in row["services"]}
    assert recovery == pytest.approx({"storefront": 198.02, "backoffice": 208.92})


def test_without_a_time_given_nobody_knows_since_when_it_was_broken() -> None:
    for row in (entry(moment_given=False), entry(good_at="2026-11-22T02:38:00Z")):
        assert not row["fault_known"]
        assert row["seconds"]["detect"] is row["seconds"]["broken"] is None
        assert row["seconds"]["total"] is not None
        assert {service["recovery"] for service in row["services"]} == {None}


def test_what_is_still_growing_is_not_known() -> None:
    row = entry(journal()[:9], state="started")
    assert row["seconds"]["broken"] is row["seconds"]["total"] is None
    assert row["rto"]["judged"] == "not restored"
    assert row["verdict"] == "IN PROGRESS"


def test_a_plan_that_was_refused_is_no_rollback() -> None:
    assert not entry(journal()[:4], state="open")["begun"]


@pytest.mark.parametrize(
    ("tier", "more", "told"),
    [
        (
            "database",
            {"loss": {"seconds": 90, "since": at(0), "rows": {"orders": 3, "users": 0}}},
            "main: 90.0 s (orders: 3 rows, users: 0 rows)",
        ),
        ("database", {"loss": {"seconds": 300}}, "main: 5 min"),
        ("database", {}, "main: not recorded"),
        ("objects", {}, "main: not recorded"),
        ("frontend", {}, "none"),
    ],
)
def test_data_loss_is_none_only_where_no_data_went_back(tier: str, more: dict[str, Any], told: str) -> None:
    old, new = release("a", "a0a0a", "", at(-50)), release("b", "b0b0b", "", at(-20))
    events = [
        {"at": at(1), "event": "plan", "targets": [planned("main", tier, new, old, vendor="Neon", **more)]},
        began(2, "main", "back", "r1"),
        ended(3, "main", "back", "r1", "changed", 1, **{"from": new, "to": old}),
    ]
    row = entry(events)
    assert row["data_loss"] == told
    assert row["method"] == "Neon: main"


def test_who_approved_and_who_did_not() -> None:
    person = {"approver": "li", "roles": ["cto"], "at": at(2)}
    signed = {"at": at(2), "event": "approved", "by": [person]}
    assert entry([*journal()[:3], signed, *journal()[3:]])["approved_by"].startswith("li (cto)")
    assert entry([*journal()[:3], {"at": at(2), "event": "approval_missing", "missing": {"cto": 1}}])["approved_by"] == "nobody yet"


@pytest.mark.parametrize(("fields", "environments", "drill"), [
    ({}, [], False), ({"drill": True}, [], True), ({}, ["sandbox"], True), ({"reason": "drill: storefront broke checkout"}, [], True),
])
def test_what_counts_as_a_drill(fields: dict[str, Any], environments: list[str], drill: bool) -> None:
    assert read_entry("x", incident(**fields), journal(), environments)["drill"] is drill


@given(st.integers(0, 20), st.booleans(), st.permutations(range(20)))
def test_any_journal_makes_a_row_that_can_be_shown(length: int, poisoned: bool, order: list[int]) -> None:
    events = [journal()[place] for place in order][:length] if poisoned else journal()[:length]
    fields = incident(moment_given=True)
    row = read_entry("x", hostile(fields) if poisoned else fields, hostile(events) if poisoned else events)
    json.dumps(row)
    assert row["seconds"].keys() == {"detect", "decide", "roll_back", "verify", "broken", "total"}
    assert as_csv([row]).count("\n") == 1 + row["begun"]
    for told in (page(row), log_as_markdown([row])):
        assert "<script" not in told


def test_the_page_runs_nothing_and_goes_nowhere() -> None:
    quoted = ("reason", "environment", "environment_title", "scenario", "severity", "method")
    poisoned = [{**entry(), **dict.fromkeys(quoted, HOSTILE)}] * 3
    elements = Elements(page(*poisoned)).found
    assert not {"script", "img", "iframe", "link", "object", "base", "form"} & {tag for tag, _attributes in elements}
    targets = {value for _tag, attributes in elements for name, value in attributes.items() if name in ("href", "src", "action")}
    assert targets == {"2026-11-22-checkout/report.html"}
    assert not {name for _tag, attributes in elements for name in attributes if name.startswith("on")}
