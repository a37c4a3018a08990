# SPDX-License-Identifier: GPL-3.0-or-later
"""The table C(_prisma_migrations): read as Prisma reads it, locked as Prisma locks it, written as Prisma writes it."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import InUse, Refused, TimedOut
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.attempts import Attempt
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell, clock

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

NAME = "_prisma_migrations"
LOCK = 72707369
"""The key of Prisma's advisory lock."""
HELD = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND objsubid = 1 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
ROWS = """
SELECT id, migration_name, checksum, started_at, finished_at, rolled_back_at, applied_steps_count, coalesce(logs, '') FROM {}
 ORDER BY started_at
"""


def schema_of(server: Server, given: str | None) -> str:
    """The schema that Prisma works in: as in its address, or C(public)."""
    return given or server.parameters.get("schema") or "public"


def direct(server: Server) -> None:
    """Refused for the address of a pooler, where locks and settings would be somebody else's by the next statement."""
    if server.parameters.get("pgbouncer") == "true" or "-pooler" in server.known.get("host", ""):
        raise Refused("this is the address of a pooler", "Give the database's direct address, as for prisma migrate (directUrl).")


def exists(connection: psycopg.Connection[Any], schema: str) -> bool:
    with understood("looking for Prisma's table"):
        query = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = %s AND tablename = %s)"
        row = connection.execute(query, [schema, NAME]).fetchone()
    return bool(row and row[0])


def attempts(connection: psycopg.Connection[Any], schema: str) -> list[Attempt]:
    """Every row; none where there is no table."""
    if not exists(connection, schema):
        return []
    with understood("reading Prisma's table"):
        return [Attempt(*row) for row in connection.execute(sql.SQL(ROWS).format(sql.Identifier(schema, NAME))).fetchall()]


def locked_by(connection: psycopg.Connection[Any]) -> list[int]:
    """Processes that apply migrations just now; none can be told where Prisma's lock is switched off."""
    with understood("looking at Prisma's lock"):
        return [row[0] for row in connection.execute(HELD, [LOCK]).fetchall()]


@contextmanager
def locked(connection: psycopg.Connection[Any], timeout: float, tell: Tell) -> Iterator[None]:
    """Holds the lock that C(prisma migrate) takes, so that neither meets the other half way."""
    tick = clock("waiting for a run of prisma migrate to end", timeout, 0.5, tell)
    with understood("taking Prisma's lock"):
        while not _try(connection, "pg_try_advisory_lock"):
            try:
                tick()
            except TimedOut:
                holders = ", ".join(map(str, locked_by(connection)))
                raise InUse(f"a run of prisma migrate holds its lock (process {holders})", "Let it end first.") from None
    try:
        yield
    finally:
        if not connection.closed and connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            _try(connection, "pg_advisory_unlock")


def mark_rolled_back(connection: psycopg.Connection[Any], schema: str, rows: list[Attempt]) -> None:
    """A row of a failed attempt as C(resolve --rolled-back) leaves it, and one of any other likewise: moment set, and not finished."""
    query = "UPDATE {} SET rolled_back_at = coalesce(rolled_back_at, clock_timestamp()), finished_at = NULL WHERE id = %s"
    with understood("marking the migration"):
        for row in rows:
            connection.execute(sql.SQL(query).format(sql.Identifier(schema, NAME)), [row.id])


def _try(connection: psycopg.Connection[Any], function: str) -> bool:
    row = connection.execute(sql.SQL("SELECT {}(%s)").format(sql.SQL(function)), [LOCK]).fetchone()
    return bool(row and row[0])
