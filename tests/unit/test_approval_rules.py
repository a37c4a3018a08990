"""Who must approve which plan, and when it is another plan."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import (
    approved_plan,
    differences,
    in_words,
    plan_hash,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import missing, requirements
from hypothesis import given
from hypothesis import strategies as st

ROLES = {"lead": ["anna", "ben"], "cto": ["carl"]}


@pytest.fixture
def policy(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "allowed_signers").write_text("")
    rules = [
        {"severity": ["P1", "P2"], "by": {"lead": 1}},
        {"severity": "P2", "by": {"lead": 2}},
        {"scenario": "data", "by": {"cto": 1}},
    ]
    return {"signers": str(tmp_path / "allowed_signers"), "roles": ROLES, "required": rules}


@pytest.mark.parametrize(
    ("severity", "scenario", "needs"),
    [("P1", "checkout", {"lead": 1}), ("P2", "checkout", {"lead": 2}), ("P0", "data", {"cto": 1}), ("P1", "data", {"cto": 1, "lead": 1}),
     ("P0", "checkout", None), ("P3", "checkout", None)],
)  # fmt: skip
def test_every_rule_that_fits_counts(policy: dict[str, Any], severity: str, scenario: str, needs: dict[str, int] | None) -> None:
    found = requirements(policy, severity, scenario)
    assert (found.needs if found else None) == needs


def test_without_the_variable_nobody_must() -> None:
    assert requirements({}, "P1", "checkout") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"require": []}, "approvals has no require"),
        ({"required": [{"severitty": "P1", "by": {"lead": 1}}]}, "a rule that cannot be read"),
        ({"required": [{"severity": "P1"}]}, "a rule that cannot be read"),
        ({"required": [{"by": {"leed": 1}}]}, "approvals asks for 1 leed, and approvals.roles has fewer"),
        ({"required": [{"by": {"cto": 2}}]}, "approvals asks for 2 cto, and approvals.roles has fewer"),
        ({"required": [{"by": {"cto": "one"}}]}, "approvals cannot ask for one people"),
        ({"signers": "/nowhere"}, "/nowhere of approvals does not exist"),
        ({"signers": ""}, "does not say whose signatures count"),
        ({"revoked": "/nowhere"}, "/nowhere of approvals does not exist"),
    ],
)
def test_what_makes_no_sense_is_refused_and_never_taken_for_nobody(policy: dict[str, Any], change: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused) as refused:
        requirements(policy | change, "P1", "data")
    assert told in refused.value.message


def fills(needs: dict[str, int], people: list[list[str]]) -> int:
    """How many places can be filled, by trying all ways."""
    places = [role for role, number in needs.items() for _place in range(number)]
    seats = people + [[]] * len(places)
    orders = itertools.permutations(seats, len(places))
    return max(sum(place in held for place, held in zip(places, order, strict=True)) for order in orders)


roles = st.sampled_from(["lead", "cto", "dba"])


@given(
    needs=st.dictionaries(roles, st.integers(1, 2), min_size=1, max_size=2),
    people=st.lists(st.lists(roles, max_size=3, unique=True), max_size=4),
)
def test_a_person_fills_one_place_and_the_best_one(needs: dict[str, int], people: list[list[str]]) -> None:
    left = missing(needs, people)
    assert sum(needs.values()) - sum(left.values()) == fills(needs, people)
    assert all(left[role] <= needs[role] for role in left)


def release(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"dpl_{name}", "artifact": name * 40, "live_from": "2026-11-22T02:10:00.000Z", "title": "not approved", **more}


def row(target: str = "storefront", serves: Any = None, **more: Any) -> dict[str, Any]:
    return {"target": target, "tier": "frontend", "vendor": "Vercel", "from": serves or release("b"), "to": release("a"), "changes": True,
            "only_if": "", "held": False, "why": "", **more}  # fmt: skip


def plan(rows: list[dict[str, Any]], kept: list[dict[str, Any]] | None = None, good_at: str = "02:30") -> dict[str, Any]:
    return approved_plan({"environment": "production", "scenario": "checkout"}, good_at, rows, [], {"targets": kept or []})


def test_a_second_look_is_the_same_plan() -> None:
    first = plan([row(), row("api")])
    assert plan_hash(plan([row("api", held=True, why="again"), row()])) == plan_hash(first)
    half_done = row(serves=release("a"), to=release("a", live_from="2026-11-22T02:50:00.000Z"), changes=False)
    assert plan_hash(plan([half_done, row("api")], kept=[row(), row("api")])) == plan_hash(first)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (plan([row(serves=release("c"))]), "storefront serves dpl_c (ccccccc, live since 2026-11-22T02:10:00.000Z), not dpl_b"),
        (plan([row(to=release("c"))]), "storefront goes back to dpl_c"),
        (plan([row(), row("api")]), "api is new in it"),
        (plan([]), "storefront is no longer in it"),
        (plan([row()], good_at="02:00"), "it goes back to 02:00, not to 02:30"),
        (plan([row(only_if="it stays broken")]), "a condition or a tier is another"),
        (plan([row()], kept=[row(to=release("c"))]), ""),
    ],
)
def test_another_plan_is_told_by_its_difference(now: dict[str, Any], told: str) -> None:
    before = plan([row()])
    found = differences(before, now)
    assert (plan_hash(before) == plan_hash(now)) == (not found)
    assert found[0].startswith(told) if told else not found


def test_what_has_no_releases_is_approved_by_where_it_goes() -> None:
    def objects(now: str) -> dict[str, Any]:
        shown = {"id": now, "artifact": now, "live_from": now}
        back = "2026-11-22T02:30:00.000Z"
        return row("uploads", shown, to={"id": back, "artifact": back, "live_from": back})

    first, second = plan([objects("2026-11-22T02:41:00.000Z")]), plan([objects("2026-11-22T02:43:00.000Z")])
    assert plan_hash(first) == plan_hash(second)
    assert in_words(first) == ["uploads (frontend, Vercel): what it shows now → 2026-11-22T02:30:00.000Z"]
