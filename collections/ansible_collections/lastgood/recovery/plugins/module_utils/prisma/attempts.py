# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of C(_prisma_migrations): one for each attempt, so that a migration's state is that of all of its rows."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

APPLIED, FAILED, RUNNING, ROLLED_BACK, PENDING = "applied", "failed", "running", "rolled_back", "pending"


@dataclass(frozen=True)
class Attempt:
    """One row. Prisma never sets both C(finished_at) and C(rolled_back_at): a hand did, and C(resolve --applied) refuses it for ever."""

    id: str
    name: str
    checksum: str
    started_at: datetime
    finished_at: datetime | None
    rolled_back_at: datetime | None
    steps: int
    logs: str

    @property
    def open(self) -> bool:
        """Failed, or still running: the row does not tell which."""
        return self.finished_at is None and self.rolled_back_at is None

    @property
    def applied(self) -> bool:
        return self.finished_at is not None and self.rolled_back_at is None

    @property
    def odd(self) -> bool:
        return self.finished_at is not None and self.rolled_back_at is not None


def by_name(attempts: list[Attempt]) -> dict[str, list[Attempt]]:
    """In the order in which they were first tried."""
    names: dict[str, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda one: one.started_at):
        names.setdefault(attempt.name, []).append(attempt)
    return names


def state(attempts: list[Attempt], locked: bool) -> str:
    """Of one migration; C(locked) says whether a run of Prisma's holds its lock just now.

    A failed row stops C(migrate deploy), whatever the others say.
    """
    if any(one.open for one in attempts):
        return RUNNING if locked else FAILED
    if any(one.applied for one in attempts):
        return APPLIED
    return ROLLED_BACK if attempts else PENDING
