# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas take the names, and so the clients, of others, and give them back: no session ends, nobody waits longer than for a lock."""
from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    databases,
    in_place,
    schemas,
    sequence_fence,
    server,
    table_locks,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import KEPT, Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.schemas import Pair, Schema
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swapping import LIVE

ARGUMENTS: dict[str, Any] = {
    **server.ARGUMENTS,
    "undo": {"type": "bool"},
    "purge": {"type": "str"},
    "health_query": {"type": "str", "default": "SELECT true"},
    "end_timeout": {"type": "float", "default": 10},
    "sequence_margin": {"type": "int", "default": 100},
}


@dataclass
class Swapped:
    """What it took."""

    closed: float = 0
    """Seconds that the tables were locked."""
    ended: int = 0
    """Sessions that were ended, because they held a lock for long."""
    sequences: dict[str, int] = field(default_factory=dict)


def perform(target: Server, signals: Connection, pairs: list[Pair], mark: dict[str, Any], options: Options, run: Run) -> Swapped:
    """All names change in one transaction, after the health query was answered within it, or none does."""
    took = Swapped()
    with target.connect(application_name="lastgood schema swap") as session:
        found = schemas.everything(session)
        with understood("preparing to swap the schemas"):
            session.execute(in_place.SETTINGS)
        run.record("call", method="SQL", path="BEGIN")
        with understood("swapping the schemas"), session.transaction():
            names = [name for pair in pairs for name in (pair.name, pair.fresh) if name in found]
            took.ended = table_locks.taken(session, signals, names, table_locks.ALL, options["end_timeout"])
            closed = time.monotonic()
            before = sequence_fence.read(session)
            run.record("call", method="SQL", path=f"rename {', '.join(name for name in names if name)}")
            schemas.rename(session, pairs)
            took.sequences = sequence_fence.past(before, sequence_fence.read(session), options["sequence_margin"])
            named = {f"{pair.name}." for pair in pairs if pair.fresh}
            took.sequences = {name: value for name, value in took.sequences.items() if name.replace('"', "").startswith(tuple(named))}
            sequence_fence.move(session, took.sequences)
            _marked(session, pairs, found, mark)
            in_place.well(session, options["health_query"])
            run.record("call", method="SQL", path="COMMIT")
            databases.held(signals)
        took.closed = time.monotonic() - closed
    run.record("answer", status="swapped")
    return took


def _marked(session: Connection, pairs: list[Pair], found: dict[str, Schema], mark: dict[str, Any]) -> None:
    """What is kept says what it was, and by what it was replaced; what serves has its own comment."""
    now = schemas.everything(session)
    swapped = {"pairs": {pair.name: pair.kept for pair in pairs}, "by": {pair.name: now[pair.name].oid for pair in pairs if pair.fresh}}
    with understood("marking the schemas"):
        for pair in pairs:
            if pair.kept:
                one = {**mark, **swapped, "is": KEPT, "of": pair.name, "comment": found[pair.name].comment}
                session.execute(schemas.marked(pair.kept, one))
            if pair.fresh:
                session.execute(schemas.commented(pair.name, found[pair.fresh].mark.get("comment")))


def newest_kept(found: dict[str, Schema]) -> Schema | None:
    """Of those that were replaced by what serves now; they all say the same of their swap."""
    oids = {one.name: one.oid for one in found.values()}
    fitting = [one for one in found.values() if one.mark.get("is") == KEPT]
    fitting = [one for one in fitting if all(oids.get(name) == oid for name, oid in one.mark.get("by", {}).items())]
    return max(fitting, key=lambda one: str(one.mark.get("at")), default=None)


def _perform(options: Options, run: Run) -> Result:
    started = time.monotonic()
    target = Server(options)
    with in_place.under_lock(target, f"schema swap of {target.database}") as connection:
        result = _purged(target, options["purge"], run) if options["purge"] else _undone(target, connection, options, run)
    return {**result, "waited": 0.0 if run.check else round(time.monotonic() - started, 1)}


def _undone(target: Server, connection: Connection, options: Options, run: Run) -> Result:
    """The schemas from before have their names again; what served meanwhile is kept."""
    with target.connect(application_name="lastgood look") as look:
        found = schemas.everything(look)
        kept = newest_kept(found)
        if kept is None:
            raise Refused("no schema is kept from before a swap", "Restore a backup instead.")
        if kept.mark.get("undo"):
            return _result(target, {}, "the schemas are those from before already")
        now = datetime.now(UTC)
        was: dict[str, str | None] = kept.mark["pairs"]
        pairs = [Pair(name, old, databases.derived(found, name, "old", now) if name in found else None) for name, old in was.items()]
        missing = [old for old in was.values() if old and old not in found]
        if missing:
            raise Refused(f"{missing[0]} is gone, and so is the way back", "Restore a backup instead.")
        schemas.possible(look, [pair.name for pair in pairs if pair.kept])
    names = {pair.name: pair.kept for pair in pairs if pair.kept}
    diff = {"before": dict.fromkeys(names, LIVE), "after": {name: old for name, old in was.items() if old}}
    if run.check:
        return _result(target, names, f"{', '.join(old for old in was.values() if old)} would serve again", diff)
    took = perform(target, connection, pairs, {"at": moment.iso(now), "undo": True, "backup": None}, options, run)
    facts = {"closed": round(took.closed, 3), "ended": took.ended, "sequences": took.sequences}
    return {**_result(target, names, f"{', '.join(old for old in was.values() if old)} serve again", diff), **facts}


def _purged(target: Server, name: str, run: Run) -> Result:
    """Only what a swap has kept, and only by its name."""
    with target.connect(application_name="lastgood purge") as session:
        found = schemas.everything(session)
        if name not in found:
            return _result(target, {}, f"there is no schema {name}")
        if found[name].mark.get("is") != KEPT:
            raise Refused(f"{name} is not what a swap of schemas has kept", "Drop it by hand if it is to go.")
        schemas.possible(session, [name])
        if not run.check:
            run.record("call", method="SQL", path=f"drop schema {name}")
            with understood(f"removing {name}"):
                session.execute(schemas.drop(name))
    return _result(target, {}, f"{'would remove' if run.check else 'removed'} {name} for good", {"before": {name: "kept"}, "after": {}})


def _result(target: Server, kept: dict[str, str], summary: str, diff: dict[str, Any] | None = None) -> Result:
    facts = {"closed": 0.0, "ended": 0, "sequences": {}, "changed": diff is not None, "diff": diff or {"before": {}, "after": {}}}
    return {"name": target.database, "kept_schemas": kept, "summary": summary, **facts}


SCHEMA_SWAP = Operation(
    arguments=ARGUMENTS,
    perform=_perform,
    rules={"mutually_exclusive": [("undo", "purge")], "required_one_of": [("undo", "purge")]},
)
