# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision: what is sure whatever the missing facts are, what they could add, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.facts import SCENARIOS, Facts
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import Outcome, together
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.policy import Policy, Row

UNKNOWN = "UNKNOWN"
FIELDS = ("severity", "action", "within", "level", "restores_database", "automatic")
HOW = {"level", "automatic"}
"""Fields that say how; the others say whether, until when, and by whose word."""


@dataclass(frozen=True)
class Decision:
    """C(least) is sure, C(most) is what missing facts could add to at most; they are equal when nothing that matters is missing."""

    policy: Policy
    facts: Facts
    least: Outcome
    most: Outcome
    matched: tuple[Row, ...]
    open: tuple[Row, ...]
    """Rows that a missing fact decides on, and that would add something."""

    @property
    def unsettled(self) -> list[str]:
        """The fields that missing facts could change."""
        least, most = self.least.as_dict(), self.most.as_dict()
        unsure = [name for name in FIELDS if least[name] != most[name]]
        return unsure + (["approval"] if self._approval_may_change() else [])

    @property
    def approvers(self) -> list[str]:
        """Who has to approve; as long as that is not settled, everybody who may have to."""
        return sorted(self.policy.approvers(self.most, range(self.least.severity, self.most.severity + 1)))

    def _approval_may_change(self) -> bool:
        all_of_them = set(self.approvers)
        severities = range(self.least.severity, self.most.severity + 1)
        possible = [replace(outcome, severity=rank) for rank in severities for outcome in (self.least, self.most)]
        return any(self.policy.approvers(outcome) != all_of_them for outcome in possible)

    def missing(self) -> list[dict[str, Any]]:
        """The facts that could change it: why each is missing, and the rows that wait for it."""
        rows: dict[str, list[Row]] = {}
        for row in self.open:
            for fact in row.missing(self.facts):
                rows.setdefault(fact, []).append(row)
        return [
            {
                "fact": fact,
                "because": self.facts.problems.get(fact) or self._not_given(fact),
                "rows": sorted(row.id for row in rows[fact]),
                "could_be": together([self.least, *(row.outcome for row in rows[fact])]).words(),
            }
            for fact in sorted(rows)
        ]

    def _not_given(self, fact: str) -> str:
        return "not said for how long" if self.facts.readings.get(fact) else "not given"

    def reasons(self) -> list[dict[str, Any]]:
        """The rows that match, the strictest first, each with what it was matched by and what it asks for."""
        rows = sorted(self.matched, key=lambda row: (-row.outcome.severity, -row.outcome.action, row.outcome.within, row.id))
        return [
            {
                "row": row.id,
                "says": row.says,
                "when": " and ".join(condition.words(self.policy.units) for condition in row.conditions),
                "asks": row.outcome.words(),
            }
            for row in rows
        ]

    def as_dict(self) -> dict[str, Any]:
        """The sure fields as they are, the others as UNKNOWN (null where a word would not do)."""
        unsettled, sure = self.unsettled, self.least.as_dict()
        blank: dict[str, Any] = {"severity": UNKNOWN, "action": UNKNOWN, "within": UNKNOWN}
        return {
            "policy": self.policy.name,
            "decided": not set(unsettled) - HOW,
            **{name: blank.get(name) if name in unsettled else sure[name] for name in FIELDS},
            "approval": self.approvers,
            "unsettled": unsettled,
            "at_least": sure,
            "at_most": self.most.as_dict(),
            "reasons": self.reasons(),
            "missing": self.missing(),
            "ignored": sorted({*self.facts.readings, *self.facts.problems} - self.policy.numbers - {SCENARIOS}),
        }


def decide(policy: Policy, facts: Facts, restores_database: bool = False) -> Decision:
    """The decision for any facts at all; scenarios that no row knows make the scenarios unknown, as they may be misspelt."""
    strange = sorted((facts.scenarios or frozenset()) - policy.scenarios)
    if strange:
        unknown = f"no row knows {', '.join(strange)}"
        facts = replace(facts, problems={**facts.problems, SCENARIOS: unknown})
    held: Mapping[Row, bool | None] = {row: row.holds(facts) for row in policy.rows}
    matched = tuple(row for row, answer in held.items() if answer)
    least = together([policy.otherwise, Outcome(restores_database=restores_database), *(row.outcome for row in matched)])
    waiting = tuple(row for row, answer in held.items() if answer is None and not least.at_least_as_strict_as(row.outcome))
    return Decision(policy, facts, least, together([least, *(row.outcome for row in waiting)]), matched, waiting)
