# SPDX-License-Identifier: GPL-3.0-or-later
"""What the catalogue itself says is not whole: sequences behind, indexes, constraints and triggers that do not work, extensions, schema."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import manifest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.look import (
    BAD,
    OK,
    UNKNOWN,
    Connection,
    Finding,
    Look,
    all_of,
    none_of,
)

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
# A sequence fills a column because it belongs to it (serial, identity), or because the column's default says so (Prisma's older tables).
FILLED = f"""
SELECT DISTINCT sn.nspname, s.relname, n.nspname, c.relname, a.attname, q.seqincrement, q.seqcycle
  FROM (SELECT objid AS seq, refobjid AS rel, refobjsubid AS num FROM pg_depend
         WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND refobjsubid > 0
        UNION SELECT d.refobjid, f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
         WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass) used
  JOIN pg_class s ON s.oid = used.seq AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace
  JOIN pg_sequence q ON q.seqrelid = s.oid
  JOIN pg_class c ON c.oid = used.rel AND c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = used.rel AND a.attnum = used.num
   AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
 WHERE {OURS} ORDER BY 1, 2
"""
INDEXES = f"""
SELECT n.nspname || '.' || x.relname, i.indisvalid AND i.indisready AND i.indislive,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.datname = current_database()
                AND (p.index_relid = i.indexrelid OR p.relid IS NULL))
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace n ON n.oid = x.relnamespace WHERE {OURS} ORDER BY 1
"""
CONSTRAINTS = f"""
SELECT coalesce(c.relname || '.', '') || o.conname, o.convalidated, coalesce((to_jsonb(o) ->> 'conenforced')::bool, true)
  FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace LEFT JOIN pg_class c ON c.oid = o.conrelid WHERE {OURS} ORDER BY 1
"""
TRIGGERS = f"""
SELECT DISTINCT n.nspname || '.' || c.relname, coalesce('the foreign key ' || o.conname, t.tgname), t.tgenabled <> 'D'
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_constraint o ON o.oid = t.tgconstraint AND t.tgisinternal WHERE {OURS} ORDER BY 1, 2
"""
EXTENSIONS = """
SELECT e.extname, e.extversion, a.name IS NOT NULL FROM pg_extension e LEFT JOIN pg_available_extensions a ON a.name = e.extname
"""


def sequences(connection: Connection) -> Look:
    def one(row: tuple[Any, ...]) -> tuple[str, Any]:
        return f"{row[0]}.{row[1]}", lambda there: _ahead(there, *row)

    rows = connection.execute(FILLED).fetchall()
    return Look("sequences", "each ahead of the column it fills", all_of(map(one, rows), "no sequences"))


def _ahead(connection: Connection, schema: str, name: str, table_schema: str, table: str, column: str, step: int, cycles: bool) -> Finding:
    """The table is read in a snapshot older than the sequence's value, so that writers meanwhile cannot make it look behind."""
    if cycles:
        return Finding(UNKNOWN, "it starts again when it is through, so nothing can be said")
    query = sql.SQL("SELECT (SELECT {}({}) FROM {}), s.last_value, s.is_called FROM {} s").format(
        sql.SQL("max" if step > 0 else "min"), sql.Identifier(column), sql.Identifier(table_schema, table), sql.Identifier(schema, name)
    )
    furthest, last, called = connection.execute(query).fetchone()
    following = last + step if called else last
    behind = furthest is not None and (following <= furthest if step > 0 else following >= furthest)
    return Finding(BAD if behind else OK, f"gives {following} next, and {table}.{column} has {furthest} already")


def _indexes(connection: Connection) -> Finding:
    rows = connection.execute(INDEXES).fetchall()
    wrong = [(name, building) for name, whole, building in rows if not whole]
    if wrong and all(building for _name, building in wrong):
        return Finding(UNKNOWN, f"an index is being built just now; not valid: {', '.join(name for name, _building in wrong)}")
    return none_of([f"{name} is not valid" for name, building in wrong if not building], f"{len(rows)} indexes")


INDEXES_VALID = Look("indexes", "all valid", _indexes)


def _constraints(connection: Connection) -> Finding:
    rows = connection.execute(CONSTRAINTS).fetchall()
    bad = [f"{name} is not {'validated' if enforced else 'enforced'}" for name, valid, enforced in rows if not (valid and enforced)]
    return none_of(bad, f"{len(rows)} constraints")


CONSTRAINTS_VALIDATED = Look("constraints", "all validated", _constraints)


def _triggers(connection: Connection) -> Finding:
    rows = connection.execute(TRIGGERS).fetchall()
    return none_of([f"{trigger} of {table} is disabled" for table, trigger, enabled in rows if not enabled], f"{len(rows)} triggers")


TRIGGERS_ENABLED = Look("triggers", "all enabled", _triggers)


def extensions(wanted: list[str]) -> Look:
    def at(connection: Connection) -> Finding:
        there = {name: (version, available) for name, version, available in connection.execute(EXTENSIONS).fetchall()}
        bad = [f"{name} is missing" for name in wanted if name not in there]
        bad += [f"{name} {version} is not on this server" for name, (version, available) in there.items() if not available]
        return none_of(bad, ", ".join(f"{name} {version}" for name, (version, _available) in sorted(there.items())))

    return Look("extensions", ", ".join(wanted) or "those that are installed can be used", at)


def schema(expected: list[str]) -> Look:
    """C(expected) is the C(catalogue) of a manifest."""

    def at(connection: Connection) -> Finding:
        connection.execute(manifest.FORMATS)
        found = [line for (line,) in connection.execute(manifest.CATALOGUE).fetchall()]
        return none_of(manifest.schema_differences(expected, found), f"{len(found)} things, all the same")

    return Look("schema", "that of the backup", at)
