"""Taking a watch up, waiting for its looks, and when it is over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import checked
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch import ARGUMENTS, WATCH
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_look import LOOK
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_turn import TURN
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

pytestmark = pytest.mark.once
NOW = datetime.now(UTC)
RELEASE = Release("dpl_1", "c0ffe" * 8, NOW, NOW, True).as_dict()


@pytest.fixture
def another() -> Iterator[int]:
    """Somebody else's process."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.kill()
    process.communicate()


def incident(root: Path, state: str = "rolled_back", scenario: str = "checkout", verdict: str = "RESTORED") -> Incident:
    fields = {"environment": "production", "environment_title": "PRODUCTION", "scenario": scenario, "severity": "P1",
              "reason": "orders fail", "lead": "maria",
              "opened_at": moment.iso(NOW), "bad_at": moment.iso(NOW), "state": state, "verdict": verdict, "condemned": {}}
    made = Store(root).create(NOW, scenario, fields)
    made.run = "r"
    made.journal.append("result", kind="release", target="shop", status="changed", held=True, to=RELEASE)
    made.journal.append("checked", phase="after frontend", verdict="OK", checks=[checked("buy", "OK")])
    if state != "started":
        made.journal.append("verdict", verdict=verdict)
    return made


def take_up(root: Path, process: int | None = None, check: bool = False, **options: Any) -> dict[str, Any]:
    given = {name: option.get("default") for name, option in ARGUMENTS.items()}
    given |= {"store": str(root), "environment_name": "production", "scenario": "checkout", "every": "3600", "lasts": "3600", **options}
    return outcome(WATCH, given, Run(process=process or os.getpid(), check=check))


def turn(facts: dict[str, Any]) -> dict[str, Any]:
    return outcome(TURN, {"incident": facts}, Run(process=os.getpid()))


def look(facts: dict[str, Any], count: int = 1, verdict: str = "OK", **options: Any) -> dict[str, Any]:
    store = Store(facts["store"]).find(facts["id"], facts["run"])
    store.journal.append("checked", phase=f"watch {count}", verdict=verdict, checks=[checked("buy", verdict)])
    reading = {"serving": RELEASE, "held": True, "holds": True} | options.pop("reading", {})
    return outcome(LOOK, {"incident": facts, "number": count, "readings": {"shop": reading}, "hold_again": False, **options},
                   Run(process=os.getpid()))


def events(one: Incident) -> list[str]:
    return [event["event"] for event in one.journal.events()]


def test_a_watch_from_its_first_look_to_its_end(tmp_path: Path) -> None:
    one = incident(tmp_path)
    taken = take_up(tmp_path, lasts="0", commit=True)
    assert (taken["targets"], taken["kinds"]) == ([], [])
    facts = taken["ansible_facts"]["incident"]

    assert turn(facts)["phase"] == "watch 1"
    assert look(facts)["summary"] == "look 1: all well"
    over = turn(facts)

    assert (over["over"], over["finished"], over["commit"], over["exit_code"]) == (True, True, True, 0)
    assert events(one)[-1] == "watched"
    assert "watch 1" in (one.directory / "report.md").read_text()
    assert Lock(tmp_path, f"watch-{one.directory.name}").holder() is None
    assert take_up(tmp_path)["screen"][1].startswith("Watched now")


def test_nothing_is_committed_after_another_verdict(tmp_path: Path) -> None:
    incident(tmp_path, verdict="PARTIAL")
    facts = take_up(tmp_path, lasts="0", commit=True)["ansible_facts"]["incident"]
    turn(facts)
    look(facts)
    assert turn(facts)["commit"] is False


@pytest.mark.parametrize(("state", "words"), [
    ("committed", "no checkout incident is going on in production"), ("started", "has not come to its end"),
])
def test_there_has_to_be_something_to_watch(tmp_path: Path, state: str, words: str) -> None:
    incident(tmp_path, state)
    assert words in take_up(tmp_path)["msg"]


@pytest.mark.parametrize("wrong", [{"every": "soon"}, {"every": "0"}, {"lasts": "-1"}, {"every": "1 s", "lasts": "2 h"}, {"every": "nan"}])
def test_a_pace_that_is_none(tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert take_up(tmp_path, **wrong)["error"] == "Refused"


def test_check_mode_only_says_it(tmp_path: Path) -> None:
    one = incident(tmp_path)
    before = events(one)
    taken = take_up(tmp_path, check=True)
    assert (taken["looks"], events(one)) == ([], before)
    assert taken["ansible_facts"]["incident"]["journal"] == ""


def test_two_watches_at_once(tmp_path: Path, another: int) -> None:
    one = incident(tmp_path)
    take_up(tmp_path, process=another)
    refused = take_up(tmp_path)
    assert f"maria is watching {one.directory.name} since" in refused["msg"]
    name = Lock(tmp_path, f"watch-{one.directory.name}").refusal()
    assert "reason" in take_up(tmp_path, break_lock=name)["msg"]
    assert "failed" not in take_up(tmp_path, break_lock=name, break_lock_reason="its container is gone")
    assert "overridden" in events(one)


@pytest.mark.parametrize("state", ["committed", "undone"])
def test_it_ends_when_the_incident_has(tmp_path: Path, state: str) -> None:
    one = incident(tmp_path)
    facts = take_up(tmp_path)["ansible_facts"]["incident"]
    one.update(state=state)
    before = events(one)
    over = turn(facts)
    assert (over["over"], over["finished"], over["exit_code"]) == (True, False, 0)
    assert over["summary"] == f"the watch ends: {one.directory.name} was {state}"
    assert events(one) == before, "what has ended is not written to any more"


def test_it_ends_when_another_incident_has_begun(tmp_path: Path) -> None:
    incident(tmp_path, scenario="search")
    one = incident(tmp_path)
    facts = take_up(tmp_path)["ansible_facts"]["incident"]
    assert turn(facts)["due"]
    look(facts)
    other = incident(tmp_path, "started", scenario="edge")
    assert turn(facts)["summary"] == f"the watch ends: another incident has begun: {other.directory.name}"
    assert events(one)[-1] == "watch_ended"


def test_a_look_that_a_rollback_came_into_does_not_count(tmp_path: Path, another: int) -> None:
    one = incident(tmp_path)
    facts = take_up(tmp_path)["ansible_facts"]["incident"]
    turn(facts)
    lock = Lock(tmp_path, "production")
    lock.take({"by": "paul", "environment": "production", "incident": one.directory.name, "reason": ""}, another)
    assert look(facts, verdict="BAD", reading={"held": False})["counts"] is False
    lock.release(another)
    assert "watch_look" not in events(one)
    assert turn(facts)["number"] == 1


def test_a_hold_is_put_back_under_the_lock_of_the_environment(tmp_path: Path, another: int) -> None:
    incident(tmp_path)
    facts = take_up(tmp_path, lasts="0")["ansible_facts"]["incident"]
    lock = Lock(tmp_path, "production")
    turn(facts)
    seen = look(facts, reading={"held": False}, hold_again=True)
    assert (seen["hold_again"], [flag["name"] for flag in seen["flags"]]) == (["shop"], ["hold of shop"])
    assert lock.other(another)
    over = turn(facts)
    assert (over["exit_code"], over["commit"]) == (14, False)
    assert lock.holder() is None
