# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads a dump into a database that nobody uses yet, with PostgreSQL's own programs, and stops at the first error."""
from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ConnectionLost, DatabaseError, Incomplete, NotAllowed
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import PLAIN, TAR, DumpFile
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import growing
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

NO_LIMITS = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
LATER_LIMITS = ((14, "-c idle_session_timeout=0"), (17, "-c transaction_timeout=0"))
"""By the major version that they came with; a worker waits for its next table longer than an application may."""
SETTINGS = f"-c synchronous_commit=off -c maintenance_work_mem=256MB {NO_LIMITS}"
"""What any role may set; the swap's commit is a synchronous one, and brings all before it to the disk."""

LOST = ("server closed the connection", "connection to server", "terminating connection", "no connection to")


def load(
    server: Server, connection: Connection, name: str, dump: DumpFile, options: Options, tell: Tell, watch: Callable[[], None]
) -> None:
    """All of it, or an error; C(connection) is to another database, and tells how much is there by now."""
    command = [program("psql" if dump.kind == PLAIN else "pg_restore", server.major, options["bin_dir"]), "-d", name]
    if dump.kind == PLAIN:
        command += ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse", "-o", os.devnull]
        command += [*_become(connection, options["session_role"]), "-f", str(dump.path)]
    else:
        processes = 1 if dump.kind == TAR else options["jobs"] or min(os.cpu_count() or 1, 8)
        become = [f"--role={options['session_role']}"] if options["session_role"] else []
        command += ["-e", f"-j{processes}", *without_owners(options), *become, str(dump.path)]
    environment = server.environment()
    settings = [environment.get("PGOPTIONS", ""), SETTINGS, *(limit for since, limit in LATER_LIMITS if server.major >= since)]
    environment |= {"PGOPTIONS": " ".join(settings).strip(), "PGAPPNAME": "lastgood load"}

    def loaded() -> int:
        with understood("looking how far it is"):
            row = connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()
        return int(row[0]) if row else 0

    with Child(command, environment) as child:
        if child.wait(tell, growing(loaded, f"loading {name}"), watch):
            raise _why(child.name, child.complaint())


def without_owners(options: Options) -> list[str]:
    """For pg_restore: what it loads belongs to the role that loads it, and nobody else is given rights."""
    return ["--no-owner", "--no-privileges"] if options["no_owner"] else []


def _become(connection: Connection, role: str | None) -> list[str]:
    return ["-c", sql.SQL("SET ROLE {}").format(sql.Identifier(role)).as_string(connection)] if role else []


def _why(program_name: str, complaint: str) -> DatabaseError:
    words = f"{program_name} failed, so that not all was loaded: {complaint}"
    if any(sign in complaint for sign in LOST):
        return ConnectionLost(words, "Look whether the server runs and can be reached, then run the same command again.")
    if "permission denied" in complaint or "must be" in complaint:
        return NotAllowed(words, "Use a role that may, such as the owner of what the dump holds, or a superuser.")
    return Incomplete(words, "Remove the cause, or choose another backup; the live database is as it was.")
