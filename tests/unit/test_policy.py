"""Policies: what is taken, what is refused and why, and where the runbooks disagree."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration, reading, schema
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import Outcome
from ansible_collections.lastgood.recovery.plugins.modules import decision, policy_check
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.bench import printed_by
from tests.unit.policy_strategies import READY, documents

pytestmark = pytest.mark.once
PUBLISHED = reading.published()
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)
BAD: list[Any] = [None, True, 0, 6, 2.0, 2.5, "", "now", "P4", "15 min", "15min", "A b", [], [1], [1, 1.0], ["x", ""], {}, {"over": 1}]
BAD += [{"over": 1, "under": 2}, {"for": "1 s"}, {"over": True}, {"x": {"over": 1}}]
ROW = {"id": "one", "says": "so", "when": {"errors": {"over": 1}}, "severity": "P1"}
OWN = {"name": "own", "otherwise": {"severity": "P3", "action": "watch"}, "rows": [ROW]}


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    return [path, *(place for key, value in inside for place in places(value, (*path, key)))]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A policy in which something is of another kind, gone, or too much."""
    document: Any = copy.deepcopy(draw(documents()))
    *path, last = draw(st.sampled_from(places(document)[1:]))
    parent = document
    for key in path:
        parent = parent[key]
    fate = draw(st.sampled_from(["gone", "other", "more"]))
    if fate == "gone":
        del parent[last]
    elif fate == "other" or isinstance(parent, list):
        parent[last] = draw(st.sampled_from(BAD))
    else:
        parent[draw(st.sampled_from(["note", "for", "action", "Bad Name"]))] = draw(st.sampled_from(BAD))
    return document


@given(st.one_of(damaged(), documents(), st.sampled_from(BAD)))
def test_a_document_is_valid_here_exactly_when_jsonschema_says_so(document: Any) -> None:
    assert (not list(schema.faults(document, PUBLISHED))) == VALIDATOR.is_valid(document)


def test_the_schema_is_one_and_says_nothing_that_is_not_understood() -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    annotations = {"$schema", "$id", "$defs", "title", "description"}

    def keywords(part: dict[str, Any]) -> set[str]:
        nested = [one for name in ("properties", "$defs") for one in part.get(name, {}).values()]
        nested += [one for name in ("items", "propertyNames", "additionalProperties") if isinstance(one := part.get(name), dict)]
        nested += [one for name in ("anyOf", "oneOf") for one in part.get(name, [])]
        return set(part).union(*(keywords(one) for one in nested))

    assert keywords(PUBLISHED) - annotations == schema.KEYWORDS


