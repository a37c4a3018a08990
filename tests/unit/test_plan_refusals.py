"""A plan that does not fit, or that is no longer the one that was shown, is refused; and what lifts a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import plan, refusals, shown, still_so
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.unit.planned import NIGHT, incident, plan_options, reading, release

pytestmark = pytest.mark.once
SHOP = {"storefront": reading(release("a", -600), release("b", 0)), "api": reading(release("c", -600), release("d", 1))}
NEEDS = {"storefront": [], "api": ["storefront"]}
WHY = {"override_reason": "nobody can buy"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def make(store: Path, check: bool = True, facts: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    given = {"incident": incident(store, **(facts or {})), "readings": SHOP, "only_if": {"backend": "checkout stays broken"}, **options}
    return plan.make_plan(plan_options(**given), Run(check=check))


def refused(store: Path, **options: Any) -> Refused:
    with pytest.raises(Refused) as error:
        make(store, **options)
    return error.value


def test_a_conditional_tier_that_would_stay_newer_is_refused_with_what_fits(tmp_path: Path) -> None:
    error = refused(tmp_path, depends_on=NEEDS)

    assert error.message.startswith("api would be newer than storefront: its id-d went live on Sun 22 Nov 02:39")
    assert "These fit without the others: the same command with --limit api." in error.hint
    assert error.facts["refusal"].startswith("coherence-")
    assert make(tmp_path, depends_on=NEEDS, only_if={})["plan"]["changes"], "both of them go back in any case"
    assert make(tmp_path, depends_on={"api": [], "storefront": "api"})["plan"]["against"] is None


def test_the_nearest_moment_that_fits_is_named(tmp_path: Path) -> None:
    shop = {"api": reading(release("c", -900), release("d", -600), release("c", -300), release("e", 0))}
    schema = {"api": {"migrations": [{"name": "m1", "finished_at": moment.iso(NIGHT.replace(hour=0)), "rolled_back_at": None}]}}
    breaking = {"api": {"m1": True}}
    at = {"good_at": "2026-11-21T17:00:00Z"}

    error = refused(tmp_path, readings=shop, schemas=schema, breaking=breaking, facts=at)

    assert "api would be older than the schema can bear: m1 breaks what ran before it" in error.message
    assert "Nearest set that fits: api → id-c. The same command with -e good_at=2026-11-21T16:37:59.999Z" in error.hint
    found = make(tmp_path, readings=shop, schemas=schema, breaking=breaking, facts={"good_at": "2026-11-21T16:37:59.999Z"})
    assert found["plan"]["targets"][0]["to"]["artifact"] == "c"
    told = make(tmp_path, readings=shop, schemas=schema, facts=at)
    assert told["plan"]["unknown"] == ["whether id-d of api can live with m1 is not known"]
    assert "Not known: whether id-d of api can live with m1 is not known." in " ".join(" ".join(told["screen"]).split())


def test_a_target_that_the_inventory_does_not_know(tmp_path: Path) -> None:
    assert refused(tmp_path, depends_on={"api": ["warehouse"]}).message == "api depends on warehouse, which the inventory does not know"


def test_an_override_names_the_refusal_and_is_recorded_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    fields = {"environment": "test", "scenario": "checkout", "opened_at": moment.iso(NIGHT), "state": "open", "good_at": None}
    opened = store.create(NIGHT, "checkout", fields)
    facts = {"directory": str(opened.directory), "id": opened.fields["id"]}
    name = refused(tmp_path, facts=facts, depends_on=NEEDS).facts["refusal"]

    assert "is not the refusal that stands in the way" in refused(
        tmp_path, facts=facts, depends_on=NEEDS, override="coherence-00000000", **WHY
    ).message
    assert refused(tmp_path, facts=facts, depends_on=NEEDS, override=name).message == "an override needs a reason"
    assert refused(tmp_path, facts=facts, depends_on=NEEDS, override="approval-00000000", **WHY).facts["refusal"] == name
    made = make(tmp_path, check=False, facts=facts, depends_on=NEEDS, override=name, **WHY)
    make(tmp_path, check=False, facts=facts, depends_on=NEEDS, override=name, **WHY)
    again = make(tmp_path, check=False, facts=facts, depends_on=NEEDS)

    assert made["plan"]["against"]["id"] == again["plan"]["against"]["id"] == name
    assert f"! Goes on against {name}: api would be newer" in " ".join(" ".join(again["screen"]).split())
    checked = make(tmp_path, facts={"id": opened.fields["id"]}, depends_on=NEEDS)
    assert checked["plan"]["against"]["id"] == name, "a check knows what a run would take up"

    (event,) = [event for event in opened.journal.events() if event["event"] == "overridden"]
    assert (event["id"], event["by"], event["reason"]) == (name, "maria", "nobody can buy")
    assert refusals.overridden(opened.journal.events(), name) == event


def test_what_is_half_done_is_seen_through(tmp_path: Path) -> None:
    assert make(tmp_path, facts={"resumed": True, "touched": ["storefront"]}, depends_on=NEEDS)["plan"]["changes"]


def test_the_plan_that_was_shown_or_none(tmp_path: Path, cache: Path) -> None:
    first = make(tmp_path)["plan"]["hash"]
    later = {**SHOP, "api": reading(release("c", -600), release("e", 1))}

    assert make(tmp_path, plan=first[:8])["plan"]["hash"] == make(tmp_path, plan=first.upper())["plan"]["hash"] == first
    assert "to apply this one or none: -e plan=" + first[:8] in " ".join(" ".join(make(tmp_path)["screen"]).split())
    error = refused(tmp_path, plan=first[:8], readings=later)
    assert error.message.startswith(f"the plan has changed since it was shown as {first[:8]}: api serves id-e (live since ")
    for path in (cache / "lastgood" / "plans").iterdir():
        path.write_text("{")
    assert "what it was is not remembered here" in refused(tmp_path, plan=first[:8], readings=later).message
    assert "is not the hash of a plan" in refused(tmp_path, plan="latest").message


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert make(tmp_path)["plan"]["changes"]


def test_old_plans_are_forgotten(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(tmp_path)["plan"]
    monkeypatch.setattr(shown, "KEPT", -1)
    shown.remember(made["approve"], "f" * 64)
    assert [path.name for path in (cache / "lastgood" / "plans").iterdir()] == ["ffffffff.json"]


def test_between_the_plan_and_the_start_the_world_may_move(tmp_path: Path) -> None:
    facts = make(tmp_path)["ansible_facts"]["incident"]

    assert still_so.still_so({"incident": facts, "readings": SHOP, "measures": {}}, Run())["summary"] == "still so at 2 targets"
    assert still_so.still_so({"incident": facts, "readings": {"api": {"skipped": True}}, "measures": {}}, Run()) == {}
    pushed = {**SHOP, "storefront": reading(release("a", -600), release("b", 0), release("f", 9))}
    with pytest.raises(Refused, match="the plan has changed since it was shown: storefront serves id-f"):
        still_so.still_so({"incident": facts, "readings": pushed, "measures": {}}, Run())
