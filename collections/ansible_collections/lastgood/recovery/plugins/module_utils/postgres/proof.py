# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that what was loaded is what the dump holds: by the manifest, or by every check that is possible without one."""
from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Incomplete
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import manifest, sql_text
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import several
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.source import Source

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

SHOWN = 5
KIND = "SELECT relkind FROM pg_class WHERE oid = to_regclass(%s)"
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname !~ '^pg_|^information_schema$'"


def proved(connection: Connection, source: Source) -> list[str]:
    """How closely was looked, in words; Incomplete, with what differs, when it is not the same."""
    with manifest.snapshot(connection):
        return compared(connection, source)


def proved_within(connection: Connection, source: Source, ignored: Collection[str] = ()) -> list[str]:
    """The same, of what nobody but the transaction of C(connection) can see yet; without the schemas C(ignored)."""
    with connection.transaction():
        connection.execute(manifest.FORMATS)
        return compared(connection, source, ignored)


def compared(connection: Connection, source: Source, ignored: Collection[str] = ()) -> list[str]:
    if source.backup is None:
        return _by_contents(connection, source, source.contents or sql_text.Contents())
    expected, found = (_without(one, ignored) for one in (source.backup.manifest, manifest.taken(connection)))
    same = connection.info.server_version // 10000 == source.major
    _same(manifest.differences(expected, found, same), source)
    rows = several(sum(table["rows"] for table in expected["tables"].values()), "row")
    names = f"{several(len(found['tables']), 'table')}, {several(len(found['sequences']), 'sequence')}"
    schema = "every definition" if same else "the names of all there is, since the versions of PostgreSQL differ"
    return [f"as the manifest says: {rows} in {names}, greatest keys, newest times, {schema}"]


def _without(taken: dict[str, Any], schemas: Collection[str]) -> dict[str, Any]:
    """What is in other schemas, and does not point into these."""
    if not schemas:
        return taken
    inside = tuple(f"{schema}." for schema in schemas)
    named = re.compile("|".join(rf'(?<![\w"])"?{re.escape(schema)}"?\.' for schema in schemas))
    kept = {part: {name: one for name, one in taken[part].items() if not name.startswith(inside)} for part in ("tables", "sequences")}
    # An extension belongs to the database, and stays.
    lines = [line for line in taken["catalogue"] if not named.search(line) and not line.startswith("extension ")]
    return {**taken, **kept, "catalogue": lines}


def _by_contents(connection: Connection, source: Source, contents: sql_text.Contents) -> list[str]:
    """Without a manifest the dump's own lines are what is counted."""
    problems, total = [], 0
    for table, rows in contents.rows.items():
        counted = _counted(connection, table)
        total += counted or 0
        if counted is None:
            problems.append(f"table {table} is missing")
        elif counted != rows:
            problems.append(f"{table} has {counted} rows, and the dump {rows}")
    problems += [f"the index {row[0]} is not valid" for row in connection.execute(INVALID).fetchall()]
    _same(problems, source)
    looked = ["every byte of the dump was read, and every statement of it succeeded", "no index is invalid"]
    if contents.rows or not contents.inserts:
        looked.append(f"{several(total, 'row')} in {several(len(contents.rows), 'table')}, as many as the dump has lines")
    if contents.inserts:
        looked.append("not looked at: how many rows its INSERTs hold")
    if contents.unseen:
        looked.append(f"not looked at: whether {contents.unseen} in it was altered, as it has no checksum")
    tables = connection.execute(TABLES).fetchone()
    return [*looked, f"there are {several(tables[0] if tables else 0, 'table')}", "not looked at: a manifest, there is none"]


def _counted(connection: Connection, table: str) -> int | None:
    schema, _point, name = table.partition(".")
    identifier = sql.Identifier(schema, name)
    row: Any = connection.execute(KIND, [identifier.as_string(connection)]).fetchone()
    if row is None:
        return None
    only = sql.SQL("" if row[0] in ("p", b"p") else "ONLY ")
    found: Any = connection.execute(sql.SQL("SELECT count(*) FROM {}{}").format(only, identifier)).fetchone()
    return int(found[0])


def _same(problems: list[str], source: Source) -> None:
    if problems:
        more = f", and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise Incomplete(
            f"what was loaded is not what {source.name} holds: {'; '.join(problems[:SHOWN])}{more}",
            "Choose another backup; the live database is as it was.",
            differences=problems,
        )
