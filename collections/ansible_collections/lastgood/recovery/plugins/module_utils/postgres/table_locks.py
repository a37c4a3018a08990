# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps everybody else off the tables of schemas until the transaction ends: whoever comes waits, and whoever is in the way is ended."""
from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import InUse
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

WRITERS, ALL = "EXCLUSIVE", "ACCESS EXCLUSIVE"
TABLES = """
SELECT c.oid::int8, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s) ORDER BY 1
"""
HOLDERS = """
SELECT DISTINCT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE l.granted AND l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND n.nspname = ANY(%s) AND l.pid <> pg_backend_pid()
"""
FIRST = 0.5
"""Seconds that others are waited for at first; twice as many each time, since the server ends its own vacuuming only after one."""


def taken(session: Connection, signals: Connection, schemas: list[str], mode: str, patience: float) -> int:
    """In the transaction of C(session); how many sessions were ended for it, by C(signals). InUse after C(patience) seconds."""
    until, wait = time.monotonic() + patience, FIRST
    locked: list[tuple[int, str, str]] = []
    ended: set[int] = set()
    with understood("keeping others off the tables"):
        while (tables := session.execute(TABLES, [schemas]).fetchall()) != locked:
            try:
                _lock(session, tables, mode, wait)
                locked = tables  # another may have come meanwhile
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                held = [row[0] for row in session.execute(HOLDERS, [schemas]).fetchall()]
                if time.monotonic() > until:
                    names = ", ".join(str(pid) for pid in held[:5])
                    hint = "End them by hand, then run the same command again."
                    raise InUse(f"the processes {names} hold tables and did not end", hint) from None
                ended.update(pid for pid in held if _ended(signals, pid))
                wait *= 2
        session.execute("SET LOCAL lock_timeout = 0")
    return len(ended)


def _ended(signals: Connection, pid: int) -> bool:
    """Whether it was told to: the server's own vacuuming is nobody's to end, and gives way by itself."""
    try:
        return bool(signals.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone()[0])
    except psycopg.errors.InsufficientPrivilege:
        return False


def _lock(session: Connection, tables: list[tuple[int, str, str]], mode: str, wait: float) -> None:
    if tables:
        names = sql.SQL(", ").join(sql.Identifier(schema, name) for _oid, schema, name in tables)
        with session.transaction():
            session.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(f"{wait * 1000:.0f}ms")))
            session.execute(sql.SQL("LOCK TABLE {} IN " + mode + " MODE").format(names))
