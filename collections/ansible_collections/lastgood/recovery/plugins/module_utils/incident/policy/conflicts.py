# SPDX-License-Identifier: GPL-3.0-or-later
"""Where policies disagree: the same trouble, judged by each policy's own rows on that subject, to different words.

A row's trouble is the least that makes it match. A policy that has no row on the subject is silent, and does not disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, product
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.facts import Facts, Reading
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import SEVERITIES, UNSAID, Outcome, together
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.policy import Policy, Row, Seen, Threshold

STEP = {"over": 0.1, "at_least": 0, "under": -0.1, "at_most": 0}
"""From the limit to the first number beyond it, as people would say it."""


def conflicts(whole: Policy) -> list[dict[str, Any]]:
    """Each disagreement among the rows once: the trouble, what each policy says about it, what differs, and what the whole one does."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    by_name = {part.name: part for part in (*whole.merged, whole)}
    for row in whole.rows:
        for facts, trouble in _least(row, whole):
            speaking = [other for other in whole.rows if other.subject == row.subject and other.holds(facts)]
            for conflict in (_among(speaking, by_name), _inside(row, speaking)):
                if conflict:
                    rows = tuple(sorted(other.id for other in speaking))
                    decided = together([whole.otherwise, *(other.outcome for other in whole.rows if other.holds(facts))])
                    resolved = {"resolved": decided.words(), "approval": sorted(whole.approvers(decided))}
                    found.setdefault((*rows, *conflict["differ"]), {"trouble": trouble, **conflict, **resolved})
    return [*found.values(), *_tables(whole, list(by_name.values()))]


def _tables(whole: Policy, parts: list[Policy]) -> Iterator[dict[str, Any]]:
    """Where the policies' own lists of who has to approve differ; one that does not say does not differ."""
    for key in (*reversed(SEVERITIES), "database_restore"):
        what = f"a rollback at {key}" if key in SEVERITIES else "a database restore"
        tables = {part.name: sorted(part.approval[key]) for part in parts if key in part.approval}
        if len({tuple(roles) for roles in tables.values()}) > 1:
            says = [{"policy": name, "rows": [], "words": what, "approval": roles} for name, roles in tables.items()]
            counts = sorted(whole.approval.get(key, ()))
            yield {"trouble": what, "says": says, "differ": ["approval"], "resolved": what, "approval": counts}


def _least(row: Row, whole: Policy) -> Iterator[tuple[Facts, str]]:
    """The least trouble that matches the row, for each of its scenarios, and in words."""
    seen = [condition for condition in row.conditions if isinstance(condition, Seen)]
    limits = [condition for condition in row.conditions if isinstance(condition, Threshold)]
    readings = {one.fact: (Reading(round(one.limit + STEP[one.beyond], 6), one.lasts or None),) for one in limits}
    for scenarios in product(*(sorted(one.any_of) for one in seen)):
        facts = Facts(frozenset(scenarios), readings)
        numbers = [f"{fact} {reading}" for fact, (reading,) in readings.items()]
        yield facts, " and ".join([*scenarios, *numbers])


def _among(speaking: list[Row], by_name: dict[str, Policy]) -> dict[str, Any] | None:
    """What the policies say, each with its strictest words, when they differ."""
    said = {name: list(rows) for name, rows in groupby(sorted(speaking, key=lambda row: row.policy), key=lambda row: row.policy)}
    outcomes = {name: together(row.outcome for row in rows) for name, rows in said.items()}
    differ = _differences(list(outcomes.values()))
    words = {name: _approval(by_name[name], outcome) for name, outcome in outcomes.items()}
    if len({word for word in words.values() if word is not None}) > 1:
        differ.append("approval")
    return {"says": [_saying(outcomes[name], said[name], words[name]) for name in said], "differ": differ} if differ else None


def _inside(row: Row, speaking: list[Row]) -> dict[str, Any] | None:
    """What rows of one policy say under the very same conditions, when they differ."""
    same = [other for other in speaking if other.policy == row.policy and other.conditions == row.conditions]
    differ = _differences([other.outcome for other in same])
    return {"says": [_saying(other.outcome, [other]) for other in same], "differ": differ} if differ else None


def _differences(outcomes: list[Outcome]) -> list[str]:
    """The fields that are said differently; what is not said does not differ."""
    said = {
        "severity": {outcome.severity for outcome in outcomes} - {UNSAID},
        "action": {outcome.action for outcome in outcomes} - {UNSAID},
        "within": {outcome.as_dict()["within"] for outcome in outcomes} - {None},
        "restores_database": {outcome.restores_database for outcome in outcomes if outcome.action != UNSAID},
    }
    return [name for name, words in said.items() if len(words) > 1]


def _approval(policy: Policy, outcome: Outcome) -> tuple[str, ...] | None:
    """Who has to approve by that policy; None when it does not say."""
    keys = [SEVERITIES[outcome.severity]] if outcome.severity != UNSAID else []
    keys += ["database_restore"] if outcome.restores_database else []
    return tuple(sorted(policy.approvers(outcome))) if outcome.roles or any(key in policy.approval for key in keys) else None


def _saying(outcome: Outcome, rows: list[Row], approval: tuple[str, ...] | None = None) -> dict[str, Any]:
    return {
        "policy": rows[0].policy,
        "rows": [row.id for row in rows],
        "words": outcome.words(),
        "approval": list(approval) if approval is not None else None,
    }
