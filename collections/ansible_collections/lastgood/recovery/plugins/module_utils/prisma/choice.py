# SPDX-License-Identifier: GPL-3.0-or-later
"""Option A, the migration is taken back, or option B, the database is restored? Decided from what would be lost."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import written
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.attempts import APPLIED, FAILED, ROLLED_BACK
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.folder import read
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.script import Script, touches
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.standing import Standing
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

A, B, NEITHER, UNKNOWN = "A", "B", "NEITHER", "UNKNOWN"


@dataclass(frozen=True)
class Choice:
    option: str
    why: str
    written: dict[str, int] = field(default_factory=dict)
    """By table, rows inserted or updated since, in the tables that the migration has to do with."""

    def facts(self, name: str) -> dict[str, Any]:
        return {"migration": name, "option": self.option, "why": self.why, "written": self.written}


def choose(connection: Any, schema: str, standing: Standing, name: str, tell: Tell) -> Choice:
    """For one migration that was tried."""
    state = standing.states[name]
    migration = (standing.code or {}).get(name)
    if state == ROLLED_BACK:
        return Choice(NEITHER, "it is rolled back already")
    if state not in (APPLIED, FAILED):
        return Choice(UNKNOWN, "it is being applied just now" if state == "running" else "it was never applied")
    if state == FAILED:
        return _failed(migration.script if migration else None)
    every = written.tables(connection)
    scripts = [migration.script] if migration else []
    if migration and migration.down:
        scripts.append(read(migration.down))
    concerned = touches(scripts, every) if scripts else every
    since = written.since(connection, schema, standing.last(name).id, concerned, tell)
    if not migration:
        return Choice(UNKNOWN, "its SQL is not here, so nobody can tell what it did to the data", since)
    if destroyed := Script(migration.script).destroys:
        return Choice(B, f"it changed data itself, which no reverse script brings back: {'; '.join(destroyed[:3])}", since)
    if since:
        rows = ", ".join(f"{count} in {table}" for table, count in since.items())
        return Choice(B, f"rows were written since to tables that it has to do with: {rows}", since)
    missing = "" if migration.down else "; it has no down.sql, so a migration that reverts it has to be deployed"
    return Choice(A, f"nothing was inserted or updated since in the {len(concerned)} tables that it has to do with{missing}")


def _failed(script: str | None) -> Choice:
    if script is None:
        return Choice(UNKNOWN, "its SQL is not here; a failed migration has usually changed nothing, but look")
    if not Script(script).atomic:
        return Choice(UNKNOWN, "it ended half way, and is not one transaction: look what took effect, and revert that first")
    return Choice(A, "it failed as a whole and changed nothing, so that it only has to be marked as rolled back")
