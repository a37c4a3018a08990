"""Measures in the plan: without a moment, kept as first made, compared again, and part of what is approved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import measures, plan, still_so
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.unit.planned import incident, plan_options

TIERS = {"slots": "flags", "api": "backend"}


def condition(instances: int, autoscaling: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"running": True, "instances": {"service": instances}, "autoscaling": autoscaling or {}, "maintenance": None}


FLAG = {"vendor": "LaunchDarkly", "before": True, "after": False, "changed": False, "summary": "would be off"}
SCALED = {"vendor": "Render", "before": condition(2), "after": condition(6), "changed": True, "summary": "would be scaled"}


def make(store: Path, **results: Any) -> dict[str, Any]:
    options = plan_options(incident=incident(store, moment_given=False), readings={}, measures=results, tiers=TIERS)
    return plan.make_plan(options, Run(check=True))


def test_measures_alone_need_no_moment(tmp_path: Path) -> None:
    made = make(tmp_path, slots=FLAG, api=SCALED, other={"skipped": True})
    rows = {row["target"]: row for row in made["plan"]["measures"]}

    assert (made["plan"]["good_at"], made["plan"]["targets"], made["plan"]["changes"]) == (None, [], True)
    assert (rows["slots"]["from"]["id"], rows["slots"]["to"]["id"], rows["slots"]["changes"]) == ("on", "off", True)
    assert (rows["api"]["from"]["id"], rows["api"]["to"]["id"]) == ("instances: service 2", "instances: service 6")
    assert any("instances: service 2" in line and "instances: service 6" in line for line in made["screen"])
    assert make(tmp_path, slots={**FLAG, "before": False})["plan"]["changes"] is False
    with pytest.raises(Refused, match="since when the data is bad"):
        make(tmp_path)


def test_what_could_not_be_foreseen_is_said() -> None:
    failed = {"msg": "…", "summary": "no recovery point has those of api; nothing was changed", "error": "Refused"}
    told = measures.untold({"api": failed, "slots": FLAG, "blog": {"error": "NotOffered", "summary": "Convex has none"}, "db": {}})
    assert told == ["what would have to change at api, which stays as it is: no recovery point has those of api"]


def test_the_hash_covers_them(tmp_path: Path) -> None:
    said, more = {**SCALED, "summary": "in other words"}, {**SCALED, "after": condition(8)}
    first, same, other = (make(tmp_path, api=one)["plan"]["hash"] for one in (SCALED, said, more))
    assert first == same != other


def test_between_the_plan_and_the_start_the_world_may_move(tmp_path: Path) -> None:
    facts = make(tmp_path, api=SCALED)["ansible_facts"]["incident"]

    def again(result: dict[str, Any]) -> dict[str, Any]:
        return still_so.still_so({"incident": facts, "readings": {}, "measures": {"api": result}}, Run())

    assert again(SCALED)["summary"] == "still so at 1 targets"
    with pytest.raises(Refused, match="api is instances: service 8, not instances: service 2"):
        again({**SCALED, "before": condition(8)})


def test_a_service_is_a_measure_only_where_it_remembers_as_one() -> None:
    assert measures.is_measure("service", {"memory": "{{ ansible_facts.incident.directory }}/measures/api.json"})
    assert not measures.is_measure("service", {"memory": "{{ ansible_facts.incident.directory }}/writers/api.json"})
    assert not measures.is_measure("flag", {})
    assert not measures.is_measure("release", {"memory": "x/measures/y"})
