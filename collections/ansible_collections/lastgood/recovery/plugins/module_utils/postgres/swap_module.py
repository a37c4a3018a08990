# SPDX-License-Identifier: GPL-3.0-or-later
"""The wishes that postgres_swap can be asked for: a replacement, the undo, and the removal of what was kept."""
from __future__ import annotations

import time
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import databases, server, swapping
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection, Database
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import several

ARGUMENTS: dict[str, Any] = {
    **server.ARGUMENTS,
    "replacement": {"type": "str"},
    "undo": {"type": "bool"},
    "purge": {"type": "str"},
    **swapping.ARGUMENTS,
}
WISHES = ("replacement", "undo", "purge")


def perform(options: Options, run: Run) -> Result:
    started = time.monotonic()
    if not any(options[wish] for wish in WISHES):
        raise Refused("nothing is asked for", "Give replacement, undo or purge.")
    target = Server(options)
    with databases.under_lock(target, f"swap of {target.database}") as connection:
        result = _purged(connection, target, options["purge"], run) if options["purge"] else _swapped(connection, target, options, run)
    return {**result, "waited": 0.0 if run.check else round(time.monotonic() - started, 1)}


def _swapped(connection: Connection, target: Server, options: Options, run: Run) -> Result:
    name, found = target.database, databases.everything(connection)
    live = found.get(name)
    kept = newest_kept(found, live)
    replacement = options["replacement"]
    if options["undo"]:
        if kept is None:
            raise Refused(f"no database is kept from before {name} was swapped", "Name the one that is to take its place with replacement.")
        replacement = kept.name
    done = kept is not None and live is not None and (kept.mark.get("undo") if options["undo"] else replacement not in found)
    if done and kept is not None and (options["undo"] or kept.mark.get("replaced_by") == replacement):
        if not run.check:
            swapping.opened(connection, run, name, kept.name)
        return _result(name, replacement, kept.name, f"{name} is {'the one from before' if options['undo'] else replacement} already")
    before = replacement in found and found[replacement].is_(databases.KEPT, name) and not found[replacement].mark.get("unwell")
    wanted = swapping.planned(found, name, replacement, options, {"undo": True} if options["undo"] or before else {})
    notes = swapping.possible(connection, wanted, options)
    if run.check:
        return {**_result(name, replacement, wanted.keep_as, f"{replacement} would become {name}", notes), "changed": True}
    took = swapping.swapped(target, connection, wanted, options, run)
    ended = f"closed for {took.closed:.2f} s, {several(took.ended, 'session')} ended"
    summary = f"{replacement} is {name} now, and what was is {wanted.keep_as}; {ended}"
    facts = {"closed": round(took.closed, 3), "ended": took.ended, "sequences": took.sequences}
    return {**_result(name, replacement, wanted.keep_as, summary, notes), **facts, "changed": True}


def newest_kept(found: dict[str, Database], live: Database | None) -> Database | None:
    """The database that had the name until the one that has it now took it."""
    fitting = [one for one in found.values() if live and one.is_(databases.KEPT, live.name) and one.mark.get("by") == live.oid]
    fitting = [one for one in fitting if not one.mark.get("unwell")]
    return max(fitting, key=lambda one: str(one.mark.get("at")), default=None)


def _purged(connection: Connection, target: Server, name: str, run: Run) -> Result:
    """Only what a swap or a rehearsal has kept, and only by its name."""
    found = databases.everything(connection)
    result = {"name": target.database, "purged": name, "diff": {"before": {}, "after": {}}}
    if name not in found:
        return {**result, "summary": f"there is no {name}", "changed": False}
    if not any(found[name].is_(mark, target.database) for mark in (databases.KEPT, databases.REHEARSED)):
        raise Refused(f"{name} is not what a swap or a rehearsal of {target.database} has kept", "Drop it by hand if it is to go.")
    if not run.check:
        run.record("call", method="SQL", path=f"drop {name}")
        with understood(f"removing {name}"):
            connection.execute(databases.drop(name))
    diff = {"before": {name: "kept"}, "after": {}}
    return {**result, "summary": f"{'would remove' if run.check else 'removed'} {name} for good", "changed": True, "diff": diff}


def _result(name: str, replacement: str, kept: str, summary: str, notes: list[str] | None = None) -> Result:
    return {
        "name": name,
        "replacement": replacement,
        "kept": kept,
        "summary": summary,
        "notes": notes or [],
        "closed": 0.0,
        "ended": 0,
        "sequences": {},
        "changed": False,
        "diff": {"before": {name: swapping.LIVE}, "after": {name: replacement}} if notes is not None else {"before": {}, "after": {}},
    }


SWAP = Operation(arguments=ARGUMENTS, perform=perform, rules={"mutually_exclusive": [WISHES], "required_one_of": [WISHES]})
