# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a database lets people in: open to all, for reading only, or closed. PostgreSQL keeps that with the database itself."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

OPEN, READ_ONLY, CLOSED = STATES = ("open", "read_only", "closed")
HALF = "half"
"""For reading only to all who come now, while those who came before may still write: a run was cut off."""
DOOR = """
SELECT d.datallowconn, (SELECT lower(split_part(c, '=', 2)) FROM unnest(s.setconfig) c WHERE c LIKE 'default_transaction_read_only=%%')
  FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0
 WHERE d.datname = %s
"""
# A role's own setting wins over that of the database.
EXEMPT = """
SELECT DISTINCT r.rolname FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
  LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
 WHERE c LIKE 'default_transaction_read_only=%%' AND lower(split_part(c, '=', 2)) NOT IN ('on', 'true', 'yes', '1')
   AND (s.setdatabase = 0 OR d.datname = %s)
"""
# PostgreSQL takes either word, and keeps the one it was given: that tells whether all who could write are gone.
STEPS = {
    "allow": "ALTER DATABASE {} ALLOW_CONNECTIONS true",
    "forbid": "ALTER DATABASE {} ALLOW_CONNECTIONS false",
    "read": "ALTER DATABASE {} SET default_transaction_read_only = 'true'",
    "write": "ALTER DATABASE {} RESET default_transaction_read_only",
}
DONE = "ALTER DATABASE {} SET default_transaction_read_only = 'on'"


def state(connection: psycopg.Connection[Any], database: str) -> str:
    """One of C(STATES), or C(HALF); Refused when there is no such database."""
    with understood("looking who is let in"):
        row = connection.execute(DOOR, [database]).fetchone()
    if row is None:
        raise Refused(f"there is no database {database} on this server", "Look whether the name and the server are right.")
    allowed, read_only = row
    if not allowed:
        return CLOSED
    return READ_ONLY if read_only == "on" else HALF if read_only in ("true", "yes", "1") else OPEN


def steps(before: str, after: str) -> list[str]:
    """The statements that lead from one to the other, in the order that is safe, with a place for the name."""
    if before == after:
        return []
    wanted = {CLOSED: ["forbid"], READ_ONLY: ["read", "allow"], OPEN: ["write", "allow"]}[after]
    needless = {OPEN: {"allow"}, READ_ONLY: {"allow"}, HALF: {"allow"}, CLOSED: {"forbid"}}[before]
    return [STEPS[step] for step in wanted if step not in needless]


def move(connection: psycopg.Connection[Any], database: str, statement: str) -> None:
    with understood("changing who is let in"):
        connection.execute(sql.SQL(statement).format(sql.Identifier(database)))


def exempt(connection: psycopg.Connection[Any], database: str) -> list[str]:
    """Roles that a read-only database would not keep from writing."""
    with understood("looking which roles have settings of their own"):
        return [row[0] for row in connection.execute(EXEMPT, [database]).fetchall()]
