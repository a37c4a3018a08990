# SPDX-License-Identifier: GPL-3.0-or-later
"""Restores into schemas beside those that serve, where a host allows one database: by way of another server that gives them their names."""
from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError, RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Result
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    databases,
    loading,
    loss,
    proof,
    restorable,
    schema_copy,
    schema_swap,
    schemas,
    scratch,
    sessions,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import BESIDE, KEPT, Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import DIRECTORY, DumpFile
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restoring import Job
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.schemas import Pair, Schema
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

NOT_LOOKED_AT = "not looked at: what is in no schema, such as publications, event triggers and foreign servers, and stays as it was"
RELATIONS = "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', 'p', 'm')"


def restored(job: Job) -> Result:
    """Look, tell what would be lost, load and prove it on the other server, bring it over, prove it again, and swap."""
    if job.live is None or job.source.fetch:
        what = f"there is no database {job.name}" if job.live is None else "a point in time is not restored by schema"
        raise Refused(what, "Leave mode out: it is restored in a database of its own then.")
    with job.target.connect(application_name="lastgood look") as look:
        found = schemas.everything(look)
        kept = schema_swap.newest_kept(found)
        if kept and kept.mark.get("backup") == job.source.identity:
            return {**job.result, "summary": f"restored from {job.source.name} already, at {kept.mark.get('at')}"}
        serving = [one.name for one in found.values() if one.served and (one.ours or one.written)]
        schemas.possible(look, serving)
        _extensions(job, schemas.extensions(look))
    waiting = sessions.prepared(job.connection, job.name)
    if waiting:
        raise Refused(f"{job.name} has prepared transactions: {waiting[0]['name']}", "COMMIT PREPARED or ROLLBACK PREPARED each of them.")
    restorable.fits(job.connection, job.source, job.options)
    room = restorable.Room(job.target, job.connection, job.source, job.options["free_space"])
    room.check()
    elsewhere = schema_copy.elsewhere(job)
    job.result["notes"] = restorable.rights_lost(job.target, job.options)
    job.result["notes"].append("text bodies of functions go on to name the schemas as they are written: those that serve then")
    loss.looked(job.target, job.live, job.source, job.options["max_loss"], job.result, job.run.tell)
    if job.run.check:
        would = f"would restore {job.name} from {job.source.name} into schemas beside {', '.join(serving)}"
        return job.change(f"{would}; {loss.told(job.result['loss'])}")
    _drop(job, [one.name for one in found.values() if one.left])
    if job.options["create_roles"] and not job.options["no_owner"]:
        job.result["roles_created"] = restorable.create_roles(job.connection, job.source, job.run)
    now = datetime.now(UTC)
    with scratch.directory(job.options["scratch"]) as directory:
        copied, others = schema_copy.copied(job, elsewhere, directory / "dump", now)
        keep_as = {name: databases.derived(found, name, "old", now) for name in serving}
        return _served(job, room, directory / "dump", copied, others, keep_as, now)


def _served(
    job: Job, room: restorable.Room, dump: Path, copied: list[schema_copy.Copied], others: list[str], keep_as: dict[str, str], now: datetime
) -> Result:
    fresh = {one.name: one.fresh for one in copied}
    pairs = [Pair(name, fresh.get(name), keep_as.get(name)) for name in sorted({*fresh, *keep_as})]
    try:
        job.run.record("call", method="RUN", path=f"load {', '.join(fresh.values())}")
        loading.load(job.target, job.connection, job.name, DumpFile(dump, DIRECTORY), job.options, job.run.tell, room.watch())
        with job.target.connect(application_name="lastgood proof") as session:
            with understood("preparing the new schemas"):
                session.execute("SET statement_timeout = 0")
            schema_copy.granted(session, copied, job.options["no_owner"])
            _analyzed(job, session, list(fresh.values()))
            with still(f"comparing the new schemas with {job.source.name}", job.run.tell):
                job.result["looked_at"] = [*_proved(session, job, pairs, others), NOT_LOOKED_AT]
        mark = {"backup": job.source.identity, "backup_at": moment.iso(job.source.at), "at": moment.iso(now)}
        took = schema_swap.perform(job.target, job.connection, pairs, mark, job.options, job.run)
    except BaseException as error:
        if _swapped(job, now):  # the answer to COMMIT may be lost, and it be done
            took = schema_swap.Swapped()
        else:
            with suppress(RecoveryError):  # the next run removes them, under the lock, if this one cannot
                _drop(job, list(fresh.values()))
            if isinstance(error, RecoveryError):
                error.message += "; the schemas that serve are as they were"
            raise
    names = {pair.name: pair.kept for pair in pairs if pair.kept}
    facts = {"kept_schemas": names, "closed": round(took.closed, 3), "ended": took.ended, "sequences": took.sequences}
    what = f"restored {', '.join(fresh)} from {job.source.name}; what was is {', '.join(str(one) for one in names.values())}"
    return job.change(f"{what}, locked for {took.closed:.3f} s; {loss.told(job.result['loss'])}", **facts)


def _extensions(job: Job, there: dict[str, Any]) -> None:
    missing = sorted(job.source.extensions - set(there) - {"plpgsql"})
    if missing:
        raise Refused(
            f"{job.source.name} needs extensions that {job.name} does not have: {', '.join(missing)}",
            f"CREATE EXTENSION {missing[0]} in it: an extension belongs to the database, not to a schema.",
        )


def _analyzed(job: Job, session: Connection, names: list[str]) -> None:
    """A dump brings no statistics."""
    with still("gathering statistics of the new schemas", job.run.tell), understood("gathering statistics"):
        for schema, name in session.execute(f"{RELATIONS} AND n.nspname = ANY(%s)".encode(), [names]).fetchall():
            session.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, name)))


def _proved(session: Connection, job: Job, pairs: list[Pair], others: list[str]) -> list[str]:
    """With their names, that nobody else sees, and that they lose again: whatever names them is compared as well.

    Not what earlier restores have kept, in the live database or, as C(others), in the backup.
    """
    found = schemas.everything(session)
    mine = {name for pair in pairs for name in (pair.name, pair.fresh) if name}
    ignored = [*others, *(pair.kept for pair in pairs if pair.kept)] + [name for name in found if name not in mine]
    with session.transaction(force_rollback=True):
        schemas.rename(session, pairs)
        return proof.proved_within(session, job.source, ignored)


def _swapped(job: Job, now: datetime) -> bool:
    """Whether what is kept was kept by this very run."""
    with suppress(RecoveryError, DatabaseError), job.target.connect(application_name="lastgood look") as look:
        kept: Schema | None = schema_swap.newest_kept(schemas.everything(look))
        return kept is not None and kept.mark.get("is") == KEPT and kept.mark.get("at") == moment.iso(now)
    return False


def _drop(job: Job, names: list[str]) -> None:
    """Of ours, and never served."""
    with job.target.connect(application_name=f"lastgood cleaning up {os.getpid()}") as session:
        found = schemas.everything(session)
        for name in names:
            if name in found and (found[name].mark.get("is") == BESIDE or found[name].left):
                job.run.tell(f"removing {name}")
                with understood(f"removing {name}"):
                    session.execute(schemas.drop(name))
