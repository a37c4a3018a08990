"""A managed database goes back beside the one that serves, is proved on a real server, and what served is kept."""

from __future__ import annotations

import pytest

from tests.contract.database_bench import GOOD, LATER, ORDERS, Bench, ago, bench

__all__ = ["bench"]
pytestmark = pytest.mark.once


def test_back_to_a_moment_and_once_only(bench: Bench) -> None:
    then = ago(minutes=20)
    assert bench.rows() == GOOD + LATER

    done = bench.run(good_at=then, expectations=[ORDERS], checks=["indexes"])

    assert (done.get("changed"), done.get("failed")) == (True, None), done
    assert bench.rows() == GOOD
    assert done["serves"]["holds"] == then.replace("Z", ".000Z")
    assert done["kept"]["name"] in done["summary"]
    assert 1190 < done["loss"]["seconds"] < 1260
    assert {one["verdict"] for one in done["checks"]} == {"OK"}
    before = bench.frozen()
    again = bench.run(good_at=then, expectations=[ORDERS])
    assert (again["changed"], "already" in again["summary"]) == (False, True), again
    unwell = bench.run(good_at=then, health_query=f"SELECT count(*) > {GOOD} FROM orders", health_timeout=0.1)
    assert (unwell["error"], "is not well" in unwell["msg"], "undo" in unwell["hint"]) == ("ActivationFailed", True, True), unwell
    assert bench.frozen() == before


def test_check_mode_predicts_and_changes_nothing(bench: Bench) -> None:
    then, before = ago(minutes=20), bench.frozen()

    predicted = bench.run(check=True, good_at=then)

    assert bench.frozen() == before
    done = bench.run(good_at=then)
    assert (predicted["changed"], predicted["diff"]) == (True, done["diff"])
    assert predicted["loss"]["since"] == done["loss"]["since"]
    assert predicted["summary"].startswith("would serve ")


def test_what_was_kept_serves_again_and_the_moment_after_that(bench: Bench) -> None:
    then = ago(minutes=20)
    bench.run(good_at=then)

    undone, again = bench.run(undo=True), bench.run(undo=True)

    assert (undone["changed"], again["changed"]) == (True, False), (undone, again)
    assert bench.rows() == GOOD + LATER
    assert bench.run(good_at=then)["changed"]
    assert bench.rows() == GOOD
    assert bench.run(undo=True)["changed"]
    assert bench.rows() == GOOD + LATER


def test_nothing_is_kept_from_before(bench: Bench) -> None:
    result = bench.run(undo=True)

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True)


def test_outside_the_window(bench: Bench) -> None:
    before = bench.frozen()

    early, late = bench.run(good_at=bench.database.too_early), bench.run(good_at=ago(days=-1))

    assert (early["error"], late["error"]) == ("NotRestorable", "Refused")
    assert "too long ago" in early["msg"]
    assert "nothing was changed" in early["msg"]
    assert bench.frozen() == before


def test_more_would_be_lost_than_is_allowed(bench: Bench) -> None:
    before = bench.frozen()

    result = bench.run(good_at=ago(minutes=20), max_loss=60)

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True)
    assert result["loss"]["seconds"] > 1190
    assert bench.frozen() == before


def test_what_is_prepared_serves_only_when_it_is_asked_to(bench: Bench) -> None:
    then = ago(minutes=20)

    first, second = bench.run(good_at=then, serve=False), bench.run(good_at=then, serve=False)

    assert (first["changed"], second["changed"]) == (True, False), (first, second)
    assert bench.rows() == GOOD + LATER
    made = bench.server.databases()
    assert bench.run(good_at=then)["changed"]
    assert bench.rows() == GOOD
    assert len(bench.server.databases()) <= len(made) + 1  # Neon keeps what was in a branch of its own


def test_what_is_not_as_expected_never_serves(bench: Bench) -> None:
    wrong = bench.run(good_at=ago(minutes=20), expectations=[{**ORDERS, "min_rows": 1000, "max_rows": None}])
    unwell = bench.run(good_at=ago(minutes=20), health_query="SELECT count(*) > 1000 FROM orders")

    assert (wrong["error"], unwell["error"]) == ("Incomplete", "Incomplete")
    assert f"orders: rows: {GOOD} rows" in wrong["msg"]
    assert bench.rows() == GOOD + LATER


def test_what_is_not_well_once_it_serves_goes_back(bench: Bench) -> None:
    """The query is content with every database but the one that applications get, once the later orders are gone from it."""
    name = bench.database.serves(bench.box).rpartition("/")[2]
    seen = f"SELECT (SELECT count(*) FROM orders) > {GOOD} OR current_database() <> '{name}'"
    if bench.database.name != "neon":
        pytest.skip("what was prepared is what serves: it was asked the same question before")

    result = bench.run(good_at=ago(minutes=20), health_query=seen)

    assert result["error"] == "ActivationFailed"
    assert "serves again as it did" in result["msg"]
    assert bench.rows() == GOOD + LATER


def test_something_has_to_be_asked_for(bench: Bench) -> None:
    assert "one of the following is required" in bench.run()["msg"]
    assert "mutually exclusive" in bench.run(good_at="02:37", undo=True)["msg"]
