# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at both databases, tell the rows apart, show what would be done; then do it in one transaction, with a ledger."""
from __future__ import annotations

import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import databases, references, server
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage import ledger, staging
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.plan import DONE, LISTED, STATUSES, Plan
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.tables import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import number, several

UPDATES: dict[str, Any] = {
    "table": {"type": "str", "required": True},
    "columns": {"type": "list", "elements": "str", "required": True},
}
ARGUMENTS: dict[str, Any] = {
    **server.ARGUMENTS,
    "from_db": {"type": "str", "required": True},
    "ledger": {"type": "path", "required": True},
    "manifest": {"type": "path"},
    "tables": {"type": "list", "elements": "str"},
    "relations": {"type": "list", "elements": "dict", "default": [], "options": references.RELATION},
    "updates": {"type": "list", "elements": "dict", "default": [], "options": UPDATES},
    "keyless": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "fire_triggers": {"type": "bool", "default": False},
    "rewritten_share": {"type": "float", "default": 0.5},
}
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


def perform(options: Options, run: Run) -> Result:
    target_server = server.Server(options)
    started = time.monotonic()
    if options["from_db"] == target_server.database:
        raise Refused("both databases are the same", "Name the one that was kept, such as shop_old_20261122_023000, with from_db.")
    with ExitStack() as both:
        target = both.enter_context(closing(target_server.connect(application_name="lastgood salvage")))
        source = both.enter_context(closing(target_server.connect(options["from_db"], application_name="lastgood salvage")))
        _belongs(target, target_server.database, options["from_db"])
        target.execute("SET default_transaction_read_only = off")  # as it is while writers are kept out
        since = _since(target_server, source, options, run)
        plan = Plan(target, source, since, options, run)
        with server.understood("salvaging"), source.transaction():
            source.execute(SNAPSHOT)
            source.execute(staging.FORMATS)
            with target.transaction(force_rollback=run.check):
                target.execute(staging.FORMATS)
                target.execute(staging.ROOM)
                target.execute("SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '5s'")
                plan.make()
                changes = plan.counted(staging.INSERT, staging.UPDATE)
                if not run.check and (changes or (plan.counted(*LISTED) and not Path(options["ledger"]).exists())):
                    ledger.write(target, list(plan.tables.values()), both.enter_context(ledger.kept(options["ledger"])))
                if changes and not run.check:
                    plan.carry_out()
        if changes and not run.check:
            run.record("answer", status="committed")
    return _result(plan, changes, run.check, time.monotonic() - started)


def _belongs(target: Connection, database: str, old: str) -> None:
    """A swap writes down which database was replaced; one without that note was put aside by hand."""
    mark = databases.everything(target)[old].mark
    if mark.get("is") == databases.KEPT and mark.get("of") != database:
        raise Refused(f"{old} is what {mark.get('of')} was before, not {database}", "Name the one that was kept of this database.")


def _since(target: server.Server, source: Connection, options: Options, run: Run) -> staging.Since:
    """The backup's snapshot means something only to the very database that it was taken from."""
    share = options["rewritten_share"]
    if not options["manifest"]:
        return staging.Since(None, {}, share)
    manifest = run.load(options["manifest"])
    try:
        oid, identifier = manifest["oid"], manifest["server"]["system_identifier"]
        snapshot, known = str(manifest["snapshot"]), dict(manifest["tables"])
    except (LookupError, TypeError):
        raise Refused(f"{options['manifest']} is no manifest", "Name the manifest.json of the backup that was restored.") from None
    (own,) = source.execute("SELECT oid::int8 FROM pg_database WHERE datname = current_database()").fetchone()
    try:
        same_server = target.identity["system_identifier"] == identifier
    except DatabaseError:
        same_server = not identifier
    return staging.Since(snapshot if own == oid and same_server else None, known, share)


def _result(plan: Plan, changes: int, check: bool, seconds: float) -> Result:
    tables = {}
    for name, counts in plan.counts.items():
        if any(counts[status] for status in STATUSES) or plan.tables[name].missing:
            tables[name] = {**counts, "found_by": plan.how[name], "only_in_old": plan.tables[name].missing}
    totals = {status: plan.counted(status) for status in STATUSES}
    kept_back = {status: count for status, count in totals.items() if count and status not in DONE}
    words = ", ".join(f"{number(count)} {status.replace('_', ' ')}" for status, count in kept_back.items())
    did = f"{several(totals[staging.INSERT], 'row')} {'would be' if check else 'were'} inserted"
    updated = f", {number(totals[staging.UPDATE])} updated" if totals[staging.UPDATE] else ""
    return {
        "changed": changes > 0,
        "tables": tables,
        "totals": totals,
        "sequences": plan.moved,
        "waited": round(seconds, 1),
        "rate": round(changes / seconds) if seconds and not check else 0,
        "summary": f"{did}{updated}; left as they are: {words}" if words else did + updated,
        "diff": {"before": {}, "after": {name: one[staging.INSERT] for name, one in tables.items() if one[staging.INSERT]}},
    }


PERFORM = Operation(arguments=ARGUMENTS, perform=perform)
