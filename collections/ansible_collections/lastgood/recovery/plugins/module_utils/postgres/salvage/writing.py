# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows that may go in, go in: parents first, without the restored tables' own triggers, and each exactly as it was."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import InUse
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import soundness
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.lineage import Edge, Order
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.staging import INSERT, UPDATE, UPDATED, loaded
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.tables import Connection, Table, names, same
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

ENABLE = {"O": "ENABLE TRIGGER", "A": "ENABLE ALWAYS TRIGGER"}


@contextmanager
def triggers_off(target: Connection, tables: list[Table]) -> Iterator[None]:
    """Those of the application, which would send its letters again and stamp rows with today; foreign keys are kept all the time.

    Nobody else is without them: it is undone in the same transaction, and others wait until that ends.
    """
    for table in tables:
        for name, _enabled in table.triggers:
            target.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(table.identifier, sql.Identifier(name)))
    yield
    target.execute("SET CONSTRAINTS ALL IMMEDIATE")  # ALTER TABLE wants no check left to be made
    for table in tables:
        for name, enabled in table.triggers:
            target.execute(sql.SQL("ALTER TABLE {} " + ENABLE[enabled] + " {}").format(table.identifier, sql.Identifier(name)))


def insert(target: Connection, tables: dict[str, Table], order: Order, expected: dict[str, int], tell: Tell) -> None:
    """InUse when somebody has written a row meanwhile that stands in the way of one of these: then none of them goes in."""
    target.execute("SET CONSTRAINTS ALL DEFERRED")
    for name in order.tables:
        if not expected[name]:
            continue
        empty = {column for edge in order.later if edge.child == name for column in edge.columns} & tables[name].nullable
        with understood(f"inserting into {name}"), still(f"inserting {expected[name]} rows into {name}", tell):
            done = target.execute(_insertion(tables[name], empty)).rowcount
        if done != expected[name]:
            raise InUse(f"{expected[name] - done} rows of {name} are in the way of others by now", _AGAIN)
    for edge in order.later:
        if expected[edge.child]:
            with understood(f"filling {', '.join(edge.columns)} of {edge.child}"):
                target.execute(_filling(tables[edge.child], edge))
    with understood("checking the foreign keys"):
        target.execute("SET CONSTRAINTS ALL IMMEDIATE")


def may_update(target: Connection, table: Table, columns: list[str]) -> None:
    """Rows that nobody has touched since they were loaded, all of a table by one transaction; any other stays as it is."""
    with understood(f"looking what may be updated in {table}"):
        differs = sql.SQL("ROW({})::text <> ROW({})::text").format(names(columns, "s"), names(columns, "t"))
        query = sql.SQL("UPDATE {} s SET lastgood_status = {} FROM {} t WHERE {} AND lastgood_status = {} AND t.xmin = {}::xid AND {}")
        alike = same("t", table.key, "s", table.key)
        was, becomes = sql.Literal(UPDATED), sql.Literal(UPDATE)
        target.execute(query.format(table.stage, becomes, table.only, alike, was, sql.Literal(loaded(target, table)), differs))


def update(target: Connection, table: Table, columns: list[str]) -> None:
    with understood(f"updating {table}"):
        target.execute(_setting(table, columns, UPDATE))


def move_sequences(target: Connection, tables: dict[str, Table]) -> dict[str, int]:
    """Beyond every id that these rows bring, before any of them is there; those that were moved, with their new value."""
    moved = {}
    by_place = {(table.schema, table.name): table for table in tables.values()}
    with understood("moving the sequences"):
        for schema, name, table_schema, table_name, column, step, _cycles in target.execute(soundness.FILLED).fetchall():
            table = by_place.get((table_schema, table_name))
            if table is None or column not in table.columns or step < 0:
                continue
            greatest = sql.SQL("SELECT max({}) AS id FROM {} WHERE lastgood_status = {}").format(
                sql.Identifier(column), table.stage, sql.Literal(INSERT)
            )
            query = sql.SQL("SELECT setval({}::regclass, x.id::int8) FROM ({}) x, {} s WHERE x.id >= s.last_value + s.is_called::int")
            place = sql.Identifier(schema, name)
            row = target.execute(query.format(sql.Literal(place.as_string(target)), greatest, place)).fetchone()
            if row:
                moved[f"{schema}.{name}"] = row[0]
    return moved


def _insertion(table: Table, empty: set[str]) -> sql.Composed:
    values = [sql.SQL("NULL") if column in empty else sql.Identifier(column) for column in table.columns]
    query = "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} WHERE lastgood_status = {}"
    if not any(unique.deferrable for unique in table.unique):  # those PostgreSQL cannot ask, and raises
        query += " ON CONFLICT DO NOTHING"
    written = sql.SQL(", ").join(values)
    return sql.SQL(query).format(table.identifier, names(table.columns), written, table.stage, sql.Literal(INSERT))


def _filling(table: Table, edge: Edge) -> sql.Composed:
    return _setting(table, [column for column in edge.columns if column in table.nullable], INSERT)


def _setting(table: Table, columns: list[str], status: str) -> sql.Composed:
    values = sql.SQL(", ").join(sql.SQL("{} = s.{}").format(sql.Identifier(column), sql.Identifier(column)) for column in columns)
    return sql.SQL("UPDATE {} t SET {} FROM {} s WHERE {} AND s.lastgood_status = {}").format(
        table.only, values, table.stage, same("t", table.key, "s", table.key), sql.Literal(status)
    )


_AGAIN = "Nothing was kept of it; run the same command again, best with writers kept out (postgres_activity with state: read_only)."
