# SPDX-License-Identifier: GPL-3.0-or-later
"""A row goes where its parent is the one that it had, or nowhere."""
from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.lineage import Edge
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.staging import (
    CONFLICT,
    DOUBTFUL,
    INSERT,
    LEFT_OUT,
    ORPHANED,
    UPDATED,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.tables import Connection, Table, same
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

# A parent that does not come along leaves its id free, or to somebody else: either way it is not the row's parent.
# Two statements, each of which PostgreSQL can join; joined by OR they would be asked again for every row.
WITHOUT = (
    """
UPDATE {stage} c SET lastgood_status = {orphaned} WHERE lastgood_status = {insert} AND {filled}
   AND EXISTS (SELECT FROM {parents} p WHERE {staged} AND p.lastgood_status = ANY({gone}))
""",
    """
UPDATE {stage} c SET lastgood_status = {orphaned} WHERE lastgood_status = {insert} AND {filled}
   AND NOT EXISTS (SELECT FROM {there} t WHERE {present})
   AND NOT EXISTS (SELECT FROM {parents} p WHERE {staged} AND p.lastgood_status = {insert})
""",
)
GONE = [CONFLICT, ORPHANED, DOUBTFUL, LEFT_OUT]


def leave_out(target: Connection, tables: dict[str, Table], wanted: set[str]) -> None:
    """Rows of tables that are only looked at because others point at them."""
    for name, table in tables.items():
        if name not in wanted:
            query = sql.SQL("UPDATE {} SET lastgood_status = {} WHERE lastgood_status = {}")
            target.execute(query.format(table.stage, sql.Literal(LEFT_OUT), sql.Literal(INSERT)))


def settle(target: Connection, tables: dict[str, Table], edges: list[Edge]) -> None:
    """Until no row is without its parent any more: one that is left out may be the parent of others."""
    looked_at = [edge for edge in edges if edge.child in tables and edge.parent in tables]
    changed = True
    while changed:
        with understood("looking for the parents"):
            changed = sum(target.execute(query).rowcount for edge in looked_at for query in _without(tables, edge)) > 0


def _without(tables: dict[str, Table], edge: Edge) -> list[sql.Composed]:
    child, parent = tables[edge.child], tables[edge.parent]
    mine, theirs = list(edge.columns), list(edge.parent_columns)
    terms = {
        "stage": child.stage,
        "parents": parent.stage,
        "there": parent.only,
        "staged": same("p", theirs, "c", mine),
        "present": same("t", theirs, "c", mine),
        "filled": sql.SQL(" AND ").join(sql.SQL("c.{} IS NOT NULL").format(sql.Identifier(column)) for column in mine),
        "orphaned": sql.Literal(ORPHANED),
        "insert": sql.Literal(INSERT),
        "gone": sql.Literal(GONE if theirs == parent.key else [*GONE, UPDATED]),  # what was pointed at may have another key's value here
    }
    return [sql.SQL(statement).format(**terms) for statement in WITHOUT]
