"""What the plan foresees: the time, the loss, what the vendor will not keep, and who has to agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import expectation, keeping, losing, plan, requirements
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.releases import Vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.planned import NIGHT, incident, plan_options, reading, release

pytestmark = pytest.mark.once
ROLES = ("lead", "cto", "cfo")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SHOP = {"storefront": reading(release("a", -600), release("b", 0)), "api": reading(release("c", -600), release("d", 1))}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def made(store: Path, facts: dict[str, Any] | None = None, **options: Any) -> tuple[dict[str, Any], str]:
    """The plan, and its screen as one line."""
    result = plan.make_plan(plan_options(**{"incident": incident(store, **(facts or {})), "readings": SHOP, **options}), Run(check=True))
    return result["plan"], " ".join(" ".join(result["screen"]).split())


def ran(store: Store, seconds: float, environment: str = "test", **targets: float) -> Incident:
    fields = {"environment": environment, "scenario": "checkout", "seconds": seconds, "opened_at": moment.iso(NIGHT), "state": "committed"}
    one = store.create(NIGHT, "checkout", fields)
    for target, took in targets.items():
        one.journal.append("result", target=target, kind="release", status="changed", seconds=took)
        one.journal.append("result", target=target, kind="release", status="changed", seconds=99)  # its undo
        one.journal.append("result", target=target, kind="release", status="ok", seconds=0.1)
    return one


def test_each_target_has_its_own_history(tmp_path: Path) -> None:
    for seconds in (10, 20, 30):
        ran(Store(tmp_path), seconds + 5, storefront=seconds)

    planned, screen = made(tmp_path)

    rows = {row["target"]: row["expected"] for row in planned["targets"]}
    assert rows == {"storefront": {"runs": 3, "p50": 20.0, "p95": 29.0}, "api": {"runs": 0}}
    assert "Expected: storefront 20.0 s (p95 29.0 s), api no history." in screen


def test_drills_elsewhere_stand_in_until_there_is_a_run_of_this_environment(tmp_path: Path) -> None:
    ran(Store(tmp_path), 40, environment="staging", storefront=4)
    planned, screen = made(tmp_path)
    assert planned["expected"] == {"runs": 1, "p50": 40.0, "p95": 40.0, "drills_in": "staging"}
    assert "1 earlier run in staging" in screen

    ran(Store(tmp_path), 60)
    assert made(tmp_path)[0]["expected"] == {"runs": 1, "p50": 60.0, "p95": 60.0}


@pytest.mark.parametrize(
    ("expected", "rto", "ago", "verdict"),
    [
        ({"runs": 0}, 900, 60, "cannot say"),
        ({"runs": 3, "p50": 20, "p95": 30}, 900, 60, "fits"),
        ({"runs": 3, "p50": 20, "p95": 30}, 900, 869, "fits"),
        ({"runs": 3, "p50": 20, "p95": 30}, 900, 871, "does not fit"),
        ({"runs": 0}, 900, 901, "does not fit"),
        ({"runs": 3, "p50": 20, "p95": 30}, None, 60, "cannot say"),
    ],
)
def test_whether_what_is_left_of_the_rto_is_enough(expected: dict[str, Any], rto: float | None, ago: float, verdict: str) -> None:
    assert expectation.judge_rto(expected, rto, NOW - timedelta(seconds=ago), NOW)["verdict"] == verdict


LOSSES: dict[str, tuple[dict[str, Any], dict[str, int] | None, str]] = {
    "postgres_restore": (
        {"since": "2026-11-22T02:30:00Z", "seconds": 1623.2, "rows": 312, "uncounted": {}, "how": "by the transactions that wrote the rows",
         "tables": {"public.orders": {"written": 300, "changed_or_deleted": 4}, "public.users": {"written": 12, "changed_or_deleted": 0}}},
        {"public.orders": 300, "public.users": 12},
        "loses 27 min 3 s: 312 rows (orders 300, users 12)",
    ),
    "postgres_restore of a dump": (
        {"since": "2026-11-22T02:30:00Z", "seconds": 60, "rows": 7, "uncounted": {}, "how": "by the numbers of rows",
         "tables": {"public.orders": {"difference": -7}}},
        {"public.orders": 7},
        "loses 60.0 s: about 7 rows (orders 7)",
    ),
    "point in time": (
        {"since": "2026-11-22T02:30:00Z", "seconds": 60, "rows": None, "tables": {}, "uncounted": {}, "how": "counted later"},
        None,
        "loses 60.0 s, rows not counted",
    ),
    "neon_branch": ({"seconds": 1712.0, "since": "2026-11-22T02:37:00.000Z"}, None, "loses 28 min 32 s, rows not counted"),
    "convex_data": (
        {"seconds": None, "since": None, "documents": {"orders": {"lost": 3, "changed": 1}}},
        {"orders": 4},
        "loses nobody knows how much: 4 rows (orders 4)",
    ),
}


@pytest.mark.parametrize("kind", LOSSES)
def test_the_loss_of_a_database_is_a_row_of_the_plan(tmp_path: Path, kind: str) -> None:
    loss, rows, words = LOSSES[kind]

    planned, screen = made(tmp_path, databases={"shop": {"changed": True, "loss": loss}})

    row = planned["targets"][0]
    assert (row["target"], row["tier"], row["changes"], row["loss"]["rows"]) == ("shop", "database", True, rows)
    assert row["loss"]["seconds"] == loss["seconds"]
    assert losing.in_words(row["loss"]) == words
    if rows is None or row["loss"]["estimated"]:
        assert f"shop: the loss is {'estimated ' if rows else ''}{row['loss']['how']}." in screen


def kept_until(days_old: float, vendor: dict[str, Any] | None, own: dict[str, Any] | None = None, newer: int = 1) -> str:
    old = NOW - timedelta(days=days_old)
    target = Release("dpl_1", "a", old, old, True)
    times = [old + timedelta(hours=hour + 1) for hour in range(newer)]
    releases = [target, *(Release(f"dpl_{at}", str(at), at, at, True) for at in times)]
    found = keeping.kept(target, releases, vendor, own, NOW)
    if found is None:
        return ""
    assert keeping.Kept.from_dict(found.as_dict()) == found
    return keeping.warning("web", "Vercel", found, NOW)


@pytest.mark.parametrize(
    ("told", "warning"),
    [
        (kept_until(28, {"days": 30, "sure": True}), "web: Vercel keeps it until Tue 24 Nov 03:00, 48 h 0 min more."),
        (kept_until(20, {"days": 30, "sure": True}), ""),
        (kept_until(28, {"days": 30, "at_least": 5, "sure": True}), ""),
        (
            kept_until(28, {"days": 30, "sure": False}),
            "web: Vercel keeps it until Tue 24 Nov 03:00, or longer by your plan: give retention in the inventory.",
        ),
        (kept_until(28, {"days": 30, "sure": False}, {"days": 90}), ""),
        (kept_until(31, {"days": 30, "sure": True}), "web: Vercel has kept it longer than it says it does, since Sat 21 Nov 03:00."),
        (
            kept_until(9, {"days": 10, "from": "removal", "sure": False}, {"days": 10}),
            "web: Vercel keeps it until Mon 23 Nov 04:00, 25 h 0 min more.",
        ),
        (kept_until(5, None, {"releases": 4}, newer=2), "web: Vercel keeps it for 1 more releases."),
        (kept_until(5, None, {"releases": 9}, newer=2), ""),
        (kept_until(5, None), ""),
    ],
)
def test_what_the_vendor_will_soon_not_keep_is_told(told: str, warning: str) -> None:
    assert told == warning


def test_a_retention_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(Refused, match="retention has no weeks"):
        kept_until(1, None, {"weeks": 2})


def test_who_must_approve_is_on_the_plan(tmp_path: Path) -> None:
    signers = tmp_path / "signers"
    signers.write_text("")
    approvals = {"signers": str(signers), "roles": {"lead": ["anna"], "cto": ["carl"]}, "required": [{"severity": "P1", "by": {"lead": 1}}]}

    planned, screen = made(tmp_path, facts={"decision": {"approval": ["cto"]}}, approvals=approvals)

    assert planned["approvals"] == {"needs": {"cto": 1, "lead": 1}, "by": [], "missing": {"cto": 1, "lead": 1}}
    assert "Needs the approval of 1 cto and 1 lead; missing: 1 cto and 1 lead." in screen
    assert made(tmp_path, approvals={})[0]["approvals"] is None


@given(st.lists(st.sampled_from(ROLES), unique=True), st.dictionaries(st.sampled_from(ROLES), st.integers(0, 2)))
def test_a_decision_only_ever_adds_approvals(decided: list[str], by: dict[str, int]) -> None:
    roles = {role: ["a", "b"] for role in ROLES}
    approvals = {"signers": __file__, "roles": roles, "required": [{"by": by}] if by else []}

    without = requirements.requirements(approvals, "P1", "checkout")
    joined = requirements.requirements(approvals, "P1", "checkout", {"approval": decided})

    needs, before = (joined.needs if joined else {}), (without.needs if without else {})
    assert needs == {role: max(before.get(role, 0), int(role in decided)) for role in {*before, *decided}}


def test_a_decision_that_names_nobody_who_approves_is_refused() -> None:
    with pytest.raises(Refused, match="does not say who must approve"):
        requirements.requirements({}, "P1", "checkout", {"severity": "P1"})
    with pytest.raises(Refused, match="approvals asks for 1 cto"):
        requirements.requirements({}, "P0", "checkout", {"approval": ["cto"]})


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ({"deploymentExpiration": {"expirationDaysProduction": 365, "deploymentsToKeep": 10}}, {"days": 365, "at_least": 10, "sure": True}),
        ({"deploymentExpiration": {"expirationDays": 30}}, None),
        ({"deploymentExpiration": None}, None),
        ({}, None),
    ],
)
def test_vercel_says_how_long_production_is_kept(project: dict[str, Any], expected: dict[str, Any] | None) -> None:
    vercel = object.__new__(Vercel)
    vercel._seen = {"id": "prj_1", **project}
    assert vercel.retention() == expected
