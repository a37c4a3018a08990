"""Exercises: what is drilled, when it is refused before anything is broken, taken up, judged, and what it shows of controls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise import controls
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import LEVELS, chosen
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.told import judge_told
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.unit.exercises import ANNA, MESSAGES, Team
from tests.unit.test_drill import failure

pytestmark = pytest.mark.once


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def test_one_failure_of_each_level_is_chosen_again_the_same_with_the_same_seed() -> None:
    failures = [failure(name) for name in "abcdef"]
    exercise = {"levels": {level: list("abcde") for level in LEVELS}, "communication": {"failure": "f"}}
    drawn = [[step["failure"] for step in chosen(exercise, failures, "x", str(seed))] for seed in range(30)]
    assert drawn == [[step["failure"] for step in chosen(exercise, failures, "x", str(seed))] for seed in range(30)]
    assert {one[0] for one in drawn} == set("abcde")
    steps = chosen(exercise, failures, "x", "1")
    assert [step["step"] for step in steps] == [*LEVELS, "communication"]
    assert [step["variables"].get("deliver_notifications") for step in steps] == [*[None] * 5, True]
    assert len({step["seed"] for step in steps}) == 6


@pytest.mark.parametrize(("said", "words"), [
    ({"levels": {"flag": []}}, "flag has no failure to be drilled"),
    ({"levels": {"flag": ["lunch"]}}, "flag is to be drilled with lunch, and there is no such failure"),
    ({"levels": {}, "left_out": {"flag": "why"}}, "configuration has no failure to be drilled"),
    ({"left_out": {"flag": "why"}}, "flag has a failure and is left out"),
    ({"communication": None}, "communication has no failure to be drilled"),
])
def test_a_level_without_a_failure_is_refused_and_named(team: Team, said: dict[str, Any], words: str) -> None:
    exercise = {**team.options()["exercise"], **said}
    with pytest.raises(Refused, match=words):
        team.begin(exercise=exercise)
    assert not team.store.exists()


@pytest.mark.parametrize(("said", "words"), [
    ({"allowed": False}, "does not allow any drills"),
    ({"test_messages": False}, "would not say that they are a test"),
    ({"key": None}, "there is no key to sign the evidence with"),
    ({"key": "/nowhere"}, "there is no key /nowhere"),
])
def test_it_is_refused_before_anything_is_broken(team: Team, said: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        team.begin(**said)
    assert not team.store.exists()


def test_a_key_that_would_not_count_is_refused_at_the_beginning(team: Team) -> None:
    with pytest.raises(Refused, match="lists the key for nobody"):
        team.begin(key=str(team.people.add("mallory@x.com", listed=False)))
    with pytest.raises(Refused, match="would not count: it was signed with a key that allowed_signers does not permit"):
        team.begin(key=str(team.people.add("ben@x.com", 'namespaces="lastgood"')))
    assert team.begin(key=None, unsigned=True)["exercise"]["signer"] is None


def test_one_that_was_broken_off_is_taken_up_and_what_has_ended_is_not_repeated(team: Team) -> None:
    assert len(team.begin(Run(check=True))["steps"]) == 6
    assert not team.store.exists()
    first = team.begin()
    team.drill(first["steps"][0])
    again = team.begin(seed="8")
    assert again["exercise"]["name"] == first["exercise"]["name"]
    assert again["steps"] == first["steps"][1:]
    assert "1 of 6 drills have ended and are not repeated" in " ".join(" ".join(again["screen"]).split())
    for step in again["steps"]:
        team.drill(step)
    ended = team.end(first["exercise"]["name"])
    assert (ended["verdict"], ended["exit_code"], set(ended["controls"].values())) == ("PASSED", 0, {"shown"})
    assert team.begin()["exercise"]["name"] == f"{first['exercise']['name']}-2"


@pytest.mark.parametrize(("said", "verdict", "code"), [
    ({}, "PASSED", 0),
    ({"verdict": "FAILED", "came_to": "restored, but late", "exit_code": 10, "goal": False}, "FAILED", 10),
    ({"verdict": "FAILED", "came_to": "nobody noticed", "exit_code": 2}, "FAILED", 11),
    ({"verdict": "FAILED", "came_to": "NOT RESTORED", "exit_code": 11}, "FAILED", 11),
    ({"state": "given up"}, "FAILED", 11),
])
def test_what_it_came_to_is_what_its_worst_drill_came_to(team: Team, said: dict[str, Any], verdict: str, code: int) -> None:
    begun = team.begin()
    for step in begun["steps"]:
        team.drill(step, **(said if step["step"] == "database" else {}))
    ended = team.end(begun["exercise"]["name"])
    assert (ended["verdict"], ended["exit_code"]) == (verdict, code)
    backups = ended["controls"]["ISO 27001 A.8.13"]
    assert backups == ("shown" if not said else "not shown" if "state" in said else "shown, with findings")
    assert (ended["controls"]["SOC 2 A1.3"] == "shown") == (not said)


def test_without_a_signature_it_says_so_in_its_title_and_does_not_answer_0(team: Team) -> None:
    begun = team.begin(unsigned=True)
    for step in begun["steps"]:
        team.drill(step)
    ended = team.end(begun["exercise"]["name"], unsigned=True)
    assert (ended["verdict"], ended["exit_code"]) == ("PASSED", 10)
    place = team.place(begun["exercise"]["name"])
    assert (place / "evidence.md").read_text().startswith("# EXERCISE PASSED, NOT SIGNED")
    assert "<title>EXERCISE PASSED, NOT SIGNED" in (place / "evidence.html").read_text()
    assert ended["controls"]["ISO 27001 A.5.29"] == "not shown"
    (judged,) = team.verified().values()
    assert judged.state == "UNSIGNED"


def told(*stages: tuple[str, int, str]) -> list[dict[str, Any]]:
    return [{"channel": "c", "stage": stage, "number": number, "state": state} for stage, number, state in stages]


@pytest.mark.parametrize(("messages", "wrong"), [
    ([], ["nobody was told anything"]),
    (told(("started", 1, "sent"), ("progress", 1, "sent"), ("progress", 2, "sent"), ("restored", 1, "sent")), []),
    (told(("started", 1, "queued"), ("started", 1, "sent"), ("restored", 1, "sent")), []),
    (told(("started", 1, "not delivered"), ("restored", 1, "not delivered")), ["c was not told that it began",
                                                                              "c was not told what came of it"]),
    (told(("started", 1, "sent"), ("started", 1, "sent"), ("restored", 1, "sent")), ["c was told 'started' 2 times"]),
    (told(("started", 1, "sent"), ("progress", 1, "queued"), ("restored", 1, "sent")), ["'progress' was queued for c"]),
])
def test_everybody_is_told_everything_once(messages: list[dict[str, Any]], wrong: list[str]) -> None:
    assert judge_told(messages) == wrong


def test_an_exercise_whose_messages_did_not_arrive_has_failed(team: Team) -> None:
    begun = team.begin()
    for step in begun["steps"]:
        team.drill(step, messages=[{**MESSAGES[0], "state": "failed"}])
    ended = team.end(begun["exercise"]["name"])
    assert (ended["verdict"], ended["exit_code"], ended["controls"]["ISO 22301 8.4"]) == ("FAILED", 10, "not shown")


def test_a_control_with_no_evidence_is_not_shown_and_every_part_is_known(team: Team) -> None:
    named = {part for control in controls.controls() for part in control["shown_by"]}
    assert named == set(controls.PARTS)
    nothing: dict[str, Any] = {"steps": [], "signer": ANNA, "communication": None}
    assert {one["state"] for one in controls.judge_controls(nothing)} == {"not shown"}


def test_the_trends_compare_with_the_newest_exercise_that_knows(team: Team) -> None:
    first = team.hold(seconds=20.0)
    second = team.hold(seconds=12.0)
    trends = team.evidence(second)["trends"]
    assert trends["steps"]["database"]["total"] == {"now": 12.0, "before": 20.0, "change": -8.0}
    assert [point["name"] for point in trends["exercises"]] == [first, second]
    assert team.evidence(first)["trends"]["steps"]["flag"]["total"] == {"now": 20.0, "before": None, "change": None}
    page = (team.place(second) / "evidence.html").read_text()
    assert page.count('class="trend"') == 5
    assert "8.0 s less than before" in page
