# SPDX-License-Identifier: GPL-3.0-or-later
"""A table by the name that people give it: exactly as it is written, since Prisma's tables have capitals that SQL would fold."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

FIND = """
SELECT c.oid::int8, n.nspname, c.relname, c.relkind::text, pg_table_is_visible(c.oid)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = %(name)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND (%(schema)s::text IS NULL OR n.nspname = %(schema)s)
 ORDER BY 2
"""


@dataclass(frozen=True)
class Relation:
    oid: int
    schema: str
    name: str
    kind: str
    """As in C(pg_class.relkind): V(r) a table, V(p) one that is partitioned."""

    @property
    def identifier(self) -> sql.Composed:
        """As it stands behind FROM; rows of tables that inherit from it are not its own, those of its partitions are."""
        only = sql.SQL("ONLY {}" if self.kind == "r" else "{}")
        return only.format(sql.Identifier(self.schema, self.name))

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


def found(connection: psycopg.Connection[Any], name: str) -> Relation | None:
    """The table, with or without its schema in front of a dot; None when there is none, Refused when several are meant."""
    schema, _dot, last = name.replace('"', "").rpartition(".")
    rows = connection.execute(FIND, {"name": last, "schema": schema or None}).fetchall()
    meant = [row for row in rows if row[4]] if len(rows) > 1 else rows
    if not meant and rows:
        raise Refused(f"{name} is in several schemas: {', '.join(row[1] for row in rows)}", "Name it with its schema.")
    return Relation(*meant[0][:4]) if meant else None
