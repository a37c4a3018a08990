# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump of schemas under other names: restored on another server, renamed and dumped there, since pg_dump writes each name in full."""
from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import databases, restorable, restoring, schemas
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import compression, program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import BESIDE, Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restoring import Job
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import PARTS, Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, growing

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

ACL = """
SELECT a.grantee = 0, coalesce(pg_get_userbyid(nullif(a.grantee, 0)), ''), a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a
 WHERE n.nspname = %s ORDER BY 1, 2, 3
"""
LARGE_OBJECTS = "SELECT count(*) FROM pg_largeobject_metadata"
Right = tuple[bool, str, str]


@dataclass(frozen=True)
class Copied:
    """One schema of the backup, and the name that it is dumped under."""

    name: str
    fresh: str
    rights: list[Right]
    """Whom it gives what: pg_dump leaves out what it takes to be usual for C(public)."""


def elsewhere(job: Job) -> Server:
    """The other server; Refused when it does not fit."""
    server = Server({**job.options, **dict.fromkeys(PARTS), "url": job.options["scratch_url"]})
    server.maintenance_database, server.database = server.database, job.name
    if server.major != job.target.major:
        raise Refused(
            f"the server of scratch_url is PostgreSQL {server.major}, and that of {job.name} is {job.target.major}",
            f"Name one of version {job.target.major}.",
        )
    with suppress(DatabaseError):  # some hosts do not tell
        if server.identity["system_identifier"] == job.target.identity["system_identifier"]:
            raise Refused(f"scratch_url is the server of {job.name} itself", "Leave mode out: it is restored beside then.")
    with server.connect(server.maintenance_database) as connection:
        restorable.fits(connection, job.source, _options(job))
        restorable.Room(server, connection, job.source, None).check()
    return server


def copied(job: Job, server: Server, target: Path, now: datetime) -> tuple[list[Copied], list[str]]:
    """The schemas in the dump C(target), and the names of those that are left out; nothing is left on the other server."""
    with databases.under_lock(server, f"restore of {job.name}") as connection:
        databases.drop_leftovers(connection, job.name, job.run.tell)
        there = Job(server, connection, job.source, None, _options(job), job.run, dict(job.result))
        job.run.tell(f"restoring {job.source.name} on the server of scratch_url")
        name = restoring.loaded(there, restorable.Room(server, connection, job.source, None))
        try:
            with server.connect(name, application_name="lastgood rename") as session, job.target.connect() as live:
                found = _renamed(session, live, now)
                fresh = {one.fresh for one in found}
                others = [name for name, one in schemas.everything(session).items() if name not in fresh and one.mark]
            _dumped(job, server, name, [one.fresh for one in found], target)
        finally:
            databases.dropped(server, name)
    return found, others


def granted(session: Connection, found: list[Copied], no_owner: bool) -> None:
    """The rights on the schemas themselves: as in the backup or, where those are left out, as on the schema that serves."""
    with understood("giving rights on the new schemas"), session.transaction():
        for one in found:
            rights = session.execute(ACL, [one.name]).fetchall() if no_owner else one.rights
            for everybody, role, _privilege in session.execute(ACL, [one.fresh]).fetchall():
                session.execute(_said("REVOKE ALL ON SCHEMA {} FROM {}", one.fresh, everybody, role))
            for everybody, role, privilege in rights:
                session.execute(_said(f"GRANT {privilege} ON SCHEMA {{}} TO {{}}", one.fresh, everybody, role))


def _said(words: str, schema: str, everybody: bool, role: str) -> Any:
    return sql.SQL(words).format(sql.Identifier(schema), sql.SQL("PUBLIC") if everybody else sql.Identifier(role))


def _options(job: Job) -> dict[str, Any]:
    return {**job.options, "session_role": None}


def _renamed(session: Connection, live: Connection, now: datetime) -> list[Copied]:
    """Schemas get their new names, and extensions are where the live database has them, so that what uses them says so."""
    with understood("looking for what is in no schema"):
        if session.execute(LARGE_OBJECTS).fetchone()[0]:
            raise Refused("the backup has large objects, which are in no schema", "Restore with mode: in_place, or on a new database.")
    places = {name: one["schema"] for name, one in schemas.extensions(live).items()}
    found, restored = [], schemas.everything(session)
    taken = {*restored, *schemas.everything(live)}
    with understood("renaming the schemas on the other server"), session.transaction():
        for one in restored.values():
            if one.served:
                fresh = databases.derived(taken, one.name, "restoring", now)
                found.append(Copied(one.name, fresh, session.execute(ACL, [one.name]).fetchall()))
                session.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(one.name), sql.Identifier(fresh)))
                session.execute(schemas.marked(fresh, {"is": BESIDE, "of": one.name, "comment": one.comment}))
        for name, extension in schemas.extensions(session).items():
            place = places.get(name, extension["schema"])
            if extension["schema"] != place:
                session.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place)))
                session.execute(sql.SQL("ALTER EXTENSION {} SET SCHEMA {}").format(sql.Identifier(name), sql.Identifier(place)))
    return found


def _dumped(job: Job, server: Server, name: str, names: list[str], target: Path) -> None:
    pg_dump = program("pg_dump", server.major, job.options["bin_dir"])
    jobs = job.options["jobs"] or min(os.cpu_count() or 1, 8)
    command = [pg_dump, "-d", name, "-Fd", f"-j{jobs}", compression(pg_dump), "-f", str(target)]
    for one in names:
        quoted = one.replace('"', '""')
        command += ["-n", f'"{quoted}"']
    job.run.record("call", method="RUN", path=f"pg_dump {', '.join(names)}")
    with Child(command, server.environment()) as child:
        if child.wait(job.run.tell, growing(lambda: bytes_in(target), "dumping the renamed schemas")):
            raise DatabaseError(f"{child.name} failed: {child.complaint()}", "Remove the cause, then run the same command again.")
