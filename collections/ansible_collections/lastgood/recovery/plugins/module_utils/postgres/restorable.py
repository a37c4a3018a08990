# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this server has what a dump needs: roles, extensions, and room for the data and its write-ahead log."""
from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Incomplete, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
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
FLOOR = 0.1
"""Of the room that was needed: with less than this left the load is broken off, before the write-ahead log finds no room."""


def missing_roles(connection: Connection, source: Source) -> list[str]:
    with understood("looking for the roles that the dump names"):
        there = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    return sorted(source.roles - there)


def fits(connection: Connection, source: Source, create_roles: bool) -> None:
    """Refused, with all that is missing, when this server cannot take it."""
    roles = [] if create_roles else missing_roles(connection, source)
    with understood("looking for the extensions that the dump needs"):
        there = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions").fetchall()}
    extensions = sorted(source.extensions - there)
    if roles:
        raise Refused(
            f"{source.name} names roles that this server does not have: {', '.join(roles)}",
            "Create them, or let them be created without a right to log in with create_roles.",
        )
    if extensions:
        raise Refused(
            f"{source.name} needs extensions that this server does not have: {', '.join(extensions)}",
            "Install their packages on the server.",
        )


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
            wal = connection.execute(MAX_WAL).fetchone()[0]
        self.need = int(1.1 * source.bytes + wal)
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
        """Raises when it is nearly used up."""

        def look() -> None:
            if self._directory and shutil.disk_usage(self._directory).free < FLOOR * self.need:
                raise Incomplete("the disk of the server is nearly full, so that loading was broken off", "Make room on it first.")

        return look


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
