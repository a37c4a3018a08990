# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory expects of a table: how many rows, and how old the newest may be."""
from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.look import BAD, OK, Connection, Finding, Look
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.relation import found

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

TABLE: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "min_rows": {"type": "int", "default": 1},
    "max_rows": {"type": "int"},
    "newest": {"type": "str"},
    "no_older_than": {"type": "float"},
}
RULES: dict[str, Any] = {"required_together": [["newest", "no_older_than"]]}


def looks(table: dict[str, Any], at: datetime) -> list[Look]:
    """C(at) is the moment that ages are reckoned from."""
    least, most = table["min_rows"], table["max_rows"]
    expected = f"at least {least} rows" if most is None else f"{least} to {most} rows"
    wanted = [Look(f"{table['name']}: rows", expected, lambda connection: _counted(connection, table))]
    if table["newest"]:
        age = f"{table['newest']} no older than {moment.span(table['no_older_than'])} at {moment.iso(at)}"
        wanted.append(Look(f"{table['name']}: newest row", age, lambda connection: _aged(connection, table, at)))
    return wanted


def _counted(connection: Connection, table: dict[str, Any]) -> Finding:
    relation = found(connection, table["name"])
    if relation is None:
        return Finding(BAD, "there is no such table")
    (rows,) = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(relation.identifier)).fetchone()
    fits = table["min_rows"] <= rows and (table["max_rows"] is None or rows <= table["max_rows"])
    return Finding(OK if fits else BAD, f"{rows} rows")


def _aged(connection: Connection, table: dict[str, Any], at: datetime) -> Finding:
    """A time without a zone is UTC. A row from the future proves nothing about how fresh the others are."""
    relation = found(connection, table["name"])
    if relation is None:
        return Finding(BAD, "there is no such table")
    query = sql.SQL("SELECT max({0}::timestamptz) FILTER (WHERE {0}::timestamptz <= {1}), count({0}) FROM {2}")
    newest, dated = connection.execute(query.format(sql.Identifier(table["newest"]), sql.Literal(at), relation.identifier)).fetchone()
    if newest is None:
        return Finding(BAD, f"{dated} rows with that time, all of them later" if dated else "no row has that time")
    age = (at - newest).total_seconds()
    return Finding(OK if age <= table["no_older_than"] else BAD, f"{moment.iso(newest)}, {moment.span(age)} old")
