# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy: rows of conditions and outcomes, each row matched by what is known, refuted by it, or left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.facts import SCENARIOS, Facts, Reading
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import SEVERITIES, Outcome

RISING = {"over": float.__gt__, "at_least": float.__ge__}
FALLING = {"under": float.__lt__, "at_most": float.__le__}
BEYOND = {**RISING, **FALLING}
SAYS = {"over": "over", "at_least": "at least", "under": "under", "at_most": "at most"}

Answer: TypeAlias = "bool | None"
"""True, False, or None for what nobody knows."""


@dataclass(frozen=True)
class Threshold:
    """A number that is worse beyond a limit, once it has been so for some seconds."""

    fact: str
    beyond: str
    limit: float
    lasts: float = 0

    def holds(self, facts: Facts) -> Answer:
        """Whether any reading is that bad for that long; None when a missing number or duration could make it so."""
        readings = facts.readings.get(self.fact, ())
        answers = [self._answer(reading) for reading in readings]
        if any(answers):
            return True
        return None if not answers or None in answers or self.fact in facts.problems else False

    def _answer(self, reading: Reading) -> Answer:
        if not BEYOND[self.beyond](float(reading.value), float(self.limit)):
            return False
        if not self.lasts:
            return True
        return None if reading.lasted is None else reading.lasted >= self.lasts

    def words(self, units: Mapping[str, str]) -> str:
        unit = f" {units[self.fact]}" if self.fact in units else ""
        return f"{self.fact} {SAYS[self.beyond]} {self.limit:g}{unit}" + (f" for {duration.words(self.lasts)}" if self.lasts else "")


@dataclass(frozen=True)
class Seen:
    """Any of these scenarios."""

    any_of: frozenset[str]
    fact = SCENARIOS

    def holds(self, facts: Facts) -> Answer:
        if facts.scenarios is not None and facts.scenarios & self.any_of:
            return True
        return None if facts.scenarios is None or SCENARIOS in facts.problems else False

    def words(self, units: Mapping[str, str]) -> str:
        return " or ".join(sorted(self.any_of))


@dataclass(frozen=True)
class Row:
    """When all conditions hold, the outcome counts."""

    id: str
    """C(policy/row), unique among all rows of all merged policies."""
    says: str
    conditions: tuple[Threshold | Seen, ...]
    outcome: Outcome

    @property
    def policy(self) -> str:
        return self.id.partition("/")[0]

    @property
    def subject(self) -> frozenset[str]:
        """The facts that it is about."""
        return frozenset(condition.fact for condition in self.conditions)

    def holds(self, facts: Facts) -> Answer:
        answers = [condition.holds(facts) for condition in self.conditions]
        return False if False in answers else None if None in answers else True

    def missing(self, facts: Facts) -> set[str]:
        return {condition.fact for condition in self.conditions if condition.holds(facts) is None}

    @classmethod
    def read(cls, policy: str, row: Mapping[str, Any]) -> Row:
        """A row that the schema has accepted."""
        conditions: list[Threshold | Seen] = []
        for fact, wanted in row["when"].items():
            if fact == SCENARIOS:
                conditions.append(Seen(frozenset(wanted)))
            else:
                beyond = next(word for word in BEYOND if word in wanted)
                lasts = duration.seconds(wanted["for"]) if "for" in wanted else 0
                conditions.append(Threshold(fact, beyond, float(wanted[beyond]), lasts))
        return cls(f"{policy}/{row['id']}", row["says"], tuple(conditions), Outcome.read(row))


@dataclass(frozen=True)
class Policy:
    """Its own rows and those of the policies that it merges; C(approval) by severity or C(database_restore)."""

    name: str
    otherwise: Outcome
    approval: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str]
    rows: tuple[Row, ...]
    merged: tuple[Policy, ...] = ()
    """The policies that it merges, and those that they merge."""

    @property
    def scenarios(self) -> frozenset[str]:
        """All that any row knows."""
        return frozenset(one for condition in self._conditions() if isinstance(condition, Seen) for one in condition.any_of)

    @property
    def numbers(self) -> frozenset[str]:
        """The facts that any row has a threshold for."""
        return frozenset(condition.fact for condition in self._conditions() if isinstance(condition, Threshold))

    def approvers(self, outcome: Outcome, severities: Iterable[int] = ()) -> frozenset[str]:
        """Who has to approve a rollback with that outcome, at its severity or any of those given."""
        keys = [SEVERITIES[rank] for rank in (*severities, outcome.severity) if rank >= 0]
        keys += ["database_restore"] if outcome.restores_database else []
        return outcome.roles.union(*(self.approval.get(key, ()) for key in keys))

    def _conditions(self) -> Iterable[Threshold | Seen]:
        return (condition for row in self.rows for condition in row.conditions)
