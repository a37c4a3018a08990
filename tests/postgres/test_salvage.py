"""postgres_salvage: what was written after the backup comes back, once, exactly, and to the parent it had."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import postgres_activity, postgres_integrity, postgres_salvage

from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster
from tests.postgres.lost_rows import RELATION, Shop

WRITTEN = """
INSERT INTO users (tag, email, friend) VALUES ('u new', 'new@example.com', 1);
INSERT INTO orders (user_id, tag, total) VALUES (9, 'o new', 7), (2, 'o more', 8);
INSERT INTO items VALUES (13, 1, 'i new'), (13, 2, E'i "two" \\\\ \\n'), (3, 2, 'i late');
INSERT INTO payments (order_id, tag) VALUES (13, 'p new')
"""


@pytest.fixture
def shop(newest: Cluster, tmp_path: Path) -> Shop:
    return opened(newest, tmp_path)


def opened(cluster: Cluster, folder: Path) -> Shop:
    shop = Shop.opened(cluster, folder)
    shop.back_up()
    return shop


def salvage(shop: Shop, check: bool = False, **options: Any) -> dict[str, Any]:
    given = {"from_db": shop.old, "manifest": shop.manifest, "ledger": str(shop.folder / "lost.jsonl"), "relations": [RELATION], **options}
    return printed_by(postgres_salvage.main, check, url=shop.cluster.url(shop.restored), **given)


def counts(result: dict[str, Any]) -> dict[str, int]:
    return {status: count for status, count in result["totals"].items() if count and status != "same"}


def test_what_was_written_comes_back_once(cluster: Cluster, tmp_path: Path) -> None:
    shop = opened(cluster, tmp_path)
    cluster.run(WRITTEN, shop.old)
    before = shop.tags(shop.restored)
    told = salvage(shop, check=True)
    assert (told["changed"], counts(told)) == (True, {"insert": 7})
    assert shop.tags(shop.restored) == before
    assert shop.ledger() == []
    done = salvage(shop)
    assert (done["changed"], done["totals"], done["tables"].keys()) == (True, told["totals"], told["tables"].keys())
    assert shop.tags(shop.restored) == shop.tags(shop.old)
    assert shop.parents(shop.restored) == shop.parents(shop.old)
    assert len(shop.ledger()) == 7
    assert {line["row"].get("tag") for line in shop.ledger()} > {'i "two" \\ \n', "p new"}
    assert stat.S_IMODE((tmp_path / "lost.jsonl").stat().st_mode) == 0o600
    assert done["sequences"] == {"public.orders_id_seq": 14, "public.users_id_seq": 9}
    again = salvage(shop)
    assert (again["changed"], counts(again)) == (False, {})
    assert not (tmp_path / "lost_2.jsonl").exists()
    assert printed_by(postgres_integrity.main, url=cluster.url(shop.restored), relations=[RELATION])["verdict"] == "OK"


def test_without_a_manifest_rows_are_compared(shop: Shop) -> None:
    shop.cluster.run(WRITTEN, shop.old)
    done = salvage(shop, manifest=None)
    assert counts(done) == {"insert": 7}
    assert done["tables"]["public.orders"]["found_by"] == "comparison"
    assert shop.tags(shop.restored) == shop.tags(shop.old)


def test_an_id_given_out_twice_brings_nobody_the_order_of_another(shop: Shop) -> None:
    shop.cluster.run(WRITTEN, shop.old)
    shop.cluster.run(
        "INSERT INTO users (tag, email) VALUES ('u other', 'other@example.com');\nINSERT INTO orders (user_id, tag) VALUES (1, 'o other')",
        shop.restored,
    )
    before = shop.parents(shop.restored)
    done = salvage(shop)
    assert counts(done) == {"insert": 2, "conflict": 2, "orphaned": 3}  # users 9 and orders 13 are somebody else's by now
    assert {key: parent for key, parent in shop.parents(shop.restored).items() if key in before} == before
    assert {line["row"]["tag"] for line in shop.ledger() if line["status"] == "conflict"} == {"u new", "o new"}
    assert ("items", "i new") not in shop.parents(shop.restored)
    assert ("payments", "p new") not in shop.parents(shop.restored)


def test_a_parent_that_is_not_asked_for_is_not_mistaken_for_another(shop: Shop) -> None:
    shop.cluster.run(WRITTEN, shop.old)
    shop.cluster.run("INSERT INTO orders (user_id, tag) VALUES (1, 'o other')", shop.restored)
    done = salvage(shop, tables=["items"])
    assert done["tables"]["public.items"]["insert"] == 1
    assert done["tables"]["public.items"]["orphaned"] == 2
    assert shop.parents(shop.restored)["items", "i late"] == "o3"


def test_a_line_that_is_another_by_now_is_no_parent(shop: Shop) -> None:
    details = """CREATE TABLE details (id uuid PRIMARY KEY, order_id bigint, line int, tag text,
      FOREIGN KEY (order_id, line) REFERENCES items)"""
    for database, tag in ((shop.old, "A"), (shop.restored, "B")):
        shop.cluster.run(details, database)
        shop.cluster.run(f"INSERT INTO items VALUES (3, 2, '{tag}')", database)
    shop.cluster.run("INSERT INTO details VALUES (gen_random_uuid(), 3, 2, 'of A'), (gen_random_uuid(), 4, 1, 'of i4')", shop.old)
    assert counts(salvage(shop)) == {"insert": 1, "conflict": 1, "orphaned": 1}
    assert shop.cluster.rows("SELECT tag FROM details", shop.restored) == [("of i4",)]


def test_what_only_one_may_have_is_listed_with_all_that_hangs_on_it(shop: Shop) -> None:
    shop.cluster.run(WRITTEN, shop.old)
    shop.cluster.run("ALTER SEQUENCE users_id_seq RESTART 100", shop.restored)
    shop.cluster.run("INSERT INTO users (tag, email) VALUES ('u again', 'new@example.com')", shop.restored)
    done = salvage(shop)
    assert counts(done) == {"insert": 2, "conflict": 1, "orphaned": 4}


def test_changed_rows_are_listed_and_brought_over_only_when_named(shop: Shop) -> None:
    shop.cluster.run("UPDATE orders SET total = 50 WHERE id IN (1, 2, 3)", shop.old)
    shop.cluster.run("UPDATE orders SET total = 60 WHERE id = 3", shop.restored)
    assert counts(salvage(shop)) == {"updated": 3}
    assert [line["status"] for line in shop.ledger()] == ["updated"] * 3
    done = salvage(shop, updates=[{"table": "orders", "columns": ["total"]}])
    assert counts(done) == {"update": 2, "updated": 1}
    assert shop.cluster.rows("SELECT id, total, twice FROM orders WHERE id < 5 ORDER BY 1", shop.restored) == [
        (1, 50, 100),
        (2, 50, 100),
        (3, 60, 120),
        (4, 1, 2),
    ]
    assert len(shop.ledger("lost_2.jsonl")) == 3


def test_a_migration_that_rewrote_a_table_does_not_hide_what_is_new(shop: Shop) -> None:
    shop.cluster.run(WRITTEN, shop.old)
    shop.cluster.run("ALTER TABLE users ALTER id TYPE bigint, ADD tier text DEFAULT 'gold'", shop.old)
    shop.cluster.run("DELETE FROM users WHERE id = 8 AND false", shop.restored)
    done = salvage(shop)
    assert done["tables"]["public.users"]["found_by"] == "comparison"
    assert counts(done) == {"insert": 7}
    assert shop.tags(shop.restored) == shop.tags(shop.old)
    (user,) = [line for line in shop.ledger() if line["table"] == "public.users"]
    assert user["only_in_old"] == {"tier": "gold"}


def test_what_was_deleted_since_the_restore_stays_away(shop: Shop) -> None:
    shop.cluster.run("UPDATE orders SET total = total + 1", shop.old)  # marks every row
    shop.cluster.run("DELETE FROM orders WHERE id = 5", shop.restored)
    done = salvage(shop)
    assert counts(done) == {"updated": 11, "doubtful": 1}
    assert ("orders", "o5") not in shop.tags(shop.restored)


def test_triggers_stay_silent_and_come_back_as_they_were(shop: Shop) -> None:
    shop.cluster.run("ALTER TABLE orders DISABLE TRIGGER stamped;\nINSERT INTO orders (user_id, tag) VALUES (1, '')", shop.old)
    assert counts(salvage(shop)) == {"insert": 1}
    assert ("orders", "") in shop.tags(shop.restored)
    assert shop.cluster.rows("SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'stamped'", shop.restored) == [("O",)]


def test_circles_are_opened(shop: Shop) -> None:
    circle = """
