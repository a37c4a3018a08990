# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells how database and code stand to each other, and which way back would lose less."""
from __future__ import annotations

from contextlib import closing
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import server
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import choice, folder, table
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.attempts import APPLIED, FAILED, RUNNING
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.standing import Standing, standing

ARGUMENTS: dict[str, Any] = {
    **server.ARGUMENTS,
    "schema": {"type": "str"},
    "migrations": {"type": "path"},
}
INFO = {**ARGUMENTS, "migration": {"type": "str"}, "choose": {"type": "bool", "default": True}}


def tell(options: Options, run: Run) -> Result:
    target = server.Server(options)
    schema = table.schema_of(target, options["schema"])
    with closing(target.connect()) as connection:
        now = look(connection, schema, options)
        name = _concerned(now, options["migration"]) if options["choose"] else None
        choices = choice.choose(connection, schema, now, name, run.tell).facts(name) if name else None
    decided = f"; option {choices['option']} for {name}: {choices['why']}" if choices else ""
    return {
        "verdict": now.verdict,
        "migrations": now.facts(),
        "pending": now.pending,
        "ahead": now.ahead,
        "unresolved": now.those(FAILED, RUNNING),
        "edited": now.edited,
        "choice": choices,
        "summary": now.summary + decided,
    }


def look(connection: Any, schema: str, options: Options) -> Standing:
    """A row that is open says failed or running; Prisma's lock tells which, as long as it is not switched off."""
    code = folder.migrations(options["migrations"])
    return standing(table.attempts(connection, schema), code, bool(table.locked_by(connection)))


def _concerned(now: Standing, given: str | None) -> str | None:
    """The migration that is asked about: what failed, or else what was applied last."""
    if given and given not in now.attempts:
        raise Refused(f"the database knows no migration {given}", known(now))
    tried = [*now.those(APPLIED), *now.those(FAILED, RUNNING)]
    return given or (tried[-1] if tried else None)


def known(now: Standing) -> str:
    return f"It knows {', '.join(list(now.attempts)[-3:]) or 'none at all'}; give the whole name, such as 20260113101500_add_loyalty_tiers."


TELL = Operation(arguments=INFO, perform=tell)
