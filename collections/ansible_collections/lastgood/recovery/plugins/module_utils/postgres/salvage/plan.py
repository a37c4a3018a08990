# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rows go in and which stay out, and carrying that out: all of it in one transaction of the caller's."""
from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import references
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.relation import found as relation
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage import parents, staging, writing
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.lineage import Edge, ordered, with_ancestors
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.tables import Connection, Table, shared

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

COUNTS = "SELECT lastgood_status, count(*) FROM {} GROUP BY 1"
STATUSES = (
    staging.INSERT, staging.UPDATE, staging.UPDATED, staging.CONFLICT, staging.ORPHANED, staging.DOUBTFUL, staging.LEFT_OUT,
    staging.KEYLESS, staging.SAME,
)  # fmt: skip
DONE = (staging.INSERT, staging.UPDATE, staging.SAME)
LISTED = tuple(status for status in STATUSES if status != staging.SAME)


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
