# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a migration back: schema first, then the row, both or neither, under Prisma's own lock."""
from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError, Incomplete, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import choice, folder, table, telling
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.attempts import APPLIED, FAILED, PENDING, ROLLED_BACK, Attempt
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.script import Script
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.standing import Standing, standing

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

ARGUMENTS: dict[str, Any] = {
    **telling.ARGUMENTS,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": [ROLLED_BACK], "default": ROLLED_BACK},
    "down_sql": {"type": "path"},
    "schema_is_reverted": {"type": "bool", "default": False},
    "even_if_written": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 10},
    "lock_timeout": {"type": "float", "default": 5},
}


def perform(options: Options, run: Run) -> Result:
    target = Server(options)
    table.direct(target)
    schema = table.schema_of(target, options["schema"])
    started = time.monotonic()
    with closing(target.connect()) as connection, table.locked(connection, options["timeout"], run.tell):
        connection.execute("SET default_transaction_read_only = off")  # as it is while writers are kept out
        now = standing(table.attempts(connection, schema), folder.migrations(options["migrations"]), locked=False)
        name, before = options["name"], now.states.get(options["name"], PENDING)
        if before == PENDING:
            raise Refused(f"{name} was never applied to this database", telling.known(now))
        rows = _rows(now.attempts[name], before)
        after = APPLIED if before == FAILED and any(row.applied for row in now.attempts[name]) else ROLLED_BACK
        chosen = choice.choose(connection, schema, now, name, run.tell)
        down = _down(now, name, before, chosen, options)
        if rows and not run.check:
            _take_back(connection, schema, rows, down, options, run)
            _read_back(connection, schema, name, after)
    words = ", its down SQL run" if down else ""
    again = name in (now.code or {})
    return {
        "changed": bool(rows),
        "before": before,
        "after": after,
        "choice": chosen.facts(name),
        "deployed_again": again if now.code is not None else None,
        "waited": round(time.monotonic() - started, 1),
        "summary": _summary(name, bool(rows), words, again, run.check),
        "diff": {"before": {name: before}, "after": {name: after}},
    }


def _rows(tried: list[Attempt], before: str) -> list[Attempt]:
    """Those that have to be written to: of a failed migration what Prisma itself would, and what a hand has left half done."""
    return [row for row in tried if row.odd or (row.open if before == FAILED else row.applied)]


def _down(now: Standing, name: str, before: str, chosen: choice.Choice, options: Options) -> str:
    """The SQL that has to be run with it, empty for none; refused when the migration cannot be taken back like this."""
    migration = (now.code or {}).get(name)
    if before == FAILED:
        if migration and not Script(migration.script).atomic and not options["schema_is_reverted"]:
            raise Refused(f"{name} is not one transaction, so that a part of it may have taken effect", _HALF)
        return ""
    if before == ROLLED_BACK:
        return ""
    later = [other for other in now.those(APPLIED) if other > name]
    if later:
        raise Refused(f"{', '.join(later)} was applied on top of {name}", "Take that back first: the newest goes first.")
    path = Path(options["down_sql"]) if options["down_sql"] else migration.down if migration else None
    if path is None:
        raise Refused(f"{name} was applied, and there is no down SQL to take it back with", _NO_DOWN)
    text = folder.read(path)
    if not Script(text).statements:
        raise Refused(f"{path} has no statement in it", "Write the SQL that takes the migration back.")
    if not Script(text).atomic:
        raise Refused(f"{path} cannot be run in one transaction", "Take BEGIN, COMMIT and CONCURRENTLY out of it.")
    if chosen.option == choice.B and not options["even_if_written"]:
        raise Refused(f"taking {name} back would lose data: {chosen.why}", _RESTORE, choice=chosen.facts(name))
    return text


def _take_back(connection: Any, schema: str, rows: list[Attempt], down: str, options: Options, run: Run) -> None:
    """In one transaction, so that nobody ever sees a schema that its row does not tell of."""
    run.record("call", method="SQL", path=f"take back {rows[0].name}")
    with understood(f"taking {rows[0].name} back"), connection.transaction():
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(int(options["lock_timeout"] * 1000))))
        if down:
            own = connection.execute("SELECT pg_current_xact_id()").fetchone()
            connection.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))
            with still(f"running the down SQL of {rows[0].name}", run.tell):
                connection.execute(down.encode())
            if connection.execute("SELECT pg_current_xact_id_if_assigned()").fetchone() != own:
                raise DatabaseError("the down SQL has ended the transaction it was run in", "Look at the schema: it may be half reverted.")
        table.mark_rolled_back(connection, schema, rows)
    run.record("answer", status="committed")


def _read_back(connection: Any, schema: str, name: str, wanted: str) -> None:
    now = standing(table.attempts(connection, schema), None, locked=False)
    if now.states.get(name) != wanted:
        raise Incomplete(f"{name} is {now.states.get(name, 'gone')} after it was rolled back", "Look who else writes to that table.")


def _summary(name: str, changed: bool, words: str, again: bool, check: bool) -> str:
    if not changed:
        return f"{name} is rolled back already"
    warning = "; the code still has it, so the next deploy applies it again" if again else ""
    return f"{name} {'would be' if check else 'is'} rolled back{words}{warning}"


_HALF = "Look which statements took effect, revert those, then run it again with schema_is_reverted: true."
_NO_DOWN = "Give down_sql, or deploy a migration that reverts it, or restore the database."
_RESTORE = "Restore the database (option B), or give even_if_written: true if that loss is acceptable."
PERFORM = Operation(arguments=ARGUMENTS, perform=perform)