CREATE TABLE a (id int PRIMARY KEY, b_id int, tag text DEFAULT '');
CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a, tag text DEFAULT '');
ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b"""
    for database in (shop.old, shop.restored):
        shop.cluster.run(circle, database)
    shop.cluster.run("INSERT INTO a VALUES (1, NULL);\nINSERT INTO b VALUES (1, 1);\nUPDATE a SET b_id = 1", shop.old)
    assert counts(salvage(shop)) == {"insert": 2}
    assert shop.cluster.rows("SELECT id, b_id FROM a", shop.restored) == [(1, 1)]


def test_a_table_without_a_key_is_listed_or_filled_up(shop: Shop) -> None:
    shop.cluster.run("INSERT INTO visits VALUES ('v1'), ('v1'), ('v9')", shop.old)
    assert counts(salvage(shop)) == {"keyless": 3}
    done = salvage(shop, keyless=["visits"])
    assert shop.tags(shop.restored) == shop.tags(shop.old), done


def test_it_works_while_writers_are_kept_out_and_fails_as_a_whole(shop: Shop) -> None:
    shop.cluster.run(WRITTEN, shop.old)
    assert printed_by(postgres_activity.main, url=shop.cluster.url(shop.restored), state="read_only")["changed"]
    shop.cluster.run("SET default_transaction_read_only = off;\nALTER TABLE payments ADD CHECK (tag <> 'p new')", shop.restored)
    before = shop.tags(shop.restored)
    failed = salvage(shop)
    assert failed["error"] == "DatabaseError"
    assert "p new" not in failed["msg"]
    assert shop.tags(shop.restored) == before
    assert not (shop.folder / "lost.jsonl").exists()
    shop.cluster.run("SET default_transaction_read_only = off;\nALTER TABLE payments DROP CONSTRAINT payments_tag_check", shop.restored)
    assert counts(salvage(shop)) == {"insert": 7}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"from_db": "shop"}, "both databases are the same"),
        ({"from_db": "nowhere"}, "does not exist"),
        ({"tables": ["nothing"]}, "no table nothing"),
        ({"updates": [{"table": "orders", "columns": ["nothing"]}]}, "cannot be updated"),
        ({"ledger": "/proc/nothing/lost.jsonl"}, "cannot be written"),
    ],
)
def test_what_cannot_be_done_changes_nothing(shop: Shop, options: dict[str, Any], words: str) -> None:
    shop.cluster.run(WRITTEN, shop.old)
    before = shop.tags(shop.restored)
    refused = salvage(shop, **options)
    assert words in refused["msg"]
    assert "nothing was changed" in refused["msg"]
    assert shop.tags(shop.restored) == before
