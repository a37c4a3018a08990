# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected to a database, what they run, and ending them."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotAllowed
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

# Only the database, the process and the role are shown to everybody: a filter on state or backend_type would find nobody.
# Processes without a role are the server's own.
SESSIONS = """
SELECT a.pid, a.usename AS role, coalesce(r.rolsuper, false) AS superuser, a.application_name AS application,
       host(a.client_addr) AS client, a.state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS transaction_seconds,
       CASE a.state WHEN 'active' THEN extract(epoch FROM clock_timestamp() - a.query_start)::float8 END AS query_seconds,
       a.query, pg_blocking_pids(a.pid) AS blocked_by, a.state IS NOT NULL AS seen,
       me.rolsuper OR NOT coalesce(r.rolsuper, false)
         AND (pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')) AS endable
  FROM pg_stat_activity a JOIN pg_roles me ON me.rolname = current_user LEFT JOIN pg_roles r ON r.oid = a.usesysid
 WHERE a.datname = %s AND a.pid NOT IN (pg_backend_pid(), %s) AND a.usesysid IS NOT NULL
 ORDER BY query_seconds DESC NULLS LAST, transaction_seconds DESC NULLS LAST, a.pid
"""
PREPARED = """
SELECT gid AS name, owner, extract(epoch FROM clock_timestamp() - prepared)::float8 AS seconds FROM pg_prepared_xacts WHERE database = %s
"""
# Without values: they may be anything, such as a password or the address of a customer.
VALUES = re.compile(r"(?i)\$(\w*)\$.*?(?:\$\1\$|\Z)|[eubx]?&?'(?:[^'\\]|''|\\.)*(?:'|\Z)|(?<![\w$.\"])\d[\w.]*", re.DOTALL)
LENGTH = 300


@dataclass(frozen=True)
class Session:
    """Times are in seconds; None where this role is not shown what others do."""

    pid: int
    role: str
    superuser: bool
    application: str | None
    client: str | None
    state: str | None
    transaction_seconds: float | None
    query_seconds: float | None
    query: str | None
    blocked_by: list[int]
    seen: bool
    """Whether this role is shown what the session does."""
    endable: bool

    def as_dict(self) -> dict[str, Any]:
        kept = ("pid", "role", "superuser", "application", "client", "state", "transaction_seconds", "query_seconds", "query", "blocked_by")
        values = {name: getattr(self, name) for name in kept}
        return {name: round(value, 1) if isinstance(value, float) else value for name, value in values.items()}


def sessions(connection: psycopg.Connection[Any], database: str, own: int = 0) -> list[Session]:
    """All but ours (this connection, and the process C(own)) and the server's, those that run the longest first."""
    with understood("listing who is connected"), connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        rows = cursor.execute(SESSIONS, [database, own]).fetchall()
    return [Session(**{**row, "query": without_values(row)}) for row in rows]


def without_values(row: dict[str, Any]) -> str | None:
    """The statement as people may read it."""
    if row["query"] is None or not row.get("seen", True):
        return None
    return VALUES.sub("?", " ".join(row["query"].split()))[:LENGTH]


def prepared(connection: psycopg.Connection[Any], database: str) -> list[dict[str, Any]]:
    """Transactions that wait for their second half; no session has them, so nobody can be terminated."""
    with understood("listing prepared transactions"), connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return [{**row, "seconds": round(row["seconds"], 1)} for row in cursor.execute(PREPARED, [database]).fetchall()]


def out_of_reach(found: list[Session]) -> None:
    """NotAllowed when some of them could not be ended; asked before anything is changed."""
    kept = [one for one in found if not one.endable]
    if kept:
        names = ", ".join(f"{one.pid} of {one.role}" for one in kept[:5])
        raise NotAllowed(
            f"this role may not end {len(kept)} of the sessions: {names}",
            "Use a superuser or, for ordinary roles' sessions, a member of pg_signal_backend; or name roles to be left alone in spare.",
        )


def end(connection: psycopg.Connection[Any], found: list[Session]) -> None:
    """All are told at once: waiting for each in turn would let the first come back before the last is gone."""
    for one in found:
        try:
            connection.execute("SELECT pg_terminate_backend(%s)", [one.pid])
        except psycopg.errors.InsufficientPrivilege:
            continue  # it became a superuser's meanwhile; whoever counts will see it
