"""What a drill breaks, where it may, and what it came to: PASSED only when everything is known to be as it should."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.beginning import begin
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.ending import end
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.failure import FAILURE, chosen
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.goals import of_recovery
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drills
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import Objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

pytestmark = pytest.mark.once
NAMES = ("checkout-a", "checkout-b", "edge-a")


def failure(name: str, **said: Any) -> dict[str, Any]:
    options = {key: option.get("default") for key, option in FAILURE.items()}
    told = {"says": "It breaks", "tier": "frontend", "scenario": name.partition("-")[0], "playbook": "x.yml", "inject": ["true"]}
    return {**options, "name": name, **told, **said}


def beginning(store: Path, run: Run | None = None, **said: Any) -> dict[str, Any]:
    options = {"store": str(store), "environment_name": "staging", "environment_title": None, "failures": [failure(one) for one in NAMES],
               "failure": "edge", "seed": None, "allowed": True}
    return begin({**options, **said}, run or Run())


def test_one_is_chosen_by_name_by_scenario_or_by_chance_again_the_same_with_the_same_seed() -> None:
    failures = [failure(NAMES[0]), failure(NAMES[1], by_chance=False), failure(NAMES[2])]
    assert chosen(failures, "checkout-b", "")["name"] == "checkout-b"
    assert chosen(failures, "checkout", "")["name"] == "checkout-a"
    by_chance = [chosen(failures, "any", str(seed))["name"] for seed in range(50)]
    assert by_chance == [chosen(failures[::-1], "any", str(seed))["name"] for seed in range(50)]
    assert set(by_chance) == {"checkout-a", "edge-a"}
    with pytest.raises(Refused, match="there is no failure lunch"):
        chosen(failures, "lunch", "")


def test_it_is_refused_where_it_is_not_allowed_and_while_something_is_going_on(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not allow any"):
        beginning(tmp_path, allowed=False)
    assert beginning(tmp_path, allowed=False, failure="list")["listed"]
    fields = {"environment": "staging", "scenario": "edge", "opened_at": "2026-11-22T02:38:00.000Z", "state": "rolled_back"}
    incident = Store(tmp_path).create(datetime(2026, 11, 22, tzinfo=UTC), "edge", fields)
    with pytest.raises(Refused, match="2026-11-22-edge is going on in staging, and it is no drill"):
        beginning(tmp_path)
    incident.update(drill=True)
    assert beginning(tmp_path)["left"] == ["edge"]


def test_in_check_mode_nothing_is_written_and_what_was_not_ended_is_repaired_by_the_next(tmp_path: Path) -> None:
    store = tmp_path / "incidents"
    assert beginning(store, Run(check=True))["drill"]["failure"] == "edge-a"
    assert not store.exists()
    first = beginning(store, failures=[failure("edge-a", repair=["mend it"])])
    second = beginning(store)
    assert second["repair"] == ["mend it"]
    assert "did not come to its end" in " ".join(second["screen"])
    assert [(row["id"], row["state"]) for row in Drills(Store(store), "staging").read()] == [
        (first["drill"]["id"], "given up"), (second["drill"]["id"], "begun")]


DETECTED = {"fired": ["failed checkouts"], "seconds": 3.0, "at": "2026-11-22T02:38:03.000Z", "summary": "failed checkouts 100 %"}
DECIDED = {"action": "roll_back", "summary": "P0, roll back now"}
PLAYED = {"code": 0, "began_at": "2026-11-22T02:38:04.000Z", "ended_at": "2026-11-22T02:38:10.000Z", "took": 6.0}
ILL = {"failed": True, "summary": "it is so"}


@pytest.mark.parametrize(("steps", "words", "code"), [
    ({"quiet": ILL}, "not all was well: it is so", 2),
    ({"broken": {"results": [{"failed": True, "stderr": "no such branch", "msg": "non-zero return code"}]}}, "no such branch", 2),
    ({"detected": ILL}, "nobody noticed: it is so", 2),
    ({"detected": DETECTED, "decided": {"action": "watch", "summary": "P2, watch"}}, "the decision was P2, watch", 2),
    ({"detected": DETECTED, "decided": {"action": "UNKNOWN"}}, "so nothing was rolled back", 2),
    ({"detected": DETECTED, "decided": DECIDED, "played": ILL}, "did not come to its end", 2),
    ({"detected": DETECTED, "decided": DECIDED, "played": {**PLAYED, "code": 11}}, "ended with no verdict, exit code 11", 11),
    ({"detected": DETECTED, "decided": DECIDED, "played": {**PLAYED, "code": -9}}, "exit code -9", 2),
    ({"detected": DETECTED, "decided": DECIDED, "played": PLAYED}, "has judged nothing", 10),
    ({"detected": DETECTED, "decided": DECIDED, "played": {**PLAYED, "code": 11}, "well": ILL}, "not all is well again: it is so", 11),
])
def test_what_is_not_everything_has_failed(tmp_path: Path, steps: dict[str, Any], words: str, code: int) -> None:
    drill = beginning(tmp_path)["drill"]
    options = {"store": str(tmp_path), "environment_name": "staging", "drill": drill, "actions": ["roll_back"], "steps": steps,
               "objectives": {"durations": {"detect": 2}}, "sla": {"frontend": 5}}
    result = end(options, Run())
    assert (result["drill"]["verdict"], result["exit_code"]) == ("FAILED", code)
    assert words in result["drill"]["came_to"]
    (kept,) = Drills(Store(tmp_path), "staging").read()
    assert kept == result["drill"]
    if steps.get("detected") == DETECTED:
        assert not kept["goals"][0]["met"], "three seconds are more than two"


def test_a_loss_that_nobody_knows_is_not_met_where_there_is_data() -> None:
    def judged(tier: str, loss: float | None) -> list[bool]:
        entry = {"scenario": "database", "rto": None, "services": [{"target": "it", "tier": tier, "recovery": 5.0, "loss": loss}]}
        return [one["met"] for one in of_recovery(entry, Objectives(services={tier: {"rto": 10, "rpo": 60}}), None)]

    assert judged("database", None) == [True, False]
    assert judged("database", 30.0) == [True, True]
    assert judged("frontend", None) == [True, True]
    assert judged("objects", None) == [True], "no incident records it, and nobody claims that it was met"
    assert judged("objects", 90.0) == [True, False]


@pytest.mark.parametrize(("at_the_latest", "met"), [(None, False), (9.0, True), (11.0, False)])
def test_a_service_was_well_again_with_the_verdict_at_the_latest(at_the_latest: float | None, met: bool) -> None:
    entry = {"scenario": "edge", "rto": None, "services": [{"target": "it", "tier": "objects", "recovery": None, "loss": 0.0}]}
    (goal,) = of_recovery(entry, Objectives(services={"it": {"rto": 10}}), at_the_latest)
    assert (goal["seconds"], goal["met"]) == (at_the_latest, met)
