# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables and indexes looked through page by page with PostgreSQL's own amcheck."""
from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.look import (
    OK,
    UNKNOWN,
    Connection,
    Finding,
    Look,
    none_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.soundness import OURS

AVAILABLE = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'amcheck')"
HEAPS = f"""
SELECT c.oid::int8, n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND {OURS} ORDER BY 2
"""
BTREES = f"""
SELECT c.oid::int8, n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree' JOIN pg_index i ON i.indexrelid = c.oid AND i.indisvalid
 WHERE c.relkind = 'i' AND c.relpersistence <> 't' AND {OURS} ORDER BY 2
"""
OTHERS = f"""
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = c.relam
 WHERE c.relkind = 'i' AND m.amname <> 'btree' AND {OURS}
"""


def looks(connection: Connection, every_row: bool) -> list[Look]:
    """A look for each table and each b-tree; C(every_row): whether each row of a table is in its indexes as well."""
    found = [_look(name, partial(_heap, oid)) for oid, name in connection.execute(HEAPS)]
    found += [_look(name, partial(_btree, oid, every_row)) for oid, name in connection.execute(BTREES)]
    (others,) = connection.execute(OTHERS).fetchone()
    if others:
        found.append(_look("other indexes", lambda there: Finding(UNKNOWN, f"{others} that amcheck does not know how to read")))
    return found


def _look(name: str, at: Callable[[Connection], Finding]) -> Look:
    return Look(f"pages of {name}", "no damage", at, only_reads=False)


def _heap(oid: int, connection: Connection) -> Finding:
    _brought(connection)
    rows = connection.execute("SELECT blkno, msg FROM verify_heapam(%s::oid::regclass) LIMIT 5", [oid]).fetchall()
    return none_of([f"page {page}: {text}" for page, text in rows], "no damage found")


def _btree(oid: int, every_row: bool, connection: Connection) -> Finding:
    """Damage is raised as an error, which the caller turns into a verdict."""
    _brought(connection)
    connection.execute("SELECT bt_index_check(%s::oid::regclass, %s)", [oid, every_row])
    return Finding(OK, "no damage found")


def _brought(connection: Connection) -> None:
    """Where amcheck is not installed it is for this transaction, which is rolled back."""
    if not connection.execute(AVAILABLE).fetchone()[0]:
        connection.execute("CREATE EXTENSION amcheck")