@pytest.mark.parametrize("name", sorted(READY))
def test_the_ready_policies_are_valid_and_called_as_their_files(name: str) -> None:
    document = reading.document_in(reading.READY / f"{name}.yml")
    VALIDATOR.validate(document)
    assert document["name"] == name == READY[name].name
    assert set(READY[name].numbers) <= set(READY[name].units)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": None}, "name is no string"),
        ({"rows": [{**ROW, "severity": "P9"}]}, "rows[0].severity is none of P0, P1, P2, P3"),
        ({"rows": [{**ROW, "when": {"errors": {"over": 1, "under": 9}}}]}, "rows[0].when.errors has not exactly one of"),
        ({"rows": [{**ROW, "when": {}}]}, "rows[0].when is empty"),
        ({"rows": [{**ROW, "within": "soon"}]}, "rows[0].within is written in no form that is known"),
        ({"rows": [{**ROW, "wihtin": "5 min"}]}, "rows[0].wihtin is not known"),
        ({"rows": [{**ROW, "when": {"Errors": {"over": 1}}}]}, "rows[0].when.Errors (the name): 'Errors' is not written as"),
        ({"rows": [ROW, ROW]}, "two rows are called own/one"),
        ({"rows": [ROW, {**ROW, "id": "two", "when": {"errors": {"under": 1}}}]}, "errors is worse when high in one"),
        ({"merges": ["nobody"]}, "own merges nobody, which there is not"),
        ({"merges": ["huntaze"], "without": ["huntaze/gone"]}, "own is without huntaze/gone, which no merged policy has"),
        ({"merges": ["huntaze"], "units": {"error_rate": "per second"}}, "own counts error_rate in % and in per second"),
        ({"name": "huntaze", "merges": ["huntaze"]}, "the policy huntaze merges itself"),
    ],
)
def test_what_is_not_right_is_refused_and_named(change: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        reading.policy({**OWN, **change})
    assert why in refusal.value.message
    assert refusal.value.hint


def test_a_file_that_says_a_thing_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text("name: own\notherwise: {severity: P3, action: watch, severity: P2}\n")
    shown = printed_by(decision.main, policy=str(path), facts={})
    assert shown["failed"]
    assert "severity is there twice" in shown["msg"]
    missing = printed_by(decision.main, policy=str(tmp_path / "none.yml"), facts={})
    assert "there is no policy" in missing["msg"]
    assert "default" in missing["hint"]


def test_a_policy_of_ones_own_adds_to_ready_ones_and_drops_rows(tmp_path: Path) -> None:
    path = tmp_path / "shop.yml"
    path.write_text(
        "name: shop\nmerges: [derrimut]\nwithout: [derrimut/some-errors]\notherwise: {severity: P3, action: watch}\n"
        "rows:\n- {id: stock, says: Stock is wrong, when: {scenarios: [stock_wrong]}, severity: P1, action: roll_back, approval: [buyer]}\n"
    )
    known = {"payment_success": 100, "response_time_factor": 1, "users_affected": 0}
    shown = printed_by(decision.main, policy=str(path), facts={"scenarios": ["stock_wrong"], "error_rate": 5, **known})
    assert (shown["severity"], shown["action"], shown["approval"]) == ("P1", "roll_back", ["buyer"])
    assert [reason["row"] for reason in shown["reasons"]] == ["shop/stock"]


def conflicts(**options: Any) -> dict[str, dict[str, Any]]:
    shown = printed_by(policy_check.main, **options)
    assert all(len(line) <= 80 for line in shown["screen"])
    return {f"{one['trouble']} {one['differ']}": one for one in shown["conflicts"]}


def test_the_default_names_who_disagrees_on_an_error_rate_over_10_percent_and_what_counts() -> None:
    found = conflicts(policy="default")["error_rate 10.1 for 15 min ['severity', 'within', 'approval']"]
    said = {one["policy"]: (one["words"], one["approval"]) for one in found["says"]}
    assert said["rachelfoods"] == ("P0, roll back now, level 3", [])
    assert said["derrimut"] == ("P1, roll back, level 3", ["engineering lead"])
    assert (found["resolved"], found["approval"]) == ("P0, roll back now, level 3", [])


def test_who_has_to_approve_is_compared_and_the_merging_policy_counts() -> None:
    found = conflicts(policy="default")
    said = {one["policy"]: one["approval"] for one in found["a database restore ['approval']"]["says"]}
    assert said == {"derrimut": ["CTO"], "realco": ["tech lead"], "default": ["CTO"]}
    assert found["a database restore ['approval']"]["approval"] == ["CTO"]
    assert found["a rollback at P2 ['approval']"]["approval"] == ["engineering manager"]
    assert "a rollback at P1 ['approval']" not in found


def test_rows_of_one_policy_disagree_only_under_the_same_conditions() -> None:
    assert {one.partition(" ")[0] for one in conflicts(policy="huntaze")} == {"major_feature_broken", "feature_broken"}
    assert conflicts(policy="generic-levels") == conflicts(policy="realco") == {}


def test_a_policy_without_a_row_is_silent_and_dropping_a_row_ends_the_disagreement() -> None:
    two = {"name": "two", "merges": ["rachelfoods", "huntaze"], "otherwise": {"severity": "P3", "action": "watch"}}
    assert any(one.startswith("email_failing") for one in conflicts(policy=two))
    assert not any(one.startswith("email_failing") for one in conflicts(policy={**two, "without": ["rachelfoods/email"]}))
    assert not any("cvss" in one or "login_broken" in one for one in conflicts(policy="default"))
    failed = printed_by(policy_check.main, policy=two, fail=True)
    assert failed["failed"]
    assert failed["conflicts"]


def test_rows_about_other_facts_do_not_disagree() -> None:
    rows = [{**ROW, "when": {"scenarios": ["outage"], "users_affected": {"under": 1}}, "severity": "P3", "action": "watch"}]
    own = {"name": "own", "merges": ["rachelfoods"], "otherwise": {"severity": "P3", "action": "watch"}, "rows": rows}
    assert conflicts(policy=own) == {}
    rows[0]["when"] = {"scenarios": ["outage"]}
    assert [one["trouble"] for one in conflicts(policy=own).values()] == ["outage"]


@given(st.integers(0, 999_999), st.sampled_from(sorted(duration.SECONDS)))
def test_durations_are_read_as_they_are_written(count: int, unit: str) -> None:
    value = duration.seconds(f"{count} {unit}")
    assert duration.seconds(duration.words(value) or "") == value


@given(st.lists(documents().map(lambda one: [Outcome.read(row) for row in one["rows"]]).map(tuple), min_size=1, max_size=2))
def test_adding_outcomes_up_depends_on_nothing_but_what_they_are(lists: list[tuple[Outcome, ...]]) -> None:
    for one in (outcome for some in lists for outcome in some):
        assert one | one == one | Outcome() == one
        for other in lists[0]:
            assert one | other == other | one
            assert (one | other).at_least_as_strict_as(one)
