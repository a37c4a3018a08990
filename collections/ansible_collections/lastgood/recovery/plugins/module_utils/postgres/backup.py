# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a backup: what the database holds is counted in the very snapshot that pg_dump reads, and the dump is read back."""
from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    backup_directory,
    backup_places,
    backups,
    manifest,
    sealing,
    server,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backups import DUMP, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import compression, program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_reading import read_through
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sealing import Seal
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, growing, several, size

if TYPE_CHECKING:
    import psycopg
else:
    from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

    psycopg = library("psycopg")

ARGUMENTS: dict[str, Any] = {
    **server.ARGUMENTS,
    "destination": {"type": "path", "required": True},
    "jobs": {"type": "int"},
    "bin_dir": {"type": "path"},
    **sealing.SEALING,
    **backup_places.ARGUMENTS,
    "verify": {"type": "bool", "default": True},
}
SNAPSHOT = """
SELECT pg_export_snapshot() AS export, pg_current_snapshot()::text AS snapshot, now() AS at,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS lsn,
       d.oid::int8 AS oid, pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
       pg_database_size(d.oid) AS size, version() AS version, current_setting('server_version_num')::int AS version_num
  FROM pg_database d WHERE d.datname = current_database()
"""
DATA = "SELECT coalesce(sum(pg_table_size(oid)), 0)::int8 FROM pg_class WHERE relkind IN ('r', 'm')"
ROLES = """
SELECT DISTINCT r.rolname FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
 WHERE s.refclassid = 'pg_authid'::regclass AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1
"""
EXTENSIONS = "SELECT extname, extversion FROM pg_extension ORDER BY 1"
LEAST_SHARE = 0.5
"""A compressed dump takes an eighth of the tables' size as a rule; with less room than this share of it, none is begun."""


def perform(options: Options, run: Run) -> Result:
    """A new backup each time. In check mode: where it would go, and whether it could be taken."""
    return taken(Server(options), options, run)


@dataclass(frozen=True)
class Moment:
    """At which a server was stopped that is a copy of another one."""

    at: datetime
    snapshot: str | None
    """What was committed then, in the numbers of the other; None when nobody knows, so that its rows cannot be compared by them."""


def taken(source: Server, options: Options, run: Run, of: Moment | None = None) -> Result:
    """Of what C(source) holds now, or held at another moment."""
    started = time.monotonic()
    store = backup_places.at(options["destination"], options, run)
    pg_dump = program("pg_dump", source.major, options["bin_dir"])
    seal = sealing.chosen(options)
    with source.connect(application_name="lastgood backup") as connection, manifest.snapshot(connection):
        told = _told(connection)
        if of:
            told |= {"at": of.at, "snapshot": of.snapshot or told["snapshot"]}
        _room(connection, store)
        at = told["at"].astimezone(UTC)
        summary = f"{source.database} at {moment.iso(at)}"
        if run.check:
            words = f"would back up {summary}, {size(told['size'])} on the server"
            return {"changed": True, "summary": words, "waited": 0.0, "backup": None}
        store.ready()
        with store.writing(source.database, at) as directory:
            with still(f"counting what {source.database} holds", run.tell):
                holds = {**_identity(source, told, at), **manifest.taken(connection), **_needs(connection)}
                if of and not of.snapshot:
                    holds["server"]["system_identifier"] = ""
            run.record("call", method="RUN", path=f"pg_dump {source.database}")
            # Only what the connection options say is in the command: the password is in the environment.
            command = [pg_dump, "-d", source.database, f"--snapshot={told['export']}", "--lock-wait-timeout=60000"]
            if seal:
                _sealed(command, source, directory, seal, run)
            else:
                _plain(command, source, directory / DUMP, options, run)
                if options["verify"]:
                    read_through(directory / DUMP, program("pg_restore", source.major, options["bin_dir"]), run.tell)
            holds |= {"client": os.path.basename(pg_dump), "backup_seconds": time.monotonic() - started}
            text = backup_directory.write(directory, holds)
        run.record("answer", status="finished")
    facts = backups.parsed(store, backups.name(source.database, at), text).facts()  # who may only write cannot read it back
    waited = round(time.monotonic() - started, 1)
    held = f"{several(facts['tables'], 'table')}, {several(facts['rows'], 'row')}, {size(facts['size'])}"
    return {"changed": True, "summary": f"backed up {summary}: {held} in {moment.span(waited)}", "waited": waited, "backup": facts}


def _told(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        row = cursor.execute(SNAPSHOT).fetchone()
    return row or {}


def _identity(source: Server, told: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Which database of which server this is, and at which moment."""
    kept = ("oid", "encoding", "collate", "ctype", "size", "snapshot", "lsn")
    try:
        identifier = source.identity["system_identifier"]
    except DatabaseError:
        identifier = ""  # some hosts do not tell
    return {
        "database": source.database,
        "taken_at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "server": {"system_identifier": identifier, "version": told["version"].split(" on ")[0], "version_num": told["version_num"]},
        **{name: told[name] for name in kept},
    }


def _needs(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """What a server must have for the dump to be loaded."""
    roles = [row[0] for row in connection.execute(ROLES).fetchall()]
    return {"roles": roles, "extensions": dict(connection.execute(EXTENSIONS).fetchall())}


def _room(connection: psycopg.Connection[Any], store: Store) -> None:
    row = connection.execute(DATA).fetchone()
    need, (place, free) = LEAST_SHARE * (row[0] if row else 0), store.room()
    if free < need:
        raise Refused(
            f"{place} has {size(free)} left, and this backup may need {size(need)}",
            "Make room there, or give another destination, or another directory with scratch.",
        )


def _plain(command: list[str], source: Server, target: Path, options: Options, run: Run) -> None:
    """A directory, written by several processes at once."""
    jobs = options["jobs"] or min(os.cpu_count() or 1, 8)
    command = [*command, "-Fd", f"-j{jobs}", compression(command[0]), "-f", str(target)]
    with Child(command, source.environment()) as child:
        if child.wait(run.tell, growing(lambda: bytes_in(target), f"dumping {source.database}")):
            raise _failed(child)


def _sealed(command: list[str], source: Server, directory: Path, seal: Seal, run: Run) -> None:
    """One stream, encrypted on its way: what is in the database is never on this disk in the clear."""
    command, target = [*command, "-Fc", compression(command[0])], directory / seal.file
    with Child(command, source.environment(), stdout=subprocess.PIPE) as child:
        with still(lambda: f"dumping {source.database}: {size(bytes_in(target)) if target.exists() else '0 B'}", run.tell):
            seal.seal(child.process.stdout, target)
        if child.process.wait():
            raise _failed(child)
    if not target.stat().st_size:
        raise DatabaseError("pg_dump wrote nothing", "Run the same command again.")


def _failed(child: Child) -> DatabaseError:
    hint = "Remove the cause, then run the same command again; nothing is left of this backup."
    return DatabaseError(f"{child.name} failed: {child.complaint()}", hint)


BACKUP = Operation(arguments=ARGUMENTS, perform=perform)
