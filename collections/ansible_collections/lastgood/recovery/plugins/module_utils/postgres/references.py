# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that point at rows: by a foreign key, or, where the database has none, because the inventory says so."""
from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.look import BAD, OK, UNKNOWN, Connection, Finding, Look
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.relation import Relation, found

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

RELATION: dict[str, Any] = {
    "table": {"type": "str", "required": True},
    "columns": {"type": "list", "elements": "str", "required": True},
    "parent": {"type": "str", "required": True},
    "parent_columns": {"type": "list", "elements": "str", "default": ["id"]},
}
# A partition inherits its key from the table it is a part of. Version 18 has keys over periods, which equality does not describe.
FOREIGN_KEYS = """
SELECT o.conname, o.conrelid::int8, cn.nspname, c.relname, c.relkind::text, o.confrelid::int8, pn.nspname, p.relname, p.relkind::text,
       ARRAY(SELECT a.attname::text FROM unnest(o.conkey) WITH ORDINALITY k(num, n)
               JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num ORDER BY k.n),
       ARRAY(SELECT a.attname::text FROM unnest(o.confkey) WITH ORDINALITY k(num, n)
               JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.num ORDER BY k.n),
       o.confmatchtype = 'f', coalesce((to_jsonb(o) ->> 'conperiod')::bool, false), o.condeferrable
  FROM pg_constraint o
  JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = o.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
 WHERE o.contype = 'f' AND o.conparentid = 0 AND cn.nspname !~ '^pg_'
 ORDER BY 3, 4, 1
"""


class ForeignKey:
    """One key between two tables, as a row of C(FOREIGN_KEYS) describes it."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.name = row[0]
        self.child, self.parent = Relation(*row[1:5]), Relation(*row[5:9])
        self.columns, self.parent_columns = row[9], row[10]
        self.full, self.period, self.deferrable = row[11:14]

    def __str__(self) -> str:
        return f"{self.child}({', '.join(self.columns)})"


def foreign_keys(connection: Connection) -> list[ForeignKey]:
    return [ForeignKey(row) for row in connection.execute(FOREIGN_KEYS).fetchall()]


def of_keys(connection: Connection) -> list[Look]:
    """Each foreign key looked through, whether or not the database believes that it holds."""
    return [Look(f"{key} → {key.parent}", "a parent for every row", partial(_kept, key)) for key in foreign_keys(connection)]


def of_relation(relation: dict[str, Any]) -> Look:
    """A relation without a key."""
    columns, parents = relation["columns"], relation["parent_columns"]
    if len(columns) != len(parents):
        raise Refused(f"{relation['table']} names {len(columns)} columns and {len(parents)} of its parent", "Name as many of both.")

    def at(connection: Connection) -> Finding:
        tables = [found(connection, relation[side]) for side in ("table", "parent")]
        child, parent = tables
        if child is None or parent is None:
            return Finding(BAD, f"there is no table {relation['table'] if child is None else relation['parent']}")
        return _told(_orphans(connection, child, columns, parent, parents))

    return Look(f"{relation['table']}({', '.join(columns)}) → {relation['parent']}", "a parent for every row", at)


def _kept(key: ForeignKey, connection: Connection) -> Finding:
    if key.period:
        return Finding(UNKNOWN, "a key over periods is not looked through")
    orphans = _orphans(connection, key.child, key.columns, key.parent, key.parent_columns)
    return _told(orphans, _half_empty(connection, key) if key.full else 0)


def _orphans(connection: Connection, child: Relation, columns: list[str], parent: Relation, parents: list[str]) -> int:
    """Rows without a parent; one whose columns are not all filled needs none."""
    same = sql.SQL(" AND ").join(
        sql.SQL("p.{} = c.{}").format(sql.Identifier(theirs), sql.Identifier(ours)) for ours, theirs in zip(columns, parents, strict=True)
    )
    filled = sql.SQL(" AND ").join(sql.SQL("c.{} IS NOT NULL").format(sql.Identifier(column)) for column in columns)
    query = sql.SQL("SELECT count(*) FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p WHERE {})")
    return int(connection.execute(query.format(child.identifier, filled, parent.identifier, same)).fetchone()[0])


def _half_empty(connection: Connection, key: ForeignKey) -> int:
    """A key declared MATCH FULL wants all of its columns filled, or none."""
    columns = sql.SQL(", ").join(map(sql.Identifier, key.columns))
    query = sql.SQL("SELECT count(*) FROM {} WHERE num_nulls({}) NOT IN (0, {})")
    return int(connection.execute(query.format(key.child.identifier, columns, sql.Literal(len(key.columns)))).fetchone()[0])


def _told(orphans: int, half_empty: int = 0) -> Finding:
    words = [f"{orphans} rows without a parent"] if orphans else []
    words += [f"{half_empty} rows with half a key"] if half_empty else []
    return Finding(BAD, ", ".join(words)) if words else Finding(OK, "no orphans")
