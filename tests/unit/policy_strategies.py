"""Policies and facts of all kinds, and what it means that facts are worse."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import reading
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.policy import RISING, Policy, Threshold
from hypothesis import strategies as st

RISES = {"errors": True, "success": False, "users": True}
"""Facts of made-up policies, and whether they are worse when they rise."""
SCENARIOS = ["outage", "data", "cosmetic"]
DURATIONS = ["0 s", "90 s", "5 min", "15 min", "2 h"]
LONGER = dict(pairwise(DURATIONS))
SEVERITIES, ACTIONS = ["P0", "P1", "P2", "P3"], ["watch", "next_deployment", "fix_forward", "scale_first", "fix_or_roll_back", "roll_back"]

within = st.sampled_from(["now", *DURATIONS[1:]])
levels = st.one_of(st.integers(1, 5), st.lists(st.integers(1, 5), min_size=2, max_size=2))
roles = st.lists(st.sampled_from(["lead", "CTO"]), max_size=2)


@st.composite
def thresholds(draw: st.DrawFn, fact: str) -> dict[str, Any]:
    words = ["over", "at_least"] if RISES[fact] else ["under", "at_most"]
    limit = {draw(st.sampled_from(words)): draw(st.integers(0, 10))}
    return limit | ({"for": draw(st.sampled_from(DURATIONS))} if draw(st.booleans()) else {})


@st.composite
def rows(draw: st.DrawFn, index: int) -> dict[str, Any]:
    facts = draw(st.lists(st.sampled_from([*RISES, "scenarios"]), min_size=1, max_size=2, unique=True))
    seen = st.lists(st.sampled_from(SCENARIOS), min_size=1, max_size=2, unique=True)
    row = {
        "id": f"row-{index}",
        "says": "so",
        "when": {fact: draw(seen if fact == "scenarios" else thresholds(fact)) for fact in facts},
        "severity": draw(st.sampled_from(SEVERITIES)),
    }
    more = st.fixed_dictionaries(
        {},
        optional={
            "action": st.sampled_from(ACTIONS),
            "within": within,
            "level": levels,
            "restores_database": st.booleans(),
            "automatic": st.booleans(),
            "approval": roles,
        },
    )
    return row | draw(more)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A valid policy that merges nothing."""
    return {
        "name": "made-up",
        "otherwise": {"severity": draw(st.sampled_from(SEVERITIES)), "action": draw(st.sampled_from(ACTIONS))},
        "approval": draw(st.dictionaries(st.sampled_from([*SEVERITIES, "database_restore"]), roles)),
        "rows": [draw(rows(index)) for index in range(draw(st.integers(0, 6)))],
    }


READY = {name: reading.policy(name) for name in reading.names()}
policies = st.one_of(documents().map(reading.policy), st.sampled_from(list(READY.values())))


def rising(policy: Policy) -> dict[str, bool]:
    """The policy's facts, and whether they are worse when they rise."""
    limits = (one for row in policy.rows for one in row.conditions if isinstance(one, Threshold))
    return {one.fact: one.beyond in RISING for one in limits}


@st.composite
def full_facts(draw: st.DrawFn, policy: Policy) -> dict[str, Any]:
    """A value and a duration for all that the policy knows: mostly harmless, else close to a limit."""
    known: dict[str, Any] = {}
    for fact, rises in sorted(rising(policy).items()):
        harmless = -1.0 if rises else 120.0
        limits = [one.limit for row in policy.rows for one in row.conditions if isinstance(one, Threshold) and one.fact == fact]
        close = st.builds(lambda limit, by: limit + by, st.sampled_from(limits), st.sampled_from([-1, 0, 0.5]))
        known[fact] = {"value": draw(st.one_of(st.just(harmless), close)), "for": draw(st.sampled_from(DURATIONS))}
    names = sorted(policy.scenarios)
    seen = draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) if names else []
    return {**known, "scenarios": seen}


@st.composite
def fewer(draw: st.DrawFn, facts: dict[str, Any]) -> dict[str, Any]:
    """The same facts without some of them, or without some durations."""
    left: dict[str, Any] = {}
    for fact, value in facts.items():
        fate = draw(st.sampled_from(["kept", "gone", "bare"]))
        if fate != "gone":
            left[fact] = value["value"] if fate == "bare" and fact != "scenarios" else value
    return left


@st.composite
def worse(draw: st.DrawFn, policy: Policy, facts: dict[str, Any]) -> dict[str, Any]:
    """Facts that are as bad or worse in every way: beyond, longer, more seen."""
    more: dict[str, Any] = {}
    for fact, rises in rising(policy).items():
        by = draw(st.integers(0, 30))
        lasted = facts[fact]["for"]
        longer = LONGER.get(lasted, lasted) if draw(st.booleans()) else lasted
        more[fact] = {"value": facts[fact]["value"] + (by if rises else -by), "for": longer}
    names = sorted(policy.scenarios)
    also = draw(st.lists(st.sampled_from(names), max_size=2)) if names else []
    return {**more, "scenarios": [*facts["scenarios"], *also]}
