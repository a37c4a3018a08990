"""postgres_integrity asks a team's own queries: they change nothing, and what is no value is unknown."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import queries
from ansible_collections.lastgood.recovery.plugins.modules import postgres_integrity
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster


@pytest.fixture
def shop(newest: Cluster) -> Cluster:
    newest.run("CREATE DATABASE shop")
    newest.run("CREATE TABLE orders (id int); INSERT INTO orders SELECT generate_series(1, 200)", "shop")
    return newest


def look(cluster: Cluster, *asked: dict[str, Any], **options: Any) -> dict[str, dict[str, Any]]:
    wish = [{"name": str(number), **query} for number, query in enumerate(asked)]
    result = printed_by(postgres_integrity.main, url=cluster.url("shop", "postgres"), queries=wish, checks=[], **options)
    return {one["name"]: one for one in result["checks"]}


def test_what_is_expected_is_ok_and_what_is_not_is_bad(shop: Cluster) -> None:
    found = look(
        shop,
        {"sql": "SELECT count(*) FROM orders", "at_least": 200, "at_most": 200},
        {"sql": "SELECT count(*) FROM orders", "at_least": 201},
        {"sql": "SELECT 'whole'", "equals": "whole"},
        {"sql": "SELECT 2.50", "equals": "2.5"},
        {"sql": "SELECT true", "equals": "false"},
    )

    assert [one["verdict"] for one in found.values()] == ["OK", "BAD", "OK", "OK", "BAD"]
    assert (found["1"]["expected"], found["1"]["got"], found["1"]["value"], found["1"]["at_least"]) == ("at least 201", "200", 200, 201)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT id FROM orders", "not one value"),
        ("SELECT 1, 2", "not one value"),
        ("SELECT id FROM orders WHERE id < 0", "no value"),
        ("SELECT NULL", "NULL"),
        ("SELECT 'many'", "no number"),
        ("SELECT 'NaN'::numeric", "no number"),
        ("SELECT missing FROM orders", "missing"),
        ("SELECT pg_sleep(5)", "not within"),
        ("DELETE FROM orders RETURNING 1", "read-only"),
        ("SELECT 1; COMMIT; DELETE FROM orders", "multiple commands"),
        ("COMMIT", ""),
        ("SET TRANSACTION READ WRITE", ""),
    ],
)
def test_what_is_no_value_is_unknown_and_nothing_is_changed(shop: Cluster, sql: str, words: str) -> None:
    found = look(shop, {"sql": sql, "at_least": 0}, {"sql": "SELECT count(*) FROM orders", "equals": "200"}, statement_timeout=0.5)

    assert found["0"]["verdict"] == "UNKNOWN"
    assert words in found["0"]["got"]
    assert found["1"]["verdict"] == "OK"


def test_rows_that_were_there_before_the_rollback(shop: Cluster, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", "run")
    asked = ({"sql": "SELECT count(*) FROM orders", "may_lose": 5},)
    incident = {"journal": str(journal.path)}

    assert look(shop, *asked, incident=incident, phase="after")["0"]["verdict"] == "UNKNOWN"
    before = look(shop, *asked, incident=incident, phase="before")["0"]
    assert before["verdict"] == "OK"
    journal.append("checked", kind="data", phase="before", verdict="OK", checks=[before])
    shop.run("DELETE FROM orders WHERE id > 195", "shop")
    assert look(shop, *asked, incident=incident, phase="after")["0"]["got"] == "195, was 200"
    shop.run("DELETE FROM orders WHERE id > 194", "shop")
    after = look(shop, *asked, incident=incident, phase="after")["0"]
    assert (after["verdict"], after["got"], after["expected"]) == ("BAD", "194, was 200", "at most 5 less than before")
    assert json.dumps(after)


def test_two_of_one_name_are_refused(shop: Cluster) -> None:
    wish = [{"name": "same", "sql": "SELECT 1", "equals": "1"}] * 2
    result = printed_by(postgres_integrity.main, url=shop.url("shop", "postgres"), queries=wish)

    assert "two queries have the same name" in result["msg"]


values = st.integers(-50, 50) | st.decimals(-50, 50, places=1) | st.floats(-50, 50) | st.booleans() | st.none() | st.text(max_size=3)
Limit = float | None
limits = st.none() | st.integers(-50, 50).map(float)


@pytest.mark.once
@given(values, limits, limits, st.none() | st.integers(0, 20).map(float), limits)
def test_ok_is_a_number_within_all_limits(value: Any, least: Limit, most: Limit, lose: Limit, was: Limit) -> None:
    query = {"name": "it", "equals": None, "at_least": least, "at_most": most, "may_lose": lose}
    found = queries.judged(query, value, {} if was is None else {"it": was})

    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    within = number and (least is None or value >= least) and (most is None or value <= most)
    kept = lose is None or (was is not None and number and float(value) >= was - lose)
    assert (found.verdict == "OK") == (within and kept)
    assert (found.verdict == "UNKNOWN") <= (not number or (lose is not None and was is None))
