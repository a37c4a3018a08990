# SPDX-License-Identifier: GPL-3.0-or-later
"""What rows ask for: outcomes that can only be added up, field by field to the stricter word.

Adding is commutative, associative and idempotent, so neither the order of rows nor saying a thing twice changes a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration

SEVERITIES = ("P3", "P2", "P1", "P0")
ACTIONS = ("watch", "next_deployment", "fix_forward", "scale_first", "fix_or_roll_back", "roll_back")
SAYS = {
    "watch": "watch",
    "next_deployment": "fix with the next deployment",
    "fix_forward": "fix forward",
    "scale_first": "scale first, roll back if it persists",
    "fix_or_roll_back": "fix, or else roll back",
    "roll_back": "roll back",
}
UNSAID = -1
"""The rank of a severity or action that nothing was said about."""


@dataclass(frozen=True)
class Outcome:
    """Ranks in SEVERITIES and ACTIONS, seconds, the lowest and highest level (0 is none), and roles that must approve."""

    severity: int = UNSAID
    action: int = UNSAID
    within: float = duration.NEVER
    level: tuple[int, int] = (0, 0)
    restores_database: bool = False
    automatic: bool = False
    roles: frozenset[str] = frozenset()

    def __or__(self, other: Outcome) -> Outcome:
        """The stricter of both in each field."""
        return Outcome(
            max(self.severity, other.severity),
            max(self.action, other.action),
            min(self.within, other.within),
            (max(self.level[0], other.level[0]), max(self.level[1], other.level[1])),
            self.restores_database or other.restores_database,
            self.automatic or other.automatic,
            self.roles | other.roles,
        )

    def at_least_as_strict_as(self, other: Outcome) -> bool:
        return self | other == self

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Outcome:
        """The outcome of a row that the schema has accepted."""
        level = row.get("level", 0)
        return cls(
            SEVERITIES.index(row["severity"]) if "severity" in row else UNSAID,
            ACTIONS.index(row["action"]) if "action" in row else UNSAID,
            duration.seconds(row["within"]) if "within" in row else duration.NEVER,
            (int(min(level)), int(max(level))) if isinstance(level, list) else (int(level), int(level)),
            row.get("restores_database", False),
            row.get("automatic", False),
            frozenset(row.get("approval", [])),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "severity": SEVERITIES[self.severity] if self.severity != UNSAID else None,
            "action": ACTIONS[self.action] if self.action != UNSAID else None,
            "within": duration.words(self.within),
            "level": list(self.level) if self.level[1] else [],
            "restores_database": self.restores_database,
            "automatic": self.automatic,
        }

    def words(self) -> str:
        return in_words(self.as_dict())


def in_words(fields: Mapping[str, Any]) -> str:
    """C(P0, roll back within 15 min, restore the database, level 3-5); what is not said is left out."""
    within, levels = fields["within"], sorted(set(fields["level"]))
    said = [
        fields["severity"],
        SAYS.get(fields["action"], "") + ("" if within is None else " now" if within == "now" else f" within {within}"),
        "restore the database" if fields["restores_database"] else "",
        f"level {'-'.join(str(level) for level in levels)}" if levels else "",
    ]
    return ", ".join(part.strip() for part in said if part)


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """The strictest of all in each field; nothing said when there are none."""
    return reduce(Outcome.__or__, outcomes, Outcome())
