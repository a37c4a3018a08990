# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a restore: loaded beside, proved, and then kept ready or served; nothing is left of what fails."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    database_level,
    databases,
    loading,
    loss,
    proof,
    restorable,
    swapping,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import (
    BESIDE,
    READY,
    REHEARSED,
    RESTORED,
    Connection,
    Database,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.source import Source

SERVED, KEPT_READY, REHEARSAL, IN_PLACE, SCHEMA = "beside", "ready_copy", "rehearsal", "in_place", "schema"
"""The modes."""


@dataclass
class Job:
    """What is restored where; C(connection) is to the maintenance database and holds the lock."""

    target: Server
    connection: Connection
    source: Source
    live: Database | None
    options: Options
    run: Run
    result: Result

    @property
    def name(self) -> str:
        return self.target.database

    def mark(self, what: str) -> dict[str, str]:
        """For the comment of a database of ours."""
        return {"is": what, "of": self.name, "backup": self.source.identity, "since": moment.iso(datetime.now(UTC))}

    def change(self, summary: str, **facts: Any) -> Result:
        """What changes, with the same difference in check mode."""
        beside = {KEPT_READY: f"the ready copy of {self.name}", REHEARSAL: f"the rehearsal of {self.name}"}.get(self.options["mode"])
        before = {self.name: swapping.LIVE} if self.live and not beside else {}
        after = {beside or self.name: self.source.name}
        return {**self.result, **facts, "changed": True, "summary": summary, "diff": {"before": before, "after": after}}


def loaded(job: Job, room: restorable.Room) -> str:
    """The name of a database that holds what the dump does, proved; nothing is left when that fails."""
    name = databases.derived(databases.everything(job.connection), job.name, "restoring")
    try:
        if job.options["create_roles"] and not job.options["no_owner"]:
            job.result["roles_created"] = restorable.create_roles(job.connection, job.source, job.run)
        _made(job, name)
        job.run.record("call", method="RUN", path=f"load {name}")
        loading.load(job.target, job.connection, name, job.source.dump, job.options, job.run.tell, room.watch())
        _proved(job, name)
        if job.live:
            job.result["settings"] = database_level.copy_settings(job.connection, job.live.name, name)
        job.run.record("answer", status="proved")
    except BaseException:
        with suppress(RecoveryError):  # the next run removes it, under the lock, if this one cannot
            databases.dropped(job.target, name)
        raise
    return name


def _made(job: Job, name: str) -> None:
    """Empty, marked as ours, and open to nobody but those who may connect to the live one."""
    job.run.record("call", method="SQL", path=f"create database {name}")
    with understood(f"creating {name}"):
        manifest = job.source.backup.manifest if job.source.backup else None
        job.connection.execute(database_level.create_like(job.connection, name, job.live.name if job.live else None, manifest))
        job.connection.execute(databases.marked(name, job.mark(BESIDE)))
    if job.live:
        database_level.copy_access(job.connection, job.live.name, name)


def _proved(job: Job, name: str) -> None:
    """Compared with what it should hold, and ready to answer queries fast: a dump brings no statistics. Both at once."""
    job.run.record("call", method="SQL", path=f"analyze {name}")
    telling = still(f"comparing {name} with {job.source.name}, and gathering its statistics", job.run.tell)
    with telling, ThreadPoolExecutor() as both:
        analysed = both.submit(_analysed, job, name)
        with job.target.connect(name, application_name="lastgood proof") as beside:
            job.result["looked_at"] = proof.proved(beside, job.source)
        analysed.result()


def _analysed(job: Job, name: str) -> None:
    with job.target.connect(name, application_name="lastgood statistics") as beside, understood(f"gathering statistics of {name}"):
        beside.execute("SET statement_timeout = 0")
        beside.execute("ANALYZE")


def kept_ready(job: Job, name: str) -> Result:
    """It waits under its own name for an emergency; older ones go."""
    ready = _kept_as(job, name, "ready", READY)
    return job.change(f"{job.source.name} is restored and proved as {ready}: in an emergency only the swap is left", ready=ready)


def rehearsed(job: Job, name: str) -> Result:
    """It can be looked at under its own name until it is dropped, or the next rehearsal drops it."""
    kept = _kept_as(job, name, "rehearsal", REHEARSED)
    return job.change(f"{job.source.name} is restored and proved as {kept}, to be looked at", rehearsal=kept)


def _kept_as(job: Job, name: str, word: str, mark: str) -> str:
    found = databases.everything(job.connection)
    kept = databases.derived(found, job.name, word)
    job.run.record("call", method="SQL", path=f"rename {name} to {kept}")
    with understood(f"keeping {name} as {kept}"):
        with job.connection.transaction():
            job.connection.execute(databases.rename(name, kept))
            job.connection.execute(databases.marked(kept, job.mark(mark)))
        for one in found.values():
            if one.is_(mark, job.name) and one.ours:
                job.connection.execute(databases.drop(one.name))
    return kept


def served(job: Job, name: str) -> Result:
    """The proved database takes the name, and is asked whether it is well."""
    if job.live is None:
        job.run.record("call", method="SQL", path=f"rename {name} to {job.name}")
        mark = {**job.mark(RESTORED), "at": moment.iso(datetime.now(UTC)), "comment": None}
        with understood(f"renaming {name}"), job.connection.transaction():
            job.connection.execute(databases.rename(name, job.name))
            job.connection.execute(databases.marked(job.name, mark))
        return job.change(f"restored {job.name}, which there was none of, from {job.source.name}")
    mark = {"backup": job.source.identity, "backup_at": moment.iso(job.source.at)}
    swap = swapping.planned(databases.everything(job.connection), job.name, name, job.options, mark)
    try:
        took = swapping.swapped(job.target, job.connection, swap, job.options, job.run)
    except RecoveryError:
        with suppress(RecoveryError):
            _removed_unless_looked_into(job.target, name)
        raise
    kept = swap.keep_as
    facts = {"kept": kept, "closed": round(took.closed, 3), "ended": took.ended, "sequences": took.sequences}
    what = f"restored {job.name} from {job.source.name}; what was is {kept}, closed for {took.closed:.2f} s"
    return job.change(f"{what}; {loss.told(job.result['loss'])}", **facts)


def _removed_unless_looked_into(target: Server, name: str) -> None:
    """After a swap that failed. One that served and was not well has another mark, and stays for whoever looks into it."""
    with databases.maintenance(target, "cleaning up") as connection:
        left = databases.everything(connection).get(name)
        if left and left.is_(BESIDE, target.database):
            connection.execute(databases.drop(name))
