"""The plan: one moment for every target, and what is said about each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NoGoodRelease, NothingBroken, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import deciding, expectation, plan, settling
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.unit.planned import NIGHT, TIERS, incident, plan_options, reading, release


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def make(
    store: Path, readings: dict[str, Any], checks: dict[str, Any] | None = None, forecasts: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    options = {"incident": incident(store, **fields), "readings": readings, "tiers": TIERS, "checks": checks}
    options |= {"forecasts": forecasts or {}, "only_if": {"backend": "checkout stays broken"}}
    return plan.make_plan(plan_options(**options), Run(check=True))


def goes_to(made: dict[str, Any]) -> dict[str, str]:
    return {row["target"]: row["to"]["artifact"] for row in made["plan"]["targets"]}


def test_what_was_shipped_together_goes_back_together(tmp_path: Path) -> None:
    made = make(tmp_path, {"storefront": reading(release("a", -600), release("b", 0)), "api": reading(release("c", -600), release("d", 1))})

    assert goes_to(made) == {"storefront": "a", "api": "c"}
    assert made["plan"]["good_at"] == "2026-11-22T02:37:59.999Z"


def test_a_target_that_did_not_change_since_then_stays(tmp_path: Path) -> None:
    made = make(tmp_path, {"storefront": reading(release("a", -600), release("b", 0)), "api": reading(release("c", -700))})

    assert goes_to(made) == {"storefront": "a", "api": "c"}
    assert [row["changes"] for row in made["plan"]["targets"]] == [True, False]
    assert made["plan"]["foreseen"] == ["frontend"]


def test_only_the_conditional_tier_is_suspect_so_it_is_foreseen(tmp_path: Path) -> None:
    made = make(tmp_path, {"storefront": reading(release("a", -600)), "api": reading(release("c", -700), release("d", 0))})

    assert made["plan"]["foreseen"] == ["backend", "frontend"]


@pytest.mark.parametrize(("late", "goes_back"), [(59, True), (61, False)])
def test_clocks_may_differ_by_a_minute(tmp_path: Path, late: float, goes_back: bool) -> None:
    shop = reading(release("z", -900), release("a", -600), release("b", late / 60))
    made = make(tmp_path, {"storefront": shop, "api": reading(release("c", -950))}, bad_at=moment.iso(NIGHT))

    assert (goes_to(made)["storefront"] == "a") is goes_back


def test_a_moment_that_was_settled_before_stands(tmp_path: Path) -> None:
    settled = moment.iso(NIGHT - timedelta(minutes=601))
    shop = reading(release("z", -900), release("a", -600), release("b", 0))

    assert goes_to(make(tmp_path, {"storefront": shop}, good_at=settled)) == {"storefront": "z"}


def test_a_target_with_nothing_to_go_back_to_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoGoodRelease, match="api: nothing was serving"):
        make(tmp_path, {"storefront": reading(release("a", -600), release("b", 0)), "api": reading(release("d", 1))})


def test_nothing_ever_served(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no target was serving"):
        make(tmp_path, {"storefront": {**reading(release("a", 0)), "releases": []}})


def test_nothing_broken_is_refused_unless_somebody_says_since_when(tmp_path: Path) -> None:
    shop = {"storefront": reading(release("a", -600), release("b", 0))}
    fine = {"verdict": "OK", "summary": "5 of 5 flows pass"}

    with pytest.raises(NothingBroken) as refused:
        make(tmp_path, shop, fine, moment_given=False)
    assert "-e bad_at=" in refused.value.hint
    assert make(tmp_path, shop, fine, moment_given=True)["plan"]["changes"]
    beyond = plan_options(
        incident=incident(tmp_path, moment_given=False), readings=shop, checks=fine, metrics={"verdict": "BAD"}, tiers=TIERS
    )
    assert plan.make_plan(beyond, Run(check=True))["plan"]["changes"], "a metric beyond its limit is reason enough"


def test_everything_that_is_skipped_over_is_condemned(tmp_path: Path) -> None:
    shop = reading(release("a", -600), release("b", -5), release("c", 0))
    made = make(tmp_path, {"storefront": shop}, good_at=moment.iso(NIGHT - timedelta(hours=1)))

    assert made["plan"]["targets"][0]["condemns"] == ["b", "c"]


def test_the_time_expected_comes_from_earlier_incidents_of_the_same_kind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert expectation.expect(expectation.earlier(store, "test", "checkout")[0]) == {"runs": 0}
    for seconds, scenario in [(10, "checkout"), (20, "checkout"), (30, "checkout"), (999, "payments")]:
        fields = {"environment": "test", "scenario": scenario, "seconds": seconds, "opened_at": moment.iso(NIGHT), "state": "committed"}
        newest = store.create(NIGHT, scenario, fields)

    assert expectation.expect(*expectation.earlier(store, "test", "checkout")) == {"runs": 3, "p50": 20.0, "p95": 29.0}
    assert expectation.expect(*expectation.earlier(store, "test", "payments")) == {"runs": 1, "p50": 999.0, "p95": 999.0}
    assert expectation.earlier(store, "test", "payments", newest.fields["id"]) == ([], ""), "taken up again it is not its own history"


@pytest.mark.parametrize(
    ("check", "begun", "verdict", "needed"),
    [
        (False, [], "OK", False),
        (False, [], "BAD", True),
        (False, [], "UNKNOWN", True),
        (False, [], None, True),
        (False, ["backend"], "OK", True),
        (True, [], "OK", True),
    ],
)
def test_whether_the_next_tier_goes_back_too(check: bool, begun: list[str], verdict: str | None, needed: bool) -> None:
    facts = {"scenario": "checkout", "journal": "", "run": "", "plan": {"begun": begun, "foreseen": ["backend"]}}

    decided = deciding.decide({"incident": facts, "tier": "backend", "checks": {"verdict": verdict}, "metrics": None}, Run(check=check))

    assert decided["needed"] is needed


def test_a_vendor_that_cannot_keep_pushes_away_is_named(tmp_path: Path) -> None:
    pushed = {"api": reading(release("a", -600), release("b", 0)) | {"holds": False, "vendor": "Heroku"}}

    screen = " ".join(" ".join(make(tmp_path, pushed)["screen"]).split())

    assert "Heroku cannot keep pushes away: the next one to api goes live." in screen


def test_the_minute_that_is_not_over_yet_is_no_time_ahead(tmp_path: Path) -> None:
    soon = moment.iso(datetime.now(UTC) + timedelta(seconds=40))
    made = make(tmp_path, {"api": reading(release("a", -600), release("b", 0))}, bad_at=soon)

    assert "(0.0 s)" in " ".join(made["screen"])


@pytest.mark.parametrize("copies", [3, 0])
def test_objects_go_back_to_the_moment_that_the_releases_settle(tmp_path: Path, copies: int) -> None:
    shop = reading(release("a", -600), release("b", 0))
    counts = {"copy": copies, "undelete": 0, "hide": 0, "remove": 0, "archived": 0, "keep": 1, "untouched": 9}
    foreseen = {"as_of": "2026-11-22T02:38:00.000Z", "counts": counts, "summary": "s3://shop/: 3 written over again"}
    none = {"skipped": True}
    readings, forecasts = {"storefront": shop, "uploads": none}, {"uploads": foreseen, "storefront": none}
    settled = settling.settle({"incident": incident(tmp_path), "readings": readings, "shipped_together": 1800, "slack": 60}, Run())
    assert settled["good_at"] == settled["ansible_facts"]["incident"]["good_at"] == "2026-11-22T02:37:59.999Z"
    made = make(tmp_path, readings, forecasts=forecasts)

    uploads, storefront = made["plan"]["targets"]
    assert (uploads["target"], storefront["target"]) == ("uploads", "storefront")
    assert (uploads["changes"], uploads["to"]["id"]) == (bool(copies), "2026-11-22T02:38:00.000Z")
    assert moment.parse(uploads["from"]["id"]) <= datetime.now(UTC) - timedelta(seconds=1)
    assert ("3 written over again" in " ".join(made["screen"])) is bool(copies)
    assert goes_to(made)["storefront"] == "a"


def test_the_commands_name_a_scenario_that_is_not_the_usual_one(tmp_path: Path) -> None:
    shop = {"storefront": reading(release("a", -600), release("b", 0))}
    assert "playbooks/undo.yml -e scenario=edge" in " ".join(make(tmp_path, shop, scenario="edge")["screen"])
    assert "-e scenario" not in " ".join(make(tmp_path, shop)["screen"])
