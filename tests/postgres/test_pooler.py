"""A swap behind Debian's own PgBouncer: clients wait for it, and lose nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import SWAP

from sandbox.addresses import HOST
from tests.postgres import shop
from tests.postgres.clusters import Cluster
from tests.postgres.pooler import PROGRAM, before

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed")


@pytest.fixture
def pooler(newest: Cluster) -> Iterator[int]:
    """Its port; in transaction mode, before the shop."""
    with before(newest) as port:
        yield port


def test_clients_lose_nothing(newest: Cluster, pooler: int) -> None:
    shop.build(newest, "shop", users=30, items=9)
    shop.build(newest, "other", users=20, items=5)
    done, errors, commits = threading.Event(), [], [0]

    def client() -> None:
        try:
            url = f"postgresql://postgres@{HOST}:{pooler}/shop"
            with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
                while not done.is_set():
                    connection.execute("INSERT INTO audit.log VALUES (now(), 'written')")
                    commits[0] += 1
        except psycopg.Error as error:
            errors.append(error)

    clients = [threading.Thread(target=client) for _ in range(3)]
    for one in clients:
        one.start()
    admin = f"postgresql://admin@{HOST}:{pooler}/pgbouncer"
    try:
        told = shop.done(SWAP, url=newest.url("shop"), replacement="other", pgbouncer_url=admin)
        before = commits[0]
        deadline = time.monotonic() + 30
        while commits[0] < before + 10 and not errors:
            assert time.monotonic() < deadline, "nobody is let in again"
            time.sleep(0.01)
    finally:
        done.set()
        for one in clients:
            one.join()
    assert errors == []
    count = "SELECT count(*) FROM audit.log WHERE what = 'written'"
    assert newest.rows(count, "shop")[0][0] > 0
    print(f"closed for {told['closed']} s behind PgBouncer")


def test_a_transaction_that_does_not_end_is_ended(newest: Cluster, pooler: int) -> None:
    shop.build(newest, "shop", users=30, items=9)
    shop.build(newest, "other", users=20, items=5)
    admin = f"postgresql://admin@{HOST}:{pooler}/pgbouncer"
    long = psycopg.connect(f"postgresql://postgres@{HOST}:{pooler}/shop", autocommit=True, prepare_threshold=None)
    long.execute("BEGIN")
    told = shop.done(SWAP, url=newest.url("shop"), replacement="other", pgbouncer_url=admin, pause_timeout=0.3)
    assert told["ended"] >= 1
    long.close()
    with psycopg.connect(f"postgresql://postgres@{HOST}:{pooler}/shop", autocommit=True, prepare_threshold=None) as again:
        assert again.execute("SELECT count(*) FROM users").fetchone() == (20,)


def test_a_pooler_that_does_not_know_the_database_is_told_before_anything_happens(newest: Cluster, pooler: int) -> None:
    shop.build(newest, "shop", users=5, items=5)
    shop.build(newest, "other", users=5, items=5)
    admin = f"postgresql://admin@{HOST}:{pooler}/pgbouncer"
    told = shop.run(SWAP, url=newest.url("shop"), replacement="other", pgbouncer_url=admin, pgbouncer_database="store")
    assert (told["error"], told["changed"]) == ("Refused", False), told


def test_it_is_left_as_it_was(newest: Cluster, pooler: int) -> None:
    """Its settings too, one of which keeps it from waiting 15 seconds after a login that a pause has broken off."""
    shop.build(newest, "shop", users=5, items=5)
    shop.build(newest, "other", users=5, items=5)
    admin = f"postgresql://admin@{HOST}:{pooler}/pgbouncer"
    before = _settings(admin)
    shop.done(SWAP, url=newest.url("shop"), replacement="other", pgbouncer_url=admin)
    assert _settings(admin) == before


def _settings(admin: str) -> list[tuple[str, ...]]:
    with psycopg.connect(admin, autocommit=True, cursor_factory=psycopg.ClientCursor) as console:
        return console.execute("SHOW CONFIG").fetchall()
