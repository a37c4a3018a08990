# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at both databases, tell the rows apart, show what would be done; then do it in one transaction, with a ledger."""
from __future__ import annotations

import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import databases, references, server
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.relation import found as relation
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage import ledger, parents, staging, writing
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.lineage import Edge, ordered, with_ancestors
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.tables import Connection, Table, shared
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import number, several

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

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
COUNTS = "SELECT lastgood_status, count(*) FROM {} GROUP BY 1"
STATUSES = (
    staging.INSERT, staging.UPDATE, staging.UPDATED, staging.CONFLICT, staging.ORPHANED, staging.DOUBTFUL, staging.LEFT_OUT,
    staging.KEYLESS, staging.SAME,
)  # fmt: skip
DONE = (staging.INSERT, staging.UPDATE, staging.SAME)
LISTED = tuple(status for status in STATUSES if status != staging.SAME)


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


class Plan:
    """What is to be done, as the stages on the restored database hold it."""

    def __init__(self, target: Connection, source: Connection, since: staging.Since, options: Options, run: Run) -> None:
        self._target, self._source, self._since, self._options, self._run = target, source, since, options, run
        self.tables: dict[str, Table] = {}
        self.wanted: set[str] = set()
        self.counts: dict[str, dict[str, int]] = {}
        self.how: dict[str, str] = {}
        self.moved: dict[str, int] = {}
        self._edges: list[Edge] = []

    def make(self) -> None:
        every = shared(self._target, self._source)
        self.wanted = set(every) if self._options["tables"] is None else {self._named(name, every) for name in self._options["tables"]}
        self._edges = [edge for edge in _edges(self._target, self._options) if edge.child in every and edge.parent in every]
        self.tables = {name: every[name] for name in sorted(with_ancestors(self.wanted, self._edges))}
        keyless = {self._named(name, every) for name in self._options["keyless"]}
        for name, table in self.tables.items():
            self.how[name] = staging.fill(self._target, self._source, table, self._since, self._run.tell)
            staging.tell_apart(self._target, table, self._since, self.how[name], name in keyless)
        parents.leave_out(self._target, self.tables, self.wanted)
        parents.settle(self._target, self.tables, self._edges)
        for name, columns in self._updates(every):
            writing.may_update(self._target, self.tables[name], columns)
        self.counts = {name: self._counted(table) for name, table in self.tables.items()}
        self._possible()

    def counted(self, *statuses: str) -> int:
        return sum(one[status] for one in self.counts.values() for status in statuses)

    def carry_out(self) -> None:
        inserted = {name: one[staging.INSERT] for name, one in self.counts.items()}
        order = ordered([name for name, count in inserted.items() if count], self._edges, {n: t.nullable for n, t in self.tables.items()})
        self._run.record("call", method="SQL", path=f"salvage {sum(inserted.values())} rows")
        self.moved = writing.move_sequences(self._target, self.tables)
        changed = [table for name, table in self.tables.items() if inserted[name] or self.counts[name][staging.UPDATE]]
        with writing.triggers_off(self._target, [] if self._options["fire_triggers"] else changed):
            writing.insert(self._target, self.tables, order, inserted, self._run.tell)
            for name, columns in self._updates(self.tables):
                writing.update(self._target, self.tables[name], columns)

    def _updates(self, every: dict[str, Table]) -> list[tuple[str, list[str]]]:
        found = [(self._named(one["table"], every), one["columns"]) for one in self._options["updates"]]
        for name, columns in found:
            unknown = sorted(set(columns) - set(every[name].columns))
            if unknown or not every[name].key:
                raise Refused(f"{name} cannot be updated: {', '.join(unknown) or 'it has no key'}", "Name columns of both databases.")
        return [(name, columns) for name, columns in found if name in self.tables]

    def _possible(self) -> None:
        """A column that only the restored table has, and that wants a value, leaves nothing to put into it."""
        for name, table in self.tables.items():
            if table.needed and self.counts[name][staging.INSERT]:
                raise Refused(
                    f"{name} has {', '.join(table.needed)}, which the old database has not",
                    "Give them a default, or leave the table out with tables.",
                )

    def _counted(self, table: Table) -> dict[str, int]:
        return dict.fromkeys(STATUSES, 0) | dict(self._target.execute(sql.SQL(COUNTS).format(table.stage)).fetchall())

    def _named(self, name: str, every: dict[str, Table]) -> str:
        meant = relation(self._target, name)
        if meant is None or str(meant) not in every:
            raise Refused(f"there is no table {name} in both databases", f"There are {', '.join(list(every)[:10])}.")
        return str(meant)


def _edges(target: Connection, options: Options) -> list[Edge]:
    """From the restored database's foreign keys, and from what the inventory knows."""
    edges = [
        Edge(str(key.child), tuple(key.columns), str(key.parent), tuple(key.parent_columns), key.deferrable)
        for key in references.foreign_keys(target)
        if not key.period
    ]
    for one in options["relations"]:
        child, parent = relation(target, one["table"]), relation(target, one["parent"])
        if child is None or parent is None or len(one["columns"]) != len(one["parent_columns"]):
            raise Refused(f"the relation of {one['table']} to {one['parent']} fits no tables", "Look at relations.")
        edges.append(Edge(str(child), tuple(one["columns"]), str(parent), tuple(one["parent_columns"]), enforced=False))
    return edges


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
