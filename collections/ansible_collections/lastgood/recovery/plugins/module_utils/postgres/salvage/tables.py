# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables that both databases have, what they have in common, and how a row is told from another."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

Connection = Any
NUMBERS = ("smallint", "integer", "bigint", "numeric")
# A partitioned table is taken as a whole. Columns: name, type, generated, may be null, needs a value.
TABLES = """
SELECT n.nspname, c.relname, c.relkind::text, c.oid::int8,
       (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, NULL), a.attgenerated <> '', NOT a.attnotnull,
                                         a.attnotnull AND NOT a.atthasdef AND a.attidentity = '') ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""
# Everything that a row must be the only one with: columns or expressions, perhaps among some of the rows only.
UNIQUE = """
SELECT i.indrelid::int8, i.indisprimary, coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k),
       pg_get_expr(i.indpred, i.indrelid, true),
       ARRAY(SELECT a.attname::text FROM generate_series(0, i.indnkeyatts - 1) k
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k] AND a.attnotnull ORDER BY k),
       NOT i.indimmediate
  FROM pg_index i WHERE i.indisunique AND i.indisvalid ORDER BY i.indisprimary DESC, i.indexrelid
"""
TRIGGERS = """
SELECT t.tgrelid::int8, t.tgname, t.tgenabled::text FROM pg_trigger t
 WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgparentid = 0
"""


@dataclass(frozen=True)
class Unique:
    terms: list[str]
    """Columns or expressions, as SQL."""
    among: str | None
    """The condition on the rows that it holds for, as SQL."""
    nulls_alike: bool
    deferrable: bool
    is_key: bool
    """Of the key's own columns: who has the same of it is the same row."""


@dataclass
class Table:
    """One that both databases have; names of columns that both have and that can be written."""

    schema: str
    name: str
    number: int
    """For the name of its stage."""
    columns: list[str]
    key: list[str]
    """The columns of its primary key, or else of a unique index without nulls; empty when there is none."""
    counts: bool
    """Whether the key is a single number, as sequences give them out."""
    unmistakable: bool
    """Whether no two rows ever have the same key, as with UUIDs; all others can be given out twice."""
    nullable: set[str]
    missing: list[str]
    """Columns of the old one alone."""
    needed: list[str]
    """Columns of the restored one alone that cannot be left out."""
    partitioned: bool
    unique: list[Unique] = field(default_factory=list)
    triggers: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def stage(self) -> sql.Identifier:
        return sql.Identifier(f"lastgood_stage_{self.number}")

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def only(self) -> sql.Composed:
        """The table behind FROM: without tables that inherit from it, with its own partitions."""
        return sql.SQL("{}" if self.partitioned else "ONLY {}").format(self.identifier)


def shared(target: Connection, source: Connection) -> dict[str, Table]:
    """By C(schema.name)."""
    with understood("comparing the tables"):
        here, there = _tables(target), _tables(source)
        unique, triggers = _by_table(target, UNIQUE), _by_table(target, TRIGGERS)
    names = sorted(here.keys() & there.keys())
    return {name: _table(number, here[name], there[name], unique, triggers) for number, name in enumerate(names)}


def names(columns: list[str], of: str = "") -> sql.Composed:
    """C(of."a", of."b")."""
    return sql.SQL(", ").join(sql.Identifier(*([of] if of else []), column) for column in columns)


def same(left: str, mine: list[str], right: str, theirs: list[str]) -> sql.Composed:
    """C(l."a" = r."x" AND …)."""
    pairs = zip(mine, theirs, strict=True)
    return sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(left, one), sql.Identifier(right, other)) for one, other in pairs)


def _tables(connection: Connection) -> dict[str, tuple[Any, ...]]:
    return {f"{row[0]}.{row[1]}": row for row in connection.execute(TABLES).fetchall()}


def _by_table(connection: Connection, query: str) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in connection.execute(query).fetchall():
        found.setdefault(row[0], []).append(row[1:])
    return found


def _table(number: int, here: tuple[Any, ...], there: tuple[Any, ...], unique: dict[int, Any], triggers: dict[int, Any]) -> Table:
    schema, name, kind, oid, mine = here
    theirs = {column[0] for column in there[4] or []}
    written = [column for column in mine or [] if not column[2]]
    columns = [column[0] for column in written if column[0] in theirs]
    types = {column[0]: column[1] for column in written}
    indexes = unique.get(oid, [])
    plain = [row for row in indexes if row[3] is None and len(row[4]) == len(row[2]) and set(row[4]) <= set(columns)]
    key, primary = (plain[0][4], plain[0][0]) if plain else ([], False)
    return Table(
        schema,
        name,
        number,
        columns,
        key,
        counts=primary and len(key) == 1 and types[key[0]] in NUMBERS,
        unmistakable=bool(key) and all(types[column] == "uuid" for column in key),
        nullable={column[0] for column in written if column[3]},
        missing=sorted(theirs - {column[0] for column in mine or []}),
        needed=[column[0] for column in written if column[4] and column[0] not in theirs],
        partitioned=kind == "p",
        unique=[Unique(row[2], row[3], row[1], row[5], is_key=row in plain and set(row[4]) == set(key)) for row in indexes],
        triggers=triggers.get(oid, []),
    )
