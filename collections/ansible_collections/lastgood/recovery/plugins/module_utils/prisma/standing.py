# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the database and the code fit together?"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sessions import VALUES
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.attempts import (
    APPLIED,
    FAILED,
    PENDING,
    ROLLED_BACK,
    RUNNING,
    Attempt,
    by_name,
    state,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.breaking import breaks
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.folder import Migration

IN_STEP, BEHIND, AHEAD, DIVERGED, STUCK, UNDERWAY, UNKNOWN = "IN STEP", "BEHIND", "AHEAD", "DIVERGED", "FAILED", "RUNNING", "UNKNOWN"
LENGTH = 400


@dataclass(frozen=True)
class Standing:
    """Every migration that the table or the folder knows."""

    attempts: dict[str, list[Attempt]]
    code: dict[str, Migration] | None
    states: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return sorted({*self.attempts, *(self.code or {})})

    def those(self, *states: str) -> list[str]:
        return [name for name in self.names if self.states[name] in states]

    @property
    def pending(self) -> list[str]:
        """What the next C(migrate deploy) applies, which is what was rolled back, too, as long as the code has it."""
        return [name for name in self.those(PENDING, ROLLED_BACK) if name in (self.code or {})]

    @property
    def ahead(self) -> list[str]:
        """In the database, and not in the code."""
        return [] if self.code is None else [name for name in self.those(APPLIED, FAILED, RUNNING) if name not in self.code]

    @property
    def edited(self) -> list[str]:
        """Applied as something else than what the folder has now."""
        files = self.code or {}
        return [name for name in self.those(APPLIED) if name in files and files[name].edited(self.last(name).checksum)]

    def last(self, name: str) -> Attempt:
        """The attempt that counts."""
        tried = self.attempts[name]
        return next((one for one in reversed(tried) if one.open or one.applied), tried[-1])

    @property
    def verdict(self) -> str:
        if self.those(RUNNING):
            return UNDERWAY
        if self.those(FAILED):
            return STUCK
        if self.code is None:
            return UNKNOWN
        known = [name for name in self.those(APPLIED) if name in self.code]
        lost = [name for name in self.ahead if known and name < known[-1]]  # missing in between: another history
        if lost or (self.ahead and self.pending):
            return DIVERGED
        return AHEAD if self.ahead else BEHIND if self.pending else IN_STEP

    @property
    def summary(self) -> str:
        verdict = self.verdict
        stuck = self.those(FAILED, RUNNING)
        words = {
            UNDERWAY: f"{_named(stuck)} is being applied just now",
            STUCK: f"{_named(stuck)} failed, and nothing more can be deployed until that is resolved",
            UNKNOWN: f"{len(self.those(APPLIED))} migrations are applied; without the code nobody can tell whether they should be",
            DIVERGED: f"database and code have different histories: only the database has {_named(self.ahead)}",
            AHEAD: f"the database is ahead of the code by {_named(self.ahead)}",
            BEHIND: f"the next deploy applies {_named(self.pending)}",
            IN_STEP: f"{len(self.those(APPLIED))} migrations, all of them applied",
        }
        edited = f"; edited after they were applied: {_named(self.edited)}" if self.edited else ""
        return words[verdict] + edited

    def facts(self) -> list[dict[str, Any]]:
        return [self._facts(name) for name in self.names]

    def _facts(self, name: str) -> dict[str, Any]:
        tried = self.attempts.get(name, [])
        last = self.last(name) if tried else None
        migration = (self.code or {}).get(name)
        return {
            "name": name,
            "state": self.states[name],
            "in_code": None if self.code is None else migration is not None,
            "edited": name in self.edited,
            "breaking": None if migration is None or name in self.edited else breaks(migration.script),
            "attempts": len(tried),
            "started_at": moment.iso(last.started_at) if last else None,
            "finished_at": moment.iso(last.finished_at) if last and last.finished_at else None,
            "rolled_back_at": moment.iso(last.rolled_back_at) if last and last.rolled_back_at else None,
            "steps": last.steps if last else 0,
            "logs": without_values(last.logs) if last else "",
            "down_sql": migration is not None and migration.down is not None,
            "odd": any(one.odd for one in tried),
        }


def standing(attempts: list[Attempt], code: dict[str, Migration] | None, locked: bool) -> Standing:
    """C(locked) says whether a run of Prisma's holds its lock just now."""
    names = by_name(attempts)
    states = {name: state(names.get(name, []), locked) for name in {*names, *(code or {})}}
    return Standing(names, code, states)


def without_values(logs: str) -> str:
    """An error of the database may quote a row."""
    lines = [line for line in logs.splitlines() if line.strip() and not line.strip().lower().startswith("detail")]
    return VALUES.sub("?", " ".join(" ".join(lines).split()))[:LENGTH]


def _named(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
