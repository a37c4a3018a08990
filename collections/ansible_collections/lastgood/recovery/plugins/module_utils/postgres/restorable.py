# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this server has what a dump needs: roles, extensions, and room for the data and its write-ahead log."""
from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Incomplete, NotAllowed, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import ROLES
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import PLAIN
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import size
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.source import Source

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

HERE = ("localhost", "127.0.0.1", "::1")
MAX_WAL = "SELECT pg_size_bytes(current_setting('max_wal_size'))"
SPARE = 64 << 20
"""Bytes: what the live database writes while a load is broken off, and what it needs to go on."""


def missing_roles(connection: Connection, source: Source) -> list[str]:
    with understood("looking for the roles that the dump names"):
        there = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    return sorted(source.roles - there)


def fits(connection: Connection, source: Source, options: Options) -> None:
    """Refused, with all that is missing, when this server cannot take it."""
    _owners(connection, source, options)
    roles = [] if options["create_roles"] or options["no_owner"] else missing_roles(connection, source)
    with understood("looking for the extensions that the dump needs"):
        there = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions").fetchall()}
    extensions = sorted(source.extensions - there)
    if roles:
        raise Refused(
            f"{source.name} names roles that this server does not have: {', '.join(roles)}",
            "Create them, let them be created without a right to log in with create_roles, or leave owners and rights out with no_owner.",
        )
    if extensions:
        raise Refused(
            f"{source.name} needs extensions that this server does not have: {', '.join(extensions)}",
            "Install their packages on the server.",
        )


def _owners(connection: Connection, source: Source, options: Options) -> None:
    if options["no_owner"] and source.dump.kind == PLAIN and source.roles:
        raise Refused(
            f"{source.name} says itself whom what belongs to ({', '.join(sorted(source.roles))}), and plain SQL is run as it is",
            "Dump it again with pg_dump --no-owner --no-privileges or as an archive (-Fc), or leave no_owner out.",
        )
    role = options["session_role"]
    if role:
        with understood("looking for the role to become"):
            found = connection.execute("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if not (found and found[0]):
            raise NotAllowed(f"this role cannot become {role}", "Grant it to this role, or name another with session_role.")


def rights_lost(target: Server, options: Options) -> list[str]:
    """Whom the live database gives rights that nobody but one role will have, in words."""
    if not options["no_owner"]:
        return []
    with target.connect(application_name="lastgood look") as connection, understood("looking who has rights"):
        row: Any = connection.execute("SELECT coalesce(%s, current_user)", [options["session_role"]]).fetchone()
        others = [one for (one,) in connection.execute(ROLES).fetchall() if one != row[0]]
    without = f"; {', '.join(others)} have rights in the live database, and will have none" if others else ""
    return [f"owners and rights of the dump are left out: all belongs to {row[0]}{without}"]


def create_roles(connection: Connection, source: Source, run: Run) -> list[str]:
    made = missing_roles(connection, source)
    for role in made:
        run.record("call", method="SQL", path=f"create role {role}")
        with understood(f"creating the role {role}"):
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    return made


class Room:
    """How much is free where the server keeps its data: told by C(free_space), or seen when it is this very machine."""

    def __init__(self, server: Server, connection: Connection, source: Source, free_space: int | None) -> None:
        with understood("looking how much room is needed"):
            self._wal: int = connection.execute(MAX_WAL).fetchone()[0]
        self._margin = source.bytes // 10
        self.need = source.bytes + self._margin + self._wal + SPARE
        """The data, and as much write-ahead log as the server may keep: it stops altogether when that finds no room."""
        self._directory = _data_directory(server, connection)
        self._told = free_space

    def free(self) -> int | None:
        """Bytes; None when nobody knows."""
        if self._told is not None:
            return self._told
        return shutil.disk_usage(self._directory).free if self._directory else None

    def check(self) -> None:
        free = self.free()
        if free is not None and free < self.need:
            raise Refused(
                f"the server has {size(free)} left, and the restore needs {size(self.need)} beside the live database",
                "Make room on it, or restore on another server. If the number is wrong, give the right one with free_space.",
            )

    def watch(self) -> Callable[[], None]:
        """Raises when what is left is needed for the write-ahead log that may still come."""

        def look() -> None:
            if not self._directory:
                return
            log = os.path.realpath(os.path.join(self._directory, "pg_wal"))
            to_come = max(self._wal - _bytes(log, self._wal), 0) + SPARE
            elsewhere = _disk(log) != _disk(self._directory)
            floors = {self._directory: self._margin + (0 if elsewhere else to_come), **({log: to_come} if elsewhere else {})}
            for directory, floor in floors.items():
                if shutil.disk_usage(directory).free < floor:
                    raise Incomplete("the disk of the server is nearly full, so that loading was broken off", "Make room on it first.")

        return look


def _bytes(log: str, unknown: int) -> int:
    """Of the write-ahead log that is there; C(unknown) where nobody may look."""
    try:
        with os.scandir(log) as files:
            return sum(one.stat().st_size for one in files if one.is_file())
    except OSError:  # one is renamed just now, or this account may not
        return unknown


def _disk(directory: str) -> int | None:
    try:
        return os.stat(directory).st_dev
    except OSError:
        return None


def _data_directory(server: Server, connection: Connection) -> str | None:
    """None when it is another machine, or may not be known."""
    host = server.known.get("host", "")
    if host not in HERE and not host.startswith("/") and host:
        return None
    try:
        row: Any = connection.execute("SHOW data_directory").fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return row[0] if row and os.path.isdir(row[0]) else None
