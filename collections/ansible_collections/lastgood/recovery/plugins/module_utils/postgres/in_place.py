# SPDX-License-Identifier: GPL-3.0-or-later
"""Restores into the live database itself, where there can be no second one: all in one transaction, after a backup of what is there."""
from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ActivationFailed, NotAllowed, RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Result
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    databases,
    emptying,
    feeding,
    loss,
    proof,
    restorable,
    sequence_fence,
    sessions,
    table_locks,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import RESTORED, Connection, Database
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restoring import Job
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, said, understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

# It cannot be committed before there is a row in the first table, whatever the dump says.
GUARD = """
CREATE TEMPORARY TABLE lastgood_proved (id int PRIMARY KEY) ON COMMIT DROP;
CREATE TEMPORARY TABLE lastgood_commit (id int REFERENCES lastgood_proved DEFERRABLE INITIALLY DEFERRED);
INSERT INTO lastgood_commit VALUES (1)
"""
PROVED = "SET CONSTRAINTS ALL DEFERRED; INSERT INTO pg_temp.lastgood_proved VALUES (1)"
SETTINGS = """
SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET synchronous_commit = on;
SET default_transaction_read_only = off; SET maintenance_work_mem = '256MB'
"""
SUBSCRIPTIONS = "SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"


@contextmanager
def under_lock(server: Server, doing: str) -> Iterator[Connection]:
    """As for other restores; where a host has one database only, by a connection to that."""
    if server.database != server.maintenance_database:
        with databases.under_lock(server, doing) as connection:
            yield connection
        return
    with databases.maintenance(server, doing) as connection, databases.locked(connection, server.database):
        yield connection


def restored(job: Job) -> Result:
    """Look, tell what would be lost and that nobody can write meanwhile, save what there is, and replace it."""
    live = job.live
    if live is None:
        raise Refused(f"there is no database {job.name}", "Restore it with mode: beside, or make an empty one first.")
    if live.is_(RESTORED, job.name) and live.mark.get("backup") == job.source.identity:
        return {**job.result, "summary": f"restored from {job.source.name} already, at {live.mark.get('at')}"}
    if job.source.fetch:
        raise Refused("a point in time is not restored in place", "Leave mode out: the host of pgBackRest has room for a database beside.")
    room = restorable.Room(job.target, job.connection, job.source, job.options["free_space"])
    restorable.fits(job.connection, job.source, job.options)
    room.check()
    connected = sessions.sessions(job.connection, job.name)
    job.result["notes"] = [*_possible(job, live), *restorable.rights_lost(job.target, job.options)]
    job.result["notes"].append(f"nobody can write to {job.name} while it is saved and loaded, nor read from it while it is loaded")
    sessions.out_of_reach(connected)
    for note in job.result["notes"]:
        job.run.tell(note)
    loss.looked(job.target, live, job.source, job.options["max_loss"], job.result, job.run.tell)
    if job.run.check:
        would = f"would save {job.name} in {job.options['emergency_backup']}, and restore it in place from {job.source.name}"
        return job.change(f"{would}; {loss.told(job.result['loss'])}")
    at = moment.iso(datetime.now(UTC))
    comment = live.mark.get("comment") if live.mark else live.comment
    mark = {"is": RESTORED, "of": job.name, "backup": job.source.identity, "at": at, "comment": comment}
    try:
        _replaced(job, room, mark)
    except RecoveryError as error:
        if not _committed(job.target, mark):  # the answer to COMMIT may be lost, and it be done
            error.message += f"; {job.name} is as it was"
            raise
    saved = job.result["emergency_backup"]["path"]
    what = f"restored {job.name} in place from {job.source.name}, closed for {job.result['closed']:.1f} s; what was is in {saved}"
    return job.change(f"{what}; {loss.told(job.result['loss'])}")


def _possible(job: Job, live: Database) -> list[str]:
    if not live.ours:
        raise NotAllowed(f"{live.name} belongs to {live.owner}", f"Use {live.owner}, or a role that has been granted it.")
    with job.target.connect(application_name="lastgood look") as connection:
        emptying.foreign(connection)
        with understood("listing the subscriptions"):
            subscribed = [row[0] for row in connection.execute(SUBSCRIPTIONS).fetchall()]
    if subscribed:
        raise Refused(f"{live.name} has subscriptions: {', '.join(subscribed)}", "Drop them first; a transaction cannot.")
    waiting = sessions.prepared(job.connection, live.name)
    if waiting:
        raise Refused(
            f"{live.name} has prepared transactions: {', '.join(row['name'] for row in waiting[:5])}",
            "COMMIT PREPARED or ROLLBACK PREPARED each of them in that database, then run the same command again.",
        )
    return []


