# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases of a server as its maintenance database shows them, what we wrote in their comments, and the lock that we work under."""
from __future__ import annotations

import json
import socket
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import InUse, Locked, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

Connection = Any
"""C(psycopg.Connection) to the maintenance database, that commits each statement."""
MARK = "lastgood: "
BESIDE, READY, KEPT, RESTORED, REHEARSED = "beside", "ready", "kept", "restored", "rehearsed"
"""Being loaded; loaded and proved, for an emergency; live before a swap; restored in place; proved, to be looked at and dropped."""
LONGEST_NAME = 63
LOCK = 0x6C673031
ATTEMPTS = 3
GONE = 1.0
"""Seconds that the lock of a run that was killed a moment ago is waited for."""
WAIT = 10.0
"""Seconds that the server may take to notice that a connection of ours is gone."""
ALL = """
SELECT d.datname AS name, d.oid::int8 AS oid, d.datallowconn AS open, pg_get_userbyid(d.datdba) AS owner, d.datistemplate AS template,
       pg_has_role(d.datdba, 'USAGE') AS ours, shobj_description(d.oid, 'pg_database') AS comment
  FROM pg_database d ORDER BY d.datname
"""
HOLDER = """
SELECT a.pid, a.application_name, a.backend_start, a.usename FROM pg_locks l JOIN pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.classid::int8 = %s AND l.objid = hashtext(%s)::oid AND l.granted
"""


@dataclass(frozen=True)
class Database:
    name: str
    oid: int
    open: bool
    """Whether anybody may connect."""
    owner: str
    template: bool
    ours: bool
    """Whether the role that asks has the rights of its owner."""
    comment: str | None

    @property
    def mark(self) -> dict[str, Any]:
        """What we wrote in its comment; empty when it has none, or somebody else's."""
        return mark_in(self.comment)

    def is_(self, what: str, of: str) -> bool:
        return self.mark.get("is") == what and self.mark.get("of") == of


def mark_in(comment: str | None) -> dict[str, Any]:
    """What we wrote in the comment of a database or schema; empty when it has none, or somebody else's."""
    if comment and comment.startswith(MARK):
        with suppress(ValueError):
            found = json.loads(comment.removeprefix(MARK))
            return found if isinstance(found, dict) else {}
    return {}


def as_comment(mark: dict[str, Any]) -> str:
    """The comment that holds it."""
    return MARK + json.dumps(mark, sort_keys=True)


def everything(connection: Connection) -> dict[str, Database]:
    """All databases by name."""
    with understood("listing the databases"), connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return {row["name"]: Database(**row) for row in cursor.execute(ALL).fetchall()}


def derived(found: Container[str], name: str, what: str, at: datetime | None = None) -> str:
    """C(shop_old_20261122_023000), cut so that PostgreSQL takes all of it; with a number when there is one of that second."""
    stamp = f"_{what}_{(at or datetime.now(UTC)):%Y%m%d_%H%M%S}"
    tails = (stamp + (f"_{number}" if number > 1 else "") for number in count(1))
    names = (name.encode()[: LONGEST_NAME - len(tail)].decode(errors="ignore") + tail for tail in tails)
    return next(one for one in names if one not in found)


def commented(name: str, comment: str | None) -> Any:
    """The statement that sets it."""
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(comment))


def marked(name: str, mark: dict[str, Any]) -> Any:
    return commented(name, as_comment(mark))


def alter(name: str, change: str) -> Any:
    return sql.SQL("ALTER DATABASE {} " + change).format(sql.Identifier(name))


def rename(name: str, to: str) -> Any:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))


def drop(name: str) -> Any:
    """With whoever is connected; for databases that we made, and that nobody was told of."""
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


@contextmanager
def under_lock(server: Server, doing: str) -> Iterator[Connection]:
    """A connection to the maintenance database that holds the lock for the server's database until the block ends.

    Locks belong to the database that they are taken in: it is the same one for all, and stays when others are renamed.
    Locked says who holds it.
    """
    if server.database == server.maintenance_database:
        raise Refused(
            f"{server.database} is the maintenance database, and cannot be worked on from itself",
            "Give another database of the server with maintenance_db, such as template1.",
        )
    with maintenance(server, doing) as connection, locked(connection, server.database):
        yield connection


@contextmanager
def maintenance(server: Server, doing: str) -> Iterator[Connection]:
    """A connection to the maintenance database that says what it is for."""
    connection = server.connect(server.maintenance_database, application_name=f"lastgood {doing} on {socket.gethostname()}"[:LONGEST_NAME])
    try:
        with understood(f"preparing to {doing}"):
            connection.execute("SET statement_timeout = 0")
            connection.execute("SET idle_session_timeout = 0")
            connection.execute("SET synchronous_commit = on")
        yield connection
    finally:
        connection.close()


@contextmanager
def locked(connection: Connection, name: str) -> Iterator[None]:
    """The lock, given back at the end: closing alone does so only when the server has noticed, and the next run may be quicker."""
    lock(connection, name)
    try:
        yield
    finally:
        with suppress(psycopg.Error):
            connection.execute("SELECT pg_advisory_unlock_all()")


def lock(connection: Connection, name: str) -> None:
    """Locked, with who holds it, unless that was somebody who is just gone."""
    until = time.monotonic() + GONE
    while True:
        with understood("taking the lock"):
            row = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, name]).fetchone()
            if row[0]:
                return
            holder = connection.execute(HOLDER, [LOCK, name]).fetchone()
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    who = f"{holder[1]} (process {holder[0]}, role {holder[3]}, since {moment.short(holder[2])})" if holder else "somebody else"
    raise Locked(f"{name} is being worked on by {who}", "Wait until that is over, then run the same command again.")


def held(connection: Connection) -> None:
    """ConnectionLost when the connection that holds the lock is gone, and the lock with it: somebody else may be at it."""
    with understood("holding the lock"):
        connection.execute("SELECT true")


def free(connection: Connection, name: str) -> None:
    """Refused when there is such a database already."""
    if name in everything(connection):
        raise Refused(f"there is a database {name} already", "Give another name.")


def dropped(server: Server, name: str) -> None:
    """Remove a database of ours, by a connection of its own: the one that we had may be what broke."""
    with maintenance(server, "cleaning up") as connection:
        _drop(connection, name)


def drop_leftovers(connection: Connection, name: str, tell: Any) -> list[str]:
    """Under the lock: what a run that was killed had begun to load, and nobody is loading any more."""
    left = [one.name for one in everything(connection).values() if one.is_(BESIDE, name) and one.ours]
    for one in left:
        tell(f"removing {one}, which a run that was cut off has left")
        _drop(connection, one)
    return left


def _drop(connection: Connection, name: str) -> None:
    """PostgreSQL waits five seconds for those it ends there, which is little for a server that is busy."""
    for attempt in range(ATTEMPTS):
        try:
            with understood(f"removing {name}"):
                connection.execute(drop(name))
                return
        except InUse:
            if attempt == ATTEMPTS - 1:
                raise
