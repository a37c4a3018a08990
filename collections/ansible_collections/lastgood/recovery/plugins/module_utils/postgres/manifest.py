# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backup holds, written down in the very snapshot it is taken from, and compared with what a restore has brought back."""
from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

Row = dict[str, Any]
VERSION = 1

TABLES = """
SELECT n.nspname AS schema, c.relname AS name,
       (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnatts = 1
           AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)) AS key,
       ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype) ORDER BY a.attnum) AS times
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1, 2
"""
SEQUENCES = """
SELECT schemaname AS schema, sequencename AS name, last_value AS value, increment_by AS step, cache_size AS cache
  FROM pg_sequences WHERE schemaname !~ '^pg_' ORDER BY 1, 2
"""
# One line for each thing a schema consists of: hashed they are the fingerprint, and two sets of them have a readable difference.
CATALOGUE = """
SELECT format('column %I.%I.%I %s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
              coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''))
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT format('constraint %I.%I %s%s', n.nspname, coalesce(c.relname, ''), o.conname || ' ' || pg_get_constraintdef(o.oid),
              CASE WHEN o.convalidated THEN '' ELSE ' (not validated)' END)
  FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace
  LEFT JOIN pg_class c ON c.oid = o.conrelid
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND o.contype <> 'n'
UNION ALL
SELECT format('index %s%s', pg_get_indexdef(i.indexrelid), CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND n.nspname !~ '^pg_'
UNION ALL
SELECT format('function %I.%I(%s) %s', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), md5(p.prosrc))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT format('view %I.%I %s', n.nspname, c.relname, pg_get_viewdef(c.oid))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT format('enum %I.%I %s', n.nspname, t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder))
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname !~ '^pg_' GROUP BY n.nspname, t.typname
UNION ALL
SELECT format('extension %I', extname) FROM pg_extension
UNION ALL
SELECT format('policy %I.%I %I %s %s', schemaname, tablename, policyname, coalesce(qual, ''), coalesce(with_check, '')) FROM pg_policies
"""


FORMATS = """
SET LOCAL search_path = pg_catalog;
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO';
SET LOCAL extra_float_digits = 1;
SET LOCAL row_security = off;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0
"""
"""Settings of a database or a role change how values and definitions are written; rows that a policy hides must be an error."""


@contextmanager
def snapshot(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """One moment of the database, in which everything is written the same way wherever it is; nothing can be changed in it."""
    with understood("taking a snapshot"), connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute(FORMATS)
        if connection.info.server_version >= 170000:
            connection.execute("SET LOCAL transaction_timeout = 0")
        yield


def taken(connection: psycopg.Connection[Any]) -> Row:
    """What the database holds, in the C(snapshot) that C(connection) is in.

    C(tables) by name: C(rows), C(key) (the greatest value of a single numeric primary key), C(newest) (by column, the newest time).
    C(sequences) by name. C(catalogue): what the schema consists of, a line each. C(fingerprint): its SHA-256.
    """
    with understood("writing down what the database holds"), connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        tables = {f"{row['schema']}.{row['name']}": _table(cursor, row) for row in cursor.execute(TABLES).fetchall()}
        sequences = {f"{row['schema']}.{row['name']}": row["value"] for row in cursor.execute(SEQUENCES).fetchall()}
        lines = sorted(next(iter(row.values())) for row in cursor.execute(CATALOGUE).fetchall())
    return {"tables": tables, "sequences": sequences, "catalogue": lines, "fingerprint": fingerprint(lines)}


def fingerprint(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _table(cursor: Any, row: Row) -> Row:
    """One pass over the table: exact count, greatest key, newest times."""
    wanted: list[sql.Composable] = [sql.SQL("count(*) AS rows")]
    if row["key"]:
        wanted.append(sql.SQL("max({})::text AS key").format(sql.Identifier(row["key"])))
    wanted += [sql.SQL("max({})::text AS {}").format(sql.Identifier(column), sql.Identifier(f"newest {column}")) for column in row["times"]]
    query = sql.SQL("SELECT {} FROM ONLY {}").format(sql.SQL(", ").join(wanted), sql.Identifier(row["schema"], row["name"]))
    found = cursor.execute(query).fetchone()
    newest = {column: found[f"newest {column}"] for column in row["times"] if found[f"newest {column}"] is not None}
    return {"rows": found["rows"], "key": found.get("key"), "newest": newest}


def differences(expected: Row, found: Row, same_version: bool = True) -> list[str]:
    """Every way in which the second is not the first, in words; empty when they are the same.

    Versions of PostgreSQL write definitions differently: between two of them only what there is is compared.
    """
    problems = []
    for name, table in expected["tables"].items():
        other = found["tables"].get(name)
        if other is None:
            problems.append(f"table {name} is missing")
        elif other["rows"] != table["rows"]:
            problems.append(f"{name} has {other['rows']} rows instead of {table['rows']}")
        elif (other["key"], other["newest"]) != (table["key"], table["newest"]):
            shown = [f"greatest key {one['key']}, newest {one['newest']}" for one in (table, other)]
            problems.append(f"{name} has as many rows, but others: {shown[1]} instead of {shown[0]}")
    problems += [f"table {name} should not be there" for name in found["tables"] if name not in expected["tables"]]
    for name, value in expected["sequences"].items():
        # A sequence belongs to no snapshot: pg_dump finds it where it is by then, further on.
        at = found["sequences"].get(name, "missing")
        if at == "missing" or (value is not None and (at is None or abs(at) < abs(value))):
            problems.append(f"sequence {name} is at {at} instead of {value}")
    lines = [one["catalogue"] if same_version else [_named(line) for line in one["catalogue"]] for one in (expected, found)]
    return problems + schema_differences(*lines)


def _named(line: str) -> str:
    """C(column public.users.email) of the whole definition."""
    kind, _space, rest = line.partition(" ")
    name = re.match(r'((?:"(?:[^"]|"")*"|[^\s"(])+)', rest)
    return kind if kind in ("index", "trigger") or not name else f"{kind} {name.group(1)}"


def schema_differences(expected: list[str], found: list[str]) -> list[str]:
    """What is in one schema only. PostgreSQL writes some expressions otherwise once they were dumped and loaded: with other casts."""
    before, after = ({_plain(line): line for line in lines} for lines in (expected, found))
    problems = [f"missing in the schema: {before[line]}" for line in sorted(before.keys() - after.keys())]
    return problems + [f"not in the backup's schema: {after[line]}" for line in sorted(after.keys() - before.keys())]


def _plain(line: str) -> str:
    """C(CHECK status = ANY ARRAY'a', 'b') of both C(('a'::varchar)::text) and C((ARRAY['a'::varchar])::text[])."""
    without_casts = re.sub(r"::[a-z_ ]*[a-z_](\(\d+(,\d+)?\))?(\[\])*", "", line)
    return " ".join(re.sub(r"[()\[\]]", "", without_casts).split())
