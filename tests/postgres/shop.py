"""A small shop in a database, with everything that a dump can lose; and what of it an outside observer sees."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import subprocess
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Run, outcome

from tests.postgres.clusters import Cluster

SCHEMA = """
CREATE TYPE status AS ENUM ('new', 'paid', 'shipped');
CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE NOT NULL, tier varchar(20) CHECK (tier IN ('free', 'paid')), note text);
CREATE TABLE "Order Items" (id bigserial PRIMARY KEY, user_id int NOT NULL REFERENCES users, state status NOT NULL DEFAULT 'new',
  price numeric(10, 2) NOT NULL, made timestamptz NOT NULL DEFAULT now(), extra jsonb);
CREATE INDEX items_by_user ON "Order Items" (user_id) WHERE state <> 'shipped';
CREATE VIEW spent AS SELECT user_id, sum(price) AS total FROM "Order Items" GROUP BY user_id;
CREATE MATERIALIZED VIEW ranking AS SELECT * FROM spent;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN NEW.made := coalesce(NEW.made, now()); -- ; \\ '
 RETURN NEW; END $body$;
CREATE TRIGGER touch BEFORE UPDATE ON "Order Items" FOR EACH ROW EXECUTE FUNCTION touched();
CREATE SCHEMA audit;
CREATE TABLE audit.log (at timestamp NOT NULL, what text);
CREATE TABLE empty (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)
"""
ROWS = """
INSERT INTO users (email, tier, note) SELECT 'u' || g || '@example.com', CASE WHEN g % 3 = 0 THEN 'paid' END,
  CASE g % 5 WHEN 0 THEN E'line\\n\\\\. \\t; ''quoted'' $$' WHEN 1 THEN repeat(md5(g::text), 3) END FROM generate_series(1, {users}) g;
INSERT INTO "Order Items" (user_id, price, made, extra) SELECT 1 + g % {users}, g / 7.0, timestamptz '2026-11-01' + g * interval '1 min',
  jsonb_build_object('n', g, 'h', md5(g::text)) FROM generate_series(1, {items}) g;
INSERT INTO audit.log SELECT timestamp '2026-11-01' + g * interval '1 s', md5(g::text) FROM generate_series(1, 100) g;
REFRESH MATERIALIZED VIEW ranking
"""
FORMS = {
    "plain": ["-Fp"],
    "inserts": ["-Fp", "--inserts"],
    "custom": ["-Fc"],
    "custom-z0": ["-Fc", "-Z0"],
    "directory": ["-Fd"],
    "directory-z0": ["-Fd", "-Z0", "-B"],
    "tar": ["-Ft"],
}
"""As pg_dump is told."""
TABLES = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^pg_|^information_schema$' ORDER BY 1"
OBJECTS = """
SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname !~ '^pg_'
UNION ALL SELECT 'constraint ' || conname || ' ' || contype::text || convalidated::text
  FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace
  WHERE nspname !~ '^pg_|^information_schema$'
UNION ALL SELECT 'trigger ' || tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'sequence ' || schemaname || sequencename FROM pg_sequences ORDER BY 1
"""


def build(cluster: Cluster, name: str = "shop", owner: str = "postgres", users: int = 300, items: int = 900) -> None:
    """The shop, in a new database."""
    cluster.run(f'CREATE DATABASE "{name}" OWNER "{owner}"')
    cluster.run(SCHEMA, name, owner)
    cluster.run(ROWS.format(users=users, items=items), name, owner)


def seen(cluster: Cluster, name: str = "shop") -> dict[str, Any]:
    """The oracle: every row of every table as text, hashed, and every object; it shares nothing with the product."""
    with cluster.connect(name) as connection:
        connection.execute("SET search_path = pg_catalog")
        connection.execute("SET timezone = 'UTC'")
        found: dict[str, Any] = {}
        for (table,) in connection.execute(TABLES).fetchall():
            digest, rows = hashlib.sha256(), 0
            for (row,) in connection.execute(f"SELECT t::text FROM {table} t ORDER BY t::text COLLATE \"C\"".encode()):
                digest.update(row.encode())
                rows += 1
            found[table] = (rows, digest.hexdigest())
        found["objects"] = [row[0] for row in connection.execute(OBJECTS).fetchall()]
    return found


def dumped(cluster: Cluster, name: str, directory: Path, form: str) -> Path:
    """A dump by PostgreSQL's own program, under a name that says nothing: C(plain), C(custom.gz), C(inserts) …"""
    kind, _point, wrapping = form.partition(".")
    file = directory / "backup"
    cluster.program("pg_dump", "-d", name, *FORMS[kind], "-f", str(file))
    if wrapping == "zst":
        subprocess.run(["zstd", "-q", "--rm", str(file), "-o", str(directory / "wrapped")], check=True)
        (directory / "wrapped").rename(file)
    elif wrapping:
        file.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[wrapping].compress(file.read_bytes()))
    return file


def run(operation: Operation, check: bool = False, told: list[str] | None = None, **options: Any) -> dict[str, Any]:
    """The operation's result for these options, which are checked and defaulted as a module's are."""
    return outcome(operation, validated(operation, options), Run(check=check, tell=(told if told is not None else []).append))


def done(operation: Operation, **options: Any) -> dict[str, Any]:
    """The result of one that has to succeed."""
    result = run(operation, **options)
    assert not result.get("failed"), result
    return result


def validated(operation: Operation, options: dict[str, Any]) -> dict[str, Any]:
    """All options of it: those that are given, and the defaults."""
    given = {name: value for name, value in options.items() if value is not None}
    checked = ArgumentSpecValidator(operation.arguments, **operation.rules).validate(given)
    assert not checked.error_messages, checked.error_messages
    found: dict[str, Any] = checked.validated_parameters
    return found
