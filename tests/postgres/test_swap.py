"""The swap by name: nobody is left outside, nothing is lost, no id is given out twice, whatever breaks in between."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database import PERFORM as DATABASE
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import SWAP

from tests.postgres import shop
from tests.postgres.clusters import Cluster

STEPS = 8
"""As many acts does a swap record."""
KILLED_AT = range(1, STEPS + 1) if os.environ.get("LASTGOOD_EVERY_CRASH") else (5, 8)
LOSSES = [(step, "the connection with the lock") for step in range(1, STEPS + 1)]
LOSSES += [(step, how) for step in KILLED_AT for how in ("all connections", "the server")]
LOSE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lastgood {}%'"


def two(cluster: Cluster, owner: str = "postgres") -> None:
    """The live shop with 30 users, and one that holds 20 and is to take its place."""
    shop.build(cluster, "shop", owner, users=30, items=9)
    shop.build(cluster, "other", owner, users=20, items=5)
    cluster.run("COMMENT ON DATABASE shop IS 'the shop'")


def users(cluster: Cluster, name: str = "shop") -> int:
    return int(cluster.rows("SELECT count(*) FROM users", name)[0][0])


def open_to_all(cluster: Cluster) -> bool:
    return all(row[0] for row in cluster.rows("SELECT datallowconn FROM pg_database WHERE datname !~ '^template'"))


def test_swapped_kept_undone_and_purged(cluster: Cluster) -> None:
    two(cluster)
    url = cluster.url("shop")
    before = shop.seen(cluster), shop.seen(cluster, "other")
    told = shop.run(SWAP, check=True, url=url, replacement="other")
    assert (told["changed"], told["closed"], cluster.databases()) == (True, 0.0, ["other", "shop"]), told
    done = shop.run(SWAP, url=url, replacement="other")
    assert (done["changed"], users(cluster)) == (True, 20), done
    assert cluster.databases() == ["shop", done["kept"]]
    assert shop.seen(cluster)["objects"] == before[1]["objects"]
    assert shop.seen(cluster, done["kept"]) == before[0]
    assert not shop.run(SWAP, url=url, replacement="other")["changed"]
    # Ids of both databases are used up.
    assert cluster.rows("SELECT nextval('users_id_seq')", "shop")[0][0] > 30
    undone = shop.run(SWAP, url=url, undo=True)
    assert (undone["changed"], users(cluster)) == (True, 30), undone
    assert cluster.rows("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop'") == [("the shop",)]
    assert not shop.run(SWAP, url=url, undo=True)["changed"]
    assert users(cluster) == 30
    assert shop.run(SWAP, url=url, purge="shop")["error"] == "Refused"
    assert shop.run(SWAP, url=url, purge=undone["kept"])["changed"]
    assert not shop.run(SWAP, url=url, purge=undone["kept"])["changed"]
    assert cluster.databases() == ["shop"]


def test_clients_that_reconnect_all_the_time_are_let_in_again(newest: Cluster) -> None:
    two(newest)
    done, gaps = threading.Event(), []

    def client() -> None:
        last = time.monotonic()
        while not done.is_set():
            with contextlib.suppress(psycopg.OperationalError), newest.connect("shop") as connection:
                while not done.is_set():
                    connection.execute("INSERT INTO audit.log VALUES (now(), 'x')")
                    gaps.append(time.monotonic() - last)
                    last = time.monotonic()

    clients = [threading.Thread(target=client) for _ in range(10)]
    for one in clients:
        one.start()
    try:
        results = [shop.run(SWAP, url=newest.url("shop"), replacement="other")]
        results += [shop.run(SWAP, url=newest.url("shop"), replacement=results[0]["kept"])]
    finally:
        done.set()
        for one in clients:
            one.join()
    assert [one["changed"] for one in results] == [True, True], results
    assert open_to_all(newest)
    print(f"closed for {[one['closed'] for one in results]} s, worst client {max(gaps):.2f} s")


def test_the_owner_needs_no_superuser(newest: Cluster) -> None:
    newest.run("CREATE ROLE shop LOGIN CREATEDB;\nCREATE ROLE app LOGIN;\nGRANT pg_signal_backend TO shop")
    two(newest, "shop")
    with newest.connect("shop", "app"):
        done = shop.run(SWAP, url=newest.url("shop", "shop"), replacement="other")
    assert (done["changed"], done["ended"] >= 1, users(newest)) == (True, True, 20), done


@pytest.mark.parametrize("lack", ["CREATEDB", "ownership", "signal", "superuser"])
def test_a_right_that_is_missing_is_told_before_anything_happens(newest: Cluster, lack: str) -> None:
    newest.run("CREATE ROLE shop LOGIN CREATEDB;\nCREATE ROLE app LOGIN;\nGRANT pg_signal_backend TO shop")
    two(newest, "shop")
    newest.run({"CREATEDB": "ALTER ROLE shop NOCREATEDB", "ownership": "ALTER DATABASE other OWNER TO app",
                "signal": "REVOKE pg_signal_backend FROM shop"}.get(lack, "SELECT 1"))
    with newest.connect("shop", "postgres" if lack == "superuser" else "app") as session:
        told = shop.run(SWAP, url=newest.url("shop", "shop"), replacement="other")
        assert session.execute("SELECT 1").fetchone() == (1,)
    assert (told["error"], told["changed"]) == ("NotAllowed", False), told
    assert "nothing was changed" in told["msg"]


def test_what_cannot_be_ended_is_told(newest: Cluster) -> None:
    two(newest)
    with newest.connect("shop") as session:
        session.execute("BEGIN")
        session.execute("INSERT INTO audit.log VALUES (now(), 'x')")
        session.execute("PREPARE TRANSACTION 'half'")
    told = shop.run(SWAP, url=newest.url("shop"), replacement="other")
    assert (told["error"], told["changed"]) == ("InUse", False), told
    assert "half" in told["msg"]
    newest.run("ROLLBACK PREPARED 'half'", "shop")
    newest.run("SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')", "shop")
    told = shop.run(SWAP, url=newest.url("shop"), replacement="other")
    assert (told["error"], "cdc" in told["msg"]) == ("InUse", True), told
    assert shop.run(SWAP, url=newest.url("shop"), replacement="other", with_slots=True)["changed"]


@pytest.mark.parametrize("query", ["SELECT false", "SELECT 1 FROM missing", "SELECT 1 WHERE false", "SELECT 1/0"])
def test_one_that_is_not_well_is_swapped_back(newest: Cluster, query: str) -> None:
    two(newest)
    told = shop.run(SWAP, url=newest.url("shop"), replacement="other", health_query=query, health_timeout=0.1)
    assert told["error"] == "ActivationFailed", told
    assert (users(newest), newest.databases()) == (30, ["other", "shop"])
    assert newest.rows("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop'") == [("the shop",)]


def test_two_at_once_do_not_meet(newest: Cluster) -> None:
    two(newest)
    results: list[dict[str, Any]] = []

    def swap() -> None:
        results.append(shop.run(SWAP, url=newest.url("shop"), replacement="other"))

    both = [threading.Thread(target=swap) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(one["changed"] for one in results) == [False, True], results
    assert {one.get("error") for one in results} <= {"Locked", None}
    assert users(newest) == 20


def test_there_are_no_more_steps(newest: Cluster) -> None:
    two(newest)
    calls: list[str] = []
    options = shop.validated(SWAP, {"url": newest.url("shop"), "replacement": "other"})
    outcome(SWAP, options, Run(record=lambda event, **fields: calls.append(fields["path"]) if event == "call" else None))
    assert len(calls) == STEPS, calls


@pytest.mark.parametrize(("step", "how"), LOSSES)
def test_whatever_is_lost_at_any_step_the_shop_is_open_and_a_rerun_converges(newest: Cluster, step: int, how: str) -> None:
    two(newest)
    calls: list[str] = []

    def record(event: str, **fields: Any) -> None:
        if event != "call":
            return
        calls.append(fields["path"])
        if len(calls) == step:
            if how == "the server":
                newest.kill()
                newest.start()
            else:
                newest.rows(LOSE.format("" if how == "all connections" else "swap"))

    options = {"url": newest.url("shop"), "replacement": "other"}
    checked = shop.validated(SWAP, options)
    told = outcome(SWAP, checked, Run(record=record))
    assert len(calls) >= step, "there are fewer steps than that"
    assert open_to_all(newest), calls
    assert users(newest) in (30, 20)
    assert not told.get("failed") or (told["error"] == "ConnectionLost" and users(newest) == 30), told
    again = shop.run(SWAP, url=newest.url("shop"), replacement="other")
    assert not again.get("failed"), again
    assert users(newest) == 20
    assert open_to_all(newest)
    assert len(newest.databases()) == 2


def test_a_database_left_closed_is_opened_by_a_rerun(newest: Cluster) -> None:
    two(newest)
    shop.run(SWAP, url=newest.url("shop"), replacement="other")
    newest.run("ALTER DATABASE shop ALLOW_CONNECTIONS false")
    told = shop.run(SWAP, url=newest.url("shop"), replacement="other")
    assert not told.get("failed"), told
    assert open_to_all(newest)


def test_what_is_kept_and_was_left_closed_takes_its_name_back(newest: Cluster) -> None:
    """It is let in last, after everybody was let into the one that replaced it."""
    two(newest)
    url = newest.url("shop")
    kept = shop.run(SWAP, url=url, replacement="other")["kept"]
    newest.run(f"ALTER DATABASE {kept} ALLOW_CONNECTIONS false")
    assert not shop.run(SWAP, url=url, replacement="other")["changed"]
    assert open_to_all(newest)
    newest.run(f"ALTER DATABASE {kept} ALLOW_CONNECTIONS false")
    undone = shop.run(SWAP, url=url, undo=True)
    assert (undone.get("changed"), users(newest)) == (True, 30), undone
    assert open_to_all(newest)


def test_an_undo_leaves_alone_what_an_earlier_incident_has_kept(newest: Cluster) -> None:
    """That was given up by somebody, and may be days old."""
    two(newest)
    where: dict[str, Any] = {"provider": "postgres", "options": {"url": newest.url("shop")}}
    before = moment.iso(datetime.now(UTC))
    shop.run(SWAP, url=newest.url("shop"), replacement="other")
    newest.run("ALTER DATABASE shop ALLOW_CONNECTIONS false")
    told = shop.run(DATABASE, **where, undo=True, undo_since=moment.iso(datetime.now(UTC)))
    assert (told["changed"], "serves what it served then" in told["summary"]) == (False, True), told
    foreseen, opened, again = (shop.run(DATABASE, check=check, **where, let_in=True)["changed"] for check in (True, False, False))
    assert (foreseen, opened, again, users(newest)) == (True, True, False, 20)
    told = shop.run(DATABASE, **where, undo=True, undo_since=before)
    assert (told["changed"], users(newest)) == (True, 30), told


def test_unknown_and_taken_names_say_what_there_is(newest: Cluster) -> None:
    two(newest)
    told = shop.run(SWAP, url=newest.url("shop"), replacement="nothing")
    assert (told["error"], "other, postgres, shop" in told["hint"]) == ("Refused", True), told
    assert shop.run(SWAP, url=newest.url("shop"), replacement="other", keep_as="postgres")["error"] == "Refused"
    assert shop.run(SWAP, url=newest.url("shop"), undo=True)["error"] == "Refused"
    assert shop.run(SWAP, url=newest.url("postgres"), replacement="other")["error"] == "Refused"
