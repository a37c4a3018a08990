"""postgres_integrity: whatever is not whole is found, and what cannot be looked at is never called whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import manifest
from ansible_collections.lastgood.recovery.plugins.modules import postgres_integrity

from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster

SHOP = """
CREATE TABLE "User" (id serial PRIMARY KEY, email text UNIQUE, seen timestamp);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int NOT NULL REFERENCES "User",
  total int CONSTRAINT positive CHECK (total > 0), created_at timestamptz DEFAULT now());
CREATE TABLE items (order_id bigint REFERENCES orders ON DELETE CASCADE, line int, note_id int, PRIMARY KEY (order_id, line));
CREATE TABLE notes (id int PRIMARY KEY);
INSERT INTO "User" (email, seen) SELECT 'u' || n, now() AT TIME ZONE 'UTC' FROM generate_series(1, 50) n;
INSERT INTO orders (user_id, total) SELECT 1 + n % 50, n FROM generate_series(1, 200) n;
INSERT INTO items SELECT n, 1, NULL FROM generate_series(1, 200) n
"""
RELATION = {"table": "items", "columns": ["note_id"], "parent": "notes"}


def made(cluster: Cluster) -> Cluster:
    cluster.run("CREATE DATABASE shop")
    cluster.run(SHOP, "shop")
    return cluster


@pytest.fixture
def shop(cluster: Cluster) -> Cluster:
    return made(cluster)


def look(cluster: Cluster, user: str = "postgres", **options: Any) -> dict[str, Any]:
    return printed_by(postgres_integrity.main, url=cluster.url("shop", user) + "?schema=public", **options)


def worst(result: dict[str, Any]) -> dict[str, str]:
    """By name, what is not as expected."""
    return {one["name"]: f"{one['verdict']} {one['got']}" for one in result["checks"] if one["verdict"] != "OK"}


def test_a_database_that_is_whole_is_called_so(shop: Cluster) -> None:
    tables = [
        {"name": "User", "min_rows": 50, "max_rows": 50, "newest": "seen", "no_older_than": 3600},
        {"name": "public.orders", "min_rows": 200, "newest": "created_at", "no_older_than": 3600},
    ]
    found = look(shop, tables=tables, relations=[RELATION], extensions=["plpgsql"])
    assert (found["verdict"], worst(found)) == ("OK", {})
    assert found["passed"] == found["total"] == 12
    assert not found["changed"]


@pytest.mark.parametrize(
    ("harm", "name", "words"),
    [
        ("DELETE FROM items WHERE order_id > 190", "items: rows", "BAD 190 rows"),
        ("DROP TABLE items", "items: rows", "BAD there is no such table"),
        ("UPDATE orders SET created_at = now() - interval '2 h'", "orders: newest row", "BAD"),
        ("UPDATE orders SET created_at = 'tomorrow'", "orders: newest row", "BAD 200 rows with that time, all of them later"),
        ("UPDATE orders SET created_at = NULL", "orders: newest row", "BAD no row has that time"),
        ("UPDATE items SET note_id = 7 WHERE order_id < 4", "items(note_id) → notes", "BAD 3 rows without a parent"),
        (
            'SET session_replication_role = replica;\nDELETE FROM "User" WHERE id = 3',
            "public.orders(user_id) → public.User",
            "BAD 4 rows without a parent",
        ),
        ("SELECT setval('orders_id_seq', 17)", "sequences", "BAD public.orders_id_seq: gives 18 next, and orders.id has 200 already"),
        ("SELECT setval('\"User_id_seq\"', 50, false)", "sequences", "BAD public.User_id_seq: gives 50 next"),
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_pkey'::regclass",
            "indexes",
            "BAD public.orders_pkey is not valid",
        ),
        ("ALTER TABLE items ADD CONSTRAINT odd CHECK (line > 5) NOT VALID", "constraints", "BAD items.odd is not validated"),
        ("ALTER TABLE items DISABLE TRIGGER ALL", "triggers", "BAD the foreign key items_order_id_fkey of public.items is disabled"),
        ("DROP EXTENSION plpgsql", "extensions", "BAD plpgsql is missing"),
    ],
)
def test_what_is_not_whole_is_found(newest: Cluster, harm: str, name: str, words: str) -> None:
    shop = made(newest)
    shop.run(harm, "shop")
    tables = [{"name": "items", "min_rows": 200}, {"name": "orders", "newest": "created_at", "no_older_than": 3600}]
    found = look(shop, tables=tables, relations=[] if "DROP TABLE" in harm else [RELATION], extensions=["plpgsql"])
    assert found["verdict"] == "BAD"
    assert list(worst(found)) == [name]
    assert worst(found)[name].startswith(words)


def test_a_run_can_be_made_to_fail(newest: Cluster) -> None:
    made(newest)
    assert "failed" not in look(newest, tables=[{"name": "notes"}])
    failed = look(newest, tables=[{"name": "notes"}], fail=True)
    assert failed["failed"]
    assert failed["msg"] == "7 of 8 checks pass; notes: rows: expected at least 1 rows, got 0 rows"


def test_the_age_is_reckoned_from_the_moment_of_the_backup(newest: Cluster) -> None:
    shop = made(newest)
    shop.run("UPDATE orders SET created_at = '2026-01-01T12:00Z'", "shop")
    table = {"name": "orders", "newest": "created_at", "no_older_than": 60}
    assert look(shop, tables=[table])["verdict"] == "BAD"
    assert look(shop, tables=[table], at="2026-01-01T12:00:30Z")["verdict"] == "OK"


def test_a_writer_meanwhile_does_not_look_like_a_sequence_behind(newest: Cluster) -> None:
    shop = made(newest)
    with shop.connect("shop") as writer, writer.transaction():
        writer.execute("INSERT INTO orders (user_id, total) VALUES (1, 1)")
        assert look(shop)["verdict"] == "OK"


def test_what_may_not_be_read_is_unknown_and_never_whole(shop: Cluster) -> None:
    shop.run("CREATE ROLE clerk LOGIN;\nGRANT SELECT ON orders, items TO clerk", "shop")
    found = look(shop, "clerk", tables=[{"name": "User"}, {"name": "orders"}])
    assert found["verdict"] == "UNKNOWN"
    assert set(worst(found)) == {"User: rows", "public.orders(user_id) → public.User", "sequences"}
    assert "permission denied" in worst(found)["User: rows"]
    assert look(shop, "clerk", checks=["pages"])["verdict"] == "UNKNOWN"


def test_rows_that_a_policy_hides_are_not_taken_for_missing_ones(newest: Cluster) -> None:
    shop = made(newest)
    shop.run("CREATE ROLE clerk LOGIN;\nGRANT SELECT ON orders TO clerk;\nALTER TABLE orders ENABLE ROW LEVEL SECURITY", "shop")
    found = look(shop, "clerk", tables=[{"name": "orders"}], checks=[])
    assert [one["verdict"] for one in found["checks"]] == ["UNKNOWN"]


def test_what_takes_too_long_is_unknown(newest: Cluster) -> None:
    shop = made(newest)
    with shop.connect("shop") as other, other.transaction():
        other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        found = look(shop, tables=[{"name": "orders"}, {"name": "User"}], checks=["indexes"], statement_timeout=0.2)
    assert worst(found) == {"orders: rows": "UNKNOWN not within 0.2 s"}


def test_a_server_that_is_not_there_is_unknown(newest: Cluster) -> None:
    shop = made(newest)
    found = look(shop, login_port=1, tables=[{"name": "orders"}])
    assert (found["verdict"], found["passed"]) == ("UNKNOWN", 0)


def test_a_name_in_two_schemas_is_not_guessed(newest: Cluster) -> None:
    shop = made(newest)
    shop.run("CREATE SCHEMA a;\nCREATE SCHEMA b;\nCREATE TABLE a.twice ();\nCREATE TABLE b.twice ()", "shop")
    found = look(shop, tables=[{"name": "twice", "min_rows": 0}, {"name": "b.twice", "min_rows": 0}], checks=[])
    assert worst(found) == {"twice: rows": "UNKNOWN twice is in several schemas: a, b. Name it with its schema."}


def test_pages_are_looked_through_without_leaving_amcheck_behind(shop: Cluster) -> None:
    found = look(shop, checks=["pages"], every_row=True)
    assert (found["verdict"], found["total"]) == ("OK", 9)
    assert shop.rows("SELECT extname FROM pg_extension", "shop") == [("plpgsql",)]


def test_a_damaged_page_is_bad(shop: Cluster) -> None:
    (path,) = shop.rows("SELECT pg_relation_filepath('orders_pkey')", "shop")[0]
    shop.stop()
    file = Path(shop.data / path)
    content = bytearray(file.read_bytes())
    content[8192 + 3000 : 8192 + 8000] = bytes(5000)
    file.write_bytes(content)
    shop.start()
    found = look(shop, checks=["pages"])
    assert found["verdict"] == "BAD"
    assert [name for name, words in worst(found).items() if words.startswith("BAD")] == ["pages of public.orders_pkey"]


def test_the_schema_is_compared_with_that_of_a_backup(shop: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    with shop.connect("shop") as connection, manifest.snapshot(connection):
        path.write_text(json.dumps(manifest.taken(connection)))
    assert look(shop, manifest=str(path))["verdict"] == "OK"
    shop.run("ALTER TABLE orders DROP COLUMN total", "shop")
    assert "missing in the schema: column public.orders.total integer" in worst(look(shop, manifest=str(path)))["schema"]
