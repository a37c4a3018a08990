# SPDX-License-Identifier: GPL-3.0-or-later
"""Was data written since a migration? By the transaction that a row comes from, so that no column with a time is needed or trusted."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import table
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> %s
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1, 2
"""
# Prisma writes to its row last, and so after all that the migration itself wrote. Ages of transactions count beyond the wrap-around.
SINCE = "SELECT count(*) FROM ONLY {} WHERE age(xmin) < (SELECT age(xmin) FROM {} WHERE id = %s)"


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    """C(schema.name) of each that holds rows of the application's."""
    with understood("listing the tables"):
        return [f"{schema}.{name}" for schema, name in connection.execute(TABLES, [table.NAME]).fetchall()]


def since(connection: psycopg.Connection[Any], schema: str, attempt: str, names: list[str], tell: Tell) -> dict[str, int]:
    """By table, the rows inserted or updated after Prisma last wrote to that row of its own; those without any are left out.

    Rows that were deleted leave no trace.
    """
    written = {}
    with understood("counting what was written since"), connection.transaction():
        connection.execute("SET LOCAL row_security = off")
        for number, name in enumerate(names, 1):
            query = sql.SQL(SINCE).format(sql.Identifier(*name.split(".", 1)), sql.Identifier(schema, table.NAME))
            with still(f"counting what was written to {name}, {number} of {len(names)}", tell):
                row = connection.execute(query, [attempt]).fetchone()
            if row and row[0]:
                written[name] = row[0]
    return written
