"""Whatever happens before and after the backup: N rows written since are N lines in the ledger, and none goes to another parent.

C(LASTGOOD_EVERY_HISTORY=500) runs so many; a few otherwise.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.postgres.clusters import Cluster
from tests.postgres.lost_rows import Shop
from tests.postgres.test_salvage import salvage

HISTORIES = int(os.environ.get("LASTGOOD_EVERY_HISTORY", "8"))
WRITES = {
    "user": "INSERT INTO users (tag, email, friend) SELECT {tag}, {tag}, max(id) FROM users",
    "order": "INSERT INTO orders (user_id, tag) SELECT id, {tag} FROM users ORDER BY id DESC OFFSET {nth} LIMIT 1",
    "item": "INSERT INTO items SELECT id, 1 + {serial}, {tag} FROM orders ORDER BY id DESC OFFSET {nth} LIMIT 1",
    "payment": "INSERT INTO payments (order_id, tag) SELECT id, {tag} FROM orders ORDER BY id DESC OFFSET {nth} LIMIT 1",
    "change": "UPDATE users SET seen = seen + 1 WHERE id = (SELECT id FROM users ORDER BY id DESC OFFSET {nth} LIMIT 1)",
    "touch": "UPDATE orders SET total = total WHERE id = (SELECT id FROM orders ORDER BY id DESC OFFSET {nth} LIMIT 1)",
    "cancel": "DELETE FROM orders WHERE id = (SELECT id FROM orders ORDER BY id DESC OFFSET {nth} LIMIT 1)",
    "freeze": "VACUUM FREEZE",
    "move": "VACUUM FULL orders",
    "rewrite": "ALTER TABLE users ALTER seen TYPE int USING seen + 0",
}
WAYS = ("at once", "savepoint", "rolled back", "open until later")
WRITE = st.tuples(st.sampled_from([*WRITES, "user", "order", "item"]), st.integers(0, 4), st.sampled_from(WAYS))
HISTORY = st.lists(WRITE, max_size=12)


class Writer:
    """Sends the writes of a history; each inserted row has a tag of its own."""

    def __init__(self, shop: Shop, database: str, prefix: str, first: int = 0) -> None:
        self._shop, self._database, self._prefix = shop, database, prefix
        self._serial = first
        self._open: list[psycopg.Connection[Any]] = []

    def write(self, history: list[tuple[str, int, str]]) -> None:
        for kind, nth, way in history:
            self._serial += 1
            statement = WRITES[kind].format(tag=f"'{self._prefix}{self._serial}'", nth=nth, serial=self._serial).encode()
            connection = self._shop.connect(self._database)
            connection.execute("SET lock_timeout = '50ms'")  # what an open transaction holds is left alone
            try:
                if kind in ("freeze", "move", "rewrite"):  # an open one would keep everybody out, the backup too
                    connection.execute(statement)
                else:
                    self._send(connection, statement, way)
            except psycopg.errors.LockNotAvailable:
                connection.close()
            if connection not in self._open:
                connection.close()

    def _send(self, connection: psycopg.Connection[Any], statement: bytes, way: str) -> None:
        if way == "at once":
            connection.execute(statement)
            return
        connection.execute("BEGIN")
        if way == "savepoint":
            connection.execute("SAVEPOINT s")
        connection.execute(statement)
        if way == "open until later":
            self._open.append(connection)
        else:
            connection.execute("ROLLBACK" if way == "rolled back" else "COMMIT")

    def commit(self) -> None:
        """All that is still open."""
        while self._open:
            with self._open.pop(0) as connection:
                connection.execute("COMMIT")


@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=HISTORIES < 100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[phase for phase in Phase if phase is not Phase.shrink or HISTORIES >= 100],
)
@given(before=HISTORY, after=HISTORY, meanwhile=HISTORY, fenced=st.booleans(), marks=st.booleans())
def test_n_rows_are_n_lines_and_each_has_its_own_parent(
    newest: Cluster, before: list[Any], after: list[Any], meanwhile: list[Any], fenced: bool, marks: bool
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lastgood-history-"))
    try:
        shop = Shop.opened(newest, folder)
        live = Writer(shop, shop.old, "old ")
        live.write(before)
        shop.back_up()
        backed_up = set(shop.tags(shop.restored))
        live.commit()
        live.write(after)
        live.commit()
        if fenced:
            newest.run("SELECT setval('users_id_seq', 1000), setval('orders_id_seq', 1000)", shop.restored)
        customers = Writer(shop, shop.restored, "new ", 1000 if fenced else 0)
        customers.write(meanwhile)
        customers.commit()
        simple = fenced and marks and not any(kind == "cancel" for kind, _nth, _way in meanwhile)
        judge(shop, backed_up, marks, simple)
    finally:
        shutil.rmtree(folder)


def judge(shop: Shop, backed_up: set[tuple[str, str]], marks: bool, simple: bool) -> None:
    """Tags say which row is which, whatever its id is by now. C(simple): nothing stands in the way of any row."""
    lost = set(shop.tags(shop.old)) - backed_up
    there, parents, old_parents = shop.tags(shop.restored), shop.parents(shop.restored), shop.parents(shop.old)
    manifest = shop.manifest if marks else None
    told = salvage(shop, check=True, manifest=manifest)
    assert "failed" not in told, told
    assert shop.tags(shop.restored) == there
    done = salvage(shop, manifest=manifest)
    assert "failed" not in done, done
    assert done["totals"] == told["totals"]

    lines = [(line["table"].removeprefix("public."), line["row"]["tag"], line["status"]) for line in shop.ledger()]
    listed = {(table, tag) for table, tag, _status in lines}
    assert len(listed) == len(lines)  # no row twice
    assert lost <= listed
    inserted = {(table, tag) for table, tag, status in lines if status == "insert"}
    others = {(table, tag): status for table, tag, status in lines if (table, tag) not in lost}
    if marks:
        assert set(others.values()) <= {"updated", "doubtful", "orphaned"}, others  # older rows, changed or deleted since: none comes back
        assert inserted == lost if simple else inserted <= lost
    now = shop.tags(shop.restored)
    assert sorted(now) == sorted([*there, *inserted])  # none lost, none invented, none twice
    found = shop.parents(shop.restored)
    deleted = {key for key in inserted if key in found and old_parents[key] is None}  # in the old one alone, so that it is back here
    assert all(found[key] is None or ("orders", found[key]) in backed_up for key in deleted)
    expected = {**{key: parent for key, parent in old_parents.items() if key in inserted}, **parents}
    if not marks:  # nobody can tell what was deleted since the restore: it comes back, and so does the parent of what was left without
        expected |= {key: found[key] for key, parent in parents.items() if parent is None and found[key] == old_parents.get(key)}
    kept = found.keys() - deleted
    assert {key: found[key] for key in kept} == {key: expected[key] for key in expected.keys() - deleted}  # none is another's
    again = salvage(shop, manifest=manifest)
    assert (again["changed"], again["totals"]["insert"]) == (False, 0)
    assert shop.tags(shop.restored) == now
