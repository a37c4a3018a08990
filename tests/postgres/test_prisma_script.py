"""What is told from a migration's SQL: where it is not sure, it says the worse."""

from __future__ import annotations

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.script import Script, touches

TABLES = ["public.User", "public.orders", "public.order_items"]


@pytest.mark.parametrize(
    ("text", "atomic"),
    [
        ('ALTER TABLE "User" ADD COLUMN "begin" TEXT;', True),
        ("-- COMMIT;\nSELECT 'BEGIN; COMMIT' /* ; COMMIT; */;", True),
        ("DO $$ BEGIN UPDATE orders SET id = 1; END $$;", True),
        ("CREATE FUNCTION f() RETURNS int AS $x$ BEGIN; COMMIT; END $x$ LANGUAGE plpgsql;", True),
        ("BEGIN; SELECT 1; COMMIT;", False),
        ("SELECT 1;\nend;", False),
        ("create index concurrently i on orders (id);", False),
        ("VACUUM orders;", False),
        (r"SELECT E'\'; COMMIT; --';", True),
    ],
)
def test_one_transaction(text: str, atomic: bool) -> None:
    assert Script(text).atomic is atomic


@pytest.mark.parametrize(
    ("text", "destroys"),
    [
        ('ALTER TABLE "User" ADD COLUMN "tier" TEXT NOT NULL DEFAULT \'drop table\';', False),
        ('ALTER TABLE "Order" ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES b ON DELETE CASCADE ON UPDATE CASCADE;', False),
        ("CREATE INDEX i ON orders USING gin (x); CREATE TRIGGER t BEFORE UPDATE ON orders EXECUTE FUNCTION f();", False),
        ("ALTER TABLE orders DROP CONSTRAINT x; ALTER TABLE orders ALTER COLUMN a DROP NOT NULL; DROP INDEX i;", False),
        ("INSERT INTO orders VALUES (1);", False),
        ("CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM orders; END $$ LANGUAGE plpgsql;", False),
        ('ALTER TABLE "User" DROP COLUMN "email";', True),
        ('ALTER TABLE "User" DROP CONSTRAINT x, DROP COLUMN "email";', True),
        ('ALTER TABLE "User" DROP "email";', True),
        ('ALTER TABLE "User" ALTER COLUMN "id" SET DATA TYPE BIGINT;', True),
        ("DROP TABLE orders;", True),
        ("UPDATE orders SET a = 1;", True),
        ("WITH gone AS (DELETE FROM orders RETURNING *) SELECT 1;", True),
        ("INSERT INTO orders VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 2;", True),
        ("DO $$ BEGIN DELETE FROM orders; END $$;", True),
        ("DO $$ BEGIN EXECUTE format('x'); END $$;", True),
    ],
)
def test_data_that_no_reverse_script_brings_back(text: str, destroys: bool) -> None:
    assert bool(Script(text).destroys) is destroys


@pytest.mark.parametrize(
    ("text", "concerned"),
    [
        ('ALTER TABLE "User" ADD COLUMN x INT;', ["public.User"]),
        ("ALTER TABLE User ADD COLUMN x INT;", []),  # folded: that is no table of this database
        ("ALTER TABLE Public.ORDERS ADD COLUMN x INT REFERENCES order_items;", ["public.orders", "public.order_items"]),
        ("-- orders\nSELECT 'orders';", []),
        ("DO $$ BEGIN EXECUTE 'x'; END $$;", TABLES),
        ("DO $f$ BEGIN UPDATE orders SET a = 1; END $f$;", ["public.orders"]),
    ],
)
def test_tables_it_has_to_do_with(text: str, concerned: list[str]) -> None:
    assert touches([text], TABLES) == concerned
