# SPDX-License-Identifier: GPL-3.0-or-later
"""Restores beside the live database, proves it, and only then swaps: whatever goes wrong, what is live stays as it was."""
from __future__ import annotations

import time
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    backup_places,
    databases,
    in_place,
    loss,
    point_in_time,
    restorable,
    restoring,
    schema_restore,
    scratch,
    sealing,
    server,
    source,
    swapping,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import READY, RESTORED, Database
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restoring import (
    IN_PLACE,
    KEPT_READY,
    REHEARSAL,
    SCHEMA,
    SERVED,
    Job,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.source import Source
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import newest_kept

ARGUMENTS: dict[str, Any] = {
    **server.ARGUMENTS,
    "source": {"type": "path"},
    "destination": {"type": "path"},
    "good_at": {"type": "str"},
    **point_in_time.ARGUMENTS,
    "from_database": {"type": "str"},
    "mode": {"type": "str", "choices": [SERVED, KEPT_READY, REHEARSAL, IN_PLACE, SCHEMA], "default": SERVED},
    "emergency_backup": {"type": "path"},
    "scratch_url": {"type": "str", "no_log": True},
    "max_loss": {"type": "float"},
    "create_roles": {"type": "bool", "default": False},
    "no_owner": {"type": "bool", "default": False},
    "session_role": {"type": "str"},
    "free_space": {"type": "int"},
    "jobs": {"type": "int"},
    "bin_dir": {"type": "path"},
    **backup_places.ARGUMENTS,
    **sealing.OPENING,
    **swapping.ARGUMENTS,
}


def perform(options: Options, run: Run) -> Result:
    """Read all of the dump, look whether it can be restored and what would be lost, load it beside, prove it, swap."""
    started = time.monotonic()
    target = Server(options)
    with scratch.directory(options["scratch"]) as unwrapped:
        if options["pgbackrest_stanza"]:
            chosen = point_in_time.planned(options, target, unwrapped, run)
        else:
            chosen = source.chosen(options, target.database, target.major, unwrapped, run.tell)
        inside = {IN_PLACE: in_place.restored, SCHEMA: schema_restore.restored}.get(options["mode"])
        with (in_place if inside else databases).under_lock(target, f"restore of {target.database}") as connection:
            live = databases.everything(connection).get(target.database)
            job = Job(target, connection, chosen, live, options, run, _result(target, chosen))
            result = (inside or _restored)(job)
    return {**result, "waited": 0.0 if run.check else round(time.monotonic() - started, 1)}


def _restored(job: Job) -> Result:
    found = databases.everything(job.connection)
    serves = job.options["mode"] == SERVED
    ready = next((one for one in found.values() if one.is_(READY, job.name) and one.mark.get("backup") == job.source.identity), None)
    ready = None if job.options["mode"] == REHEARSAL else ready  # what was proved then may be spoilt by now
    done = _done(found, job, ready)
    if done:
        if not job.run.check:
            kept = newest_kept(found, job.live)
            swapping.opened(job.connection, job.run, job.name, *([kept.name] if kept else []))
        return {**job.result, "summary": done}
    room = restorable.Room(job.target, job.connection, job.source, job.options["free_space"])
    if ready is None:
        restorable.fits(job.connection, job.source, job.options)
        room.check()
    if serves and job.live:
        _looked(found, job)
    if job.run.check:
        would = f"would {'restore' if serves else 'prepare'} {job.name} from {job.source.name}"
        return job.change(f"{would}; {loss.told(job.result['loss'])}" if serves else would)
    databases.drop_leftovers(job.connection, job.name, job.run.tell)
    if job.source.fetch and ready is None:
        room = _fetched(found, job)
    if ready:
        job.result["looked_at"] = [f"a ready copy, proved at {ready.mark.get('since')}"]
    name = ready.name if ready else restoring.loaded(job, room)
    if job.options["mode"] == REHEARSAL:
        return restoring.rehearsed(job, name)
    return restoring.served(job, name) if serves else restoring.kept_ready(job, name)


def _fetched(found: dict[str, Database], job: Job) -> restorable.Room:
    """What could not be looked at before it was there."""
    if job.source.fetch:
        job.source = job.source.fetch(job.source)
    job.result["source"] = _result(job.target, job.source)["source"]
    restorable.fits(job.connection, job.source, job.options)
    if job.options["mode"] == SERVED and job.live:
        _looked(found, job)
    room = restorable.Room(job.target, job.connection, job.source, job.options["free_space"])
    room.check()
    return room


def _done(found: dict[str, Database], job: Job, ready: Database | None) -> str | None:
    """Why there is nothing to do; restored once more it would lose what was written since."""
    if job.options["mode"] == REHEARSAL:
        return None
    if job.options["mode"] == KEPT_READY:
        return f"{job.source.name} is ready as {ready.name} already" if ready else None
    live = job.live
    if live and live.is_(RESTORED, job.name) and live.mark.get("backup") == job.source.identity:
        return f"restored from {job.source.name} already, at {live.mark.get('at')}"
    kept = newest_kept(found, live)
    if kept and kept.mark.get("backup") == job.source.identity:
        return f"restored from {job.source.name} already, at {kept.mark.get('at')}"
    return None


def _looked(found: dict[str, Database], job: Job) -> None:
    """Whether the swap will be possible, and what it would lose; told before anything changes."""
    wanted = swapping.planned(found, job.name, "", job.options, {})
    job.result["notes"] = swapping.possible(job.connection, wanted, job.options, loaded=False)
    if job.live is None or (job.run.check and not job.live.open):
        return
    swapping.opened(job.connection, job.run, job.name)
    job.result["notes"] += restorable.rights_lost(job.target, job.options)
    loss.looked(job.target, job.live, job.source, job.options["max_loss"], job.result, job.run.tell)


def _result(target: Server, chosen: Source) -> Result:
    taken = {"taken_at": moment.iso(chosen.at), "dated_by": chosen.dated_by}
    backup = chosen.backup.facts() if chosen.backup else None
    return {
        "name": target.database,
        "source": {"form": chosen.dump.form, **taken, "identity": chosen.identity, "backup": backup, "point_in_time": chosen.point_in_time},
        "loss": None,
        "looked_at": [],
        "notes": [],
        "kept": None,
        "kept_schemas": {},
        "emergency_backup": None,
        "ready": None,
        "rehearsal": None,
        "closed": 0.0,
        "ended": 0,
        "sequences": {},
        "settings": [],
        "roles_created": [],
        "changed": False,
        "diff": {"before": {}, "after": {}},
    }


RESTORE = Operation(
    arguments=ARGUMENTS,
    perform=perform,
    rules={
        "required_one_of": [("source", "destination", "pgbackrest_stanza")],
        "mutually_exclusive": [("source", "destination"), ("source", "pgbackrest_stanza")],
        "required_by": {"pgbackrest_stanza": ["good_at"], "pgbackrest_config": ["pgbackrest_stanza"]},
        "required_if": [("mode", IN_PLACE, ["emergency_backup"]), ("mode", SCHEMA, ["scratch_url"])],
    },
)
