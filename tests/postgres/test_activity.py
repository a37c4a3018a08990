"""postgres_activity: the door is shut before anybody is thrown out, and what is shown holds nobody's data."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.door import STEPS
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sessions import without_values
from ansible_collections.lastgood.recovery.plugins.modules import postgres_activity

from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster


@pytest.fixture
def shop(cluster: Cluster) -> Cluster:
    return made(cluster)


def made(cluster: Cluster) -> Cluster:
    cluster.run("CREATE ROLE boss LOGIN;\nCREATE ROLE app LOGIN;\nCREATE DATABASE shop OWNER boss;\nGRANT pg_signal_backend TO boss")
    cluster.run("CREATE TABLE orders (id int);\nGRANT ALL ON orders TO app", "shop")
    return cluster


def activity(cluster: Cluster, user: str = "boss", check: bool = False, **options: Any) -> dict[str, Any]:
    return printed_by(postgres_activity.main, check, url=cluster.url("shop", user), poll=0.05, timeout=20, **options)


class Customer:
    """Writes all the time, and comes back whenever it is thrown out."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stop = threading.Event()
        self.written = 0
        self._thread = threading.Thread(target=self._live)
        self._thread.start()

    def _live(self) -> None:
        while not self._stop.is_set():
            try:
                with self._cluster.connect("shop", "app") as connection:
                    while not self._stop.wait(0.002):
                        connection.execute("INSERT INTO orders VALUES (1)")
                        self.written += 1
            except psycopg.Error:
                self._stop.wait(0.005)

    def leave(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def customers(shop: Cluster) -> Iterator[list[Customer]]:
    crowd = [Customer(shop) for _ in range(5)]
    yield crowd
    for one in crowd:
        one.leave()


def rows(cluster: Cluster) -> int:
    with cluster.connect("shop") as connection:
        return int(connection.execute("SELECT count(*) FROM orders").fetchone()[0])  # type: ignore[index]


@pytest.mark.parametrize("state", ["read_only", "closed"])
def test_a_crowd_that_comes_back_all_the_time_writes_nothing_more(shop: Cluster, customers: list[Customer], state: str) -> None:
    threading.Event().wait(0.2)
    done = activity(shop, state=state)
    assert done["changed"]
    assert done["ended"] >= 5
    assert (done["before"]["state"], done["after"]["state"]) == ("open", state)
    if state == "closed":
        assert done["after"]["sessions"] == 0
        with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
            shop.connect("shop")
        assert shop.rows("SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'") == [(0,)]
    else:
        before = rows(shop)
        threading.Event().wait(0.2)
        assert rows(shop) == before
        assert not activity(shop, state=state)["changed"]
    assert activity(shop, state="open")["changed"]
    assert not activity(shop, state="open")["changed"]
    now = sum(one.written for one in customers)
    while sum(one.written for one in customers) < now + 5:
        threading.Event().wait(0.01)


def test_check_mode_predicts_and_leaves_everybody_alone(newest: Cluster) -> None:
    made(newest)
    with newest.connect("shop", "app") as customer:
        told = activity(newest, check=True, state="closed")
        assert (told["changed"], told["ended"], told["before"]["sessions"], told["after"]["sessions"]) == (True, 1, 1, 0)
        customer.execute("INSERT INTO orders VALUES (1)")
    assert activity(newest)["before"]["state"] == "open"


def test_a_run_that_was_cut_off_is_finished_by_the_next(newest: Cluster) -> None:
    made(newest)
    with newest.connect("shop", "app") as writer:
        newest.run(STEPS["read"].format("shop"))  # and then it was killed: the writer was in before
        assert activity(newest)["before"]["state"] == "half"
        done = activity(newest, state="read_only")
        assert (done["changed"], done["ended"]) == (True, 1)
        with pytest.raises(psycopg.OperationalError):
            writer.execute("INSERT INTO orders VALUES (1)")
    assert not activity(newest, state="read_only")["changed"]


def test_who_cannot_be_ended_is_said_before_the_door_is_shut(newest: Cluster) -> None:
    made(newest)
    with newest.connect("shop") as superuser:
        refused = activity(newest, state="closed")
        assert (refused["error"], refused["changed"]) == ("NotAllowed", False)
        assert "of postgres; nothing was changed" in refused["msg"]
        superuser.execute("SELECT 1")
        assert activity(newest)["before"]["state"] == "open"
        spared = activity(newest, state="closed", spare=["postgres"])
        assert (spared["after"]["state"], spared["after"]["sessions"]) == ("closed", 1)


def test_without_the_right_to_signal_nothing_is_changed(newest: Cluster) -> None:
    made(newest)
    newest.run("REVOKE pg_signal_backend FROM boss")
    with newest.connect("shop", "app") as customer:
        assert activity(newest, state="closed")["error"] == "NotAllowed"
        customer.execute("SELECT 1")
    assert activity(newest, "app", state="closed")["error"] == "NotAllowed"
    assert activity(newest)["before"]["state"] == "open"


def test_a_role_that_would_still_write_is_no_secret(newest: Cluster) -> None:
    made(newest)
    newest.run("ALTER ROLE app IN DATABASE shop SET default_transaction_read_only = off")
    refused = activity(newest, state="read_only")
    assert (refused["error"], refused["changed"]) == ("Refused", False)
    assert "app could still write" in refused["msg"]


def test_slow_statements_are_listed_without_their_values(shop: Cluster) -> None:
    with shop.connect("shop", "app") as customer, shop.connect("shop") as holder:
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE orders")
        thread = threading.Thread(target=lambda: customer.execute("UPDATE orders SET id = 12 WHERE 'eve@example.com' = 'x' OR id = 34"))
        thread.start()
        while not (slow := activity(shop, "postgres", slow_seconds=0.1)["slow"]):
            pass
        holder.execute("ROLLBACK")
        thread.join()
        assert slow[0]["query"] == "UPDATE orders SET id = ? WHERE ? = ? OR id = ?"
        assert slow[0]["blocked_by"] == [holder.info.backend_pid]
        assert activity(shop)["unseen"] == 2  # boss is not shown what the others do, and says so


def test_prepared_transactions_are_listed(newest: Cluster) -> None:
    made(newest)
    with newest.connect("shop") as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO orders VALUES (1)")
        connection.execute("PREPARE TRANSACTION 'payment-17'")
    assert activity(newest)["prepared"][0]["name"] == "payment-17"


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("ALTER ROLE x PASSWORD 'it''s'", "ALTER ROLE x PASSWORD ?"),
        (r"SELECT E'a\'b', 1.5e3, t1.c2 FROM t1", "SELECT ?, ?, t1.c2 FROM t1"),
        ("SELECT $$se'cret$$, $a$b$$c$a$ WHERE x = $1", "SELECT ?, ? WHERE x = $1"),
        ("SELECT 'cut in the midd", "SELECT ?"),
        ("SELECT $$cut in the midd", "SELECT ?"),
        ('SELECT "a1", -3', 'SELECT "a1", -?'),
    ],
)
def test_values_are_left_out(statement: str, shown: str) -> None:
    assert without_values({"query": statement}) == shown