def _replaced(job: Job, room: restorable.Room, mark: dict[str, Any]) -> None:
    """One transaction from the first lock to the proof: whoever kills it leaves what there was."""
    patience, result = job.options["end_timeout"], job.result
    if job.options["create_roles"] and not job.options["no_owner"]:
        result["roles_created"] = restorable.create_roles(job.connection, job.source, job.run)
    with job.target.connect(application_name="lastgood restore in place") as session:
        with understood("preparing to restore in place"):
            session.execute(SETTINGS)
            if session.info.server_version >= 170000:
                session.execute("SET transaction_timeout = 0")
        with understood("committing what was restored"), session.transaction():
            schemas = emptying.schemas(session)
            session.execute(GUARD)
            result["ended"] = table_locks.taken(session, job.connection, schemas, table_locks.WRITERS, patience)
            closed = time.monotonic()
            result["emergency_backup"] = saved(job.options, job)
            result["ended"] += table_locks.taken(session, job.connection, schemas, table_locks.ALL, patience)
            _loaded(job, session, room)
            job.run.record("call", method="SQL", path="COMMIT")
            with understood(f"marking {job.name}"):
                databases.held(job.connection)
                session.execute(databases.marked(job.name, mark))
                session.execute(PROVED)
        result["closed"] = round(time.monotonic() - closed, 3)
    job.run.record("answer", status="restored")


def saved(options: Options, job: Job) -> dict[str, Any]:
    """The facts of a backup of what there is."""
    job.run.tell(f"saving {job.name} in {options['emergency_backup']}")
    given = {name: options.get(name, argument.get("default")) for name, argument in BACKUP.arguments.items()}
    facts: dict[str, Any] = BACKUP.perform({**given, "destination": options["emergency_backup"]}, job.run)["backup"]
    return facts


def _loaded(job: Job, session: Connection, room: restorable.Room) -> None:
    before = sequence_fence.read(session)
    job.run.record("call", method="SQL", path=f"remove what is in {job.name}")
    emptying.emptied(session, job.source.extensions)
    job.run.record("call", method="SQL", path=f"load {job.name}")
    if job.options["session_role"]:
        with understood("becoming the role to load as"):
            session.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(job.options["session_role"])))
    feeding.fed(session, job.source.dump, job.target.major, job.options, job.run.tell, room.watch())
    with understood("becoming ourselves again"):
        session.execute("RESET ROLE")
    with still(f"comparing {job.name} with {job.source.name}", job.run.tell):
        job.result["looked_at"] = proof.proved_within(session, job.source)
    job.result["sequences"] = sequence_fence.past(before, sequence_fence.read(session), job.options["sequence_margin"])
    sequence_fence.move(session, job.result["sequences"])
    with still(f"gathering statistics of {job.name}", job.run.tell), understood(f"gathering statistics of {job.name}"):
        session.execute("ANALYZE")
    well(session, job.options["health_query"])


def well(session: Connection, query: str) -> None:
    """Asked before it is committed, as a new client would; ActivationFailed when it is not."""
    problem = None
    try:
        with session.transaction(force_rollback=True):
            session.execute("RESET search_path")
            answer = session.execute(query.encode()).fetchone()
            if answer is None or answer[0] in (None, False):
                problem = f"the health query answers {'no row' if answer is None else answer[0]}"
    except psycopg.Error as error:
        problem = said(error)
    if problem:
        raise ActivationFailed(f"what was restored is not well ({problem})", "Choose another backup, or look into the health query.")


def _committed(target: Server, mark: dict[str, Any]) -> bool:
    """Whether the database that answers now is the one that was restored by this very run."""
    with suppress(RecoveryError, psycopg.Error), target.connect(application_name="lastgood look") as connection:
        row: Any = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        return bool(row and row[0] == databases.as_comment(mark))
    return False
