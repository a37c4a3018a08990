"""Exercises where the incident store is a bucket: their evidence is there, for another machine to follow and for anybody to verify."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.record import directory
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, write
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verifying import main

from tests.aws.stores import World
from tests.unit.exercises import Team

pytestmark = pytest.mark.once


def test_the_next_one_is_held_on_another_machine_and_all_are_verified_on_a_third(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    team = Team(tmp_path)
    team.address = world.place
    world.store("one")
    first = team.hold()
    world.store("two")
    second = team.hold()
    world.store("three")
    verify = ["--store", world.place, "--signers", str(team.people.signers)]
    assert main(verify) == 0, capsys.readouterr().out
    screen = capsys.readouterr().out
    assert [f"INTACT    exercise {name}: PASSED" in screen for name in (first, second)] == [True, True]

    store = Store(world.place)
    path = directory(store, first) / "evidence.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, "# EXERCISE PASSED\n")
    assert main(verify) == 1
    assert "evidence.md was changed" in capsys.readouterr().out
