"""A shop that is backed up, written to, and restored beside: by the bare means of SQL, so that no code of ours is needed to judge ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import manifest

from tests.postgres.clusters import Cluster

TABLES = ("users", "orders", "items", "payments", "visits")
SHOP = """
CREATE TABLE users (id serial PRIMARY KEY, tag text NOT NULL, email text UNIQUE, friend int REFERENCES users, seen int DEFAULT 0);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int NOT NULL REFERENCES users, tag text NOT NULL,
  total int NOT NULL DEFAULT 1, twice int GENERATED ALWAYS AS (total * 2) STORED);
CREATE TABLE items (order_id bigint REFERENCES orders ON DELETE CASCADE, line int, tag text NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE payments (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), order_id bigint, tag text NOT NULL);
CREATE TABLE visits (tag text);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.tag := 'stamped'; RETURN NEW; END $$;
CREATE TRIGGER stamped BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.tag = '') EXECUTE FUNCTION stamp();
INSERT INTO users (tag, email) SELECT 'u' || n, 'u' || n || '@example.com' FROM generate_series(1, 8) n;
INSERT INTO orders (user_id, tag) SELECT 1 + n % 8, 'o' || n FROM generate_series(1, 12) n;
INSERT INTO items SELECT n, 1, 'i' || n FROM generate_series(1, 12) n;
INSERT INTO payments (order_id, tag) SELECT n, 'p' || n FROM generate_series(1, 12) n;
INSERT INTO visits SELECT 'v' || n % 3 FROM generate_series(1, 5) n
"""
PARENTS = """
SELECT 'orders', o.tag, u.tag FROM orders o LEFT JOIN users u ON u.id = o.user_id
UNION ALL SELECT 'items', i.tag, o.tag FROM items i LEFT JOIN orders o ON o.id = i.order_id
UNION ALL SELECT 'payments', p.tag, o.tag FROM payments p LEFT JOIN orders o ON o.id = p.order_id
UNION ALL SELECT 'users', u.tag, f.tag FROM users u JOIN users f ON f.id = u.friend
"""
RELATION = {"table": "payments", "columns": ["order_id"], "parent": "orders"}


@dataclass
class Shop:
    """C(old) is live at first, and the one that is salvaged from after C(back_up) has made C(restored)."""

    cluster: Cluster
    folder: Path
    old: str = "shop_old"
    restored: str = "shop"

    @classmethod
    def opened(cls, cluster: Cluster, folder: Path) -> Shop:
        shop = cls(cluster, folder)
        for name in (shop.old, shop.restored):
            cluster.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        if "blank" not in cluster.databases():
            cluster.run("CREATE DATABASE blank")
            cluster.run(SHOP.split("INSERT INTO users", 1)[0], "blank")
        for name in (shop.old, shop.restored):
            cluster.run(f"CREATE DATABASE {name} TEMPLATE blank")
        cluster.run("INSERT INTO users" + SHOP.split("INSERT INTO users", 1)[1], shop.old)
        return shop

    @property
    def manifest(self) -> str:
        return str(self.folder / "manifest.json")

    def back_up(self) -> None:
        """What a backup and a restore do, in one: rows and sequences of one snapshot, and the manifest that goes with it."""
        with self.cluster.connect(self.old) as old, self.cluster.connect(self.restored) as new, manifest.snapshot(old):
            (snapshot, oid), *_ = old.execute(
                "SELECT pg_current_snapshot()::text, (SELECT oid::int8 FROM pg_database WHERE datname = current_database())"
            ).fetchall()
            (identifier,), *_ = self.cluster.rows("SELECT system_identifier::text FROM pg_control_system()")
            written = {"snapshot": snapshot, "oid": oid, "server": {"system_identifier": identifier}, **manifest.taken(old)}
            Path(self.manifest).write_text(json.dumps(written))
            for table in TABLES:
                columns = {"orders": "(id, user_id, tag, total)"}.get(table, "")
                reading, writing = (f"COPY public.{table} {columns} {way}".encode() for way in ("TO STDOUT", "FROM STDIN"))
                with old.cursor().copy(reading) as rows, new.cursor().copy(writing) as stored:
                    for row in rows:
                        stored.write(row)
            for name in ("users_id_seq", "orders_id_seq"):
                ((value,),) = old.execute(f"SELECT last_value FROM public.{name}".encode()).fetchall()
                new.execute("SELECT setval(%s, %s)", [name, value])

    def connect(self, database: str) -> psycopg.Connection[Any]:
        return self.cluster.connect(database)

    def tags(self, database: str) -> list[tuple[str, str]]:
        """Every row, by table and tag."""
        query = " UNION ALL ".join(f"SELECT '{table}', tag FROM {table}" for table in TABLES)
        return sorted(self.cluster.rows(query, database))

    def parents(self, database: str) -> dict[tuple[str, str], str | None]:
        """By table and tag, the tag of the row that it points at; of an orphan none."""
        return {(table, tag): parent for table, tag, parent in self.cluster.rows(PARENTS, database)}

    def ledger(self, name: str = "lost.jsonl") -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
