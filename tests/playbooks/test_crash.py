"""kill -9 after any line of the journal, and the same command again ends where an undisturbed run ends, in every scenario.

Which lines there are an undisturbed run says. A kill or two of each scenario are tried; LASTGOOD_EVERY_CRASH=1 tries all, 8 every eighth.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import verifying

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import checkout_works, everything, moves, state_hash
from tests.playbooks.scenarios import DYING, SCENARIOS, Broken, killed
from tests.playbooks.test_approvals import Team

pytestmark = pytest.mark.once
EVERY = int(os.environ.get("LASTGOOD_EVERY_CRASH") or 0)
OVER = "incident is going on in sandbox; nothing was changed"


def told(box: Box) -> Counter[tuple[str, int]]:
    """By stage and number, how often Slack's thread has it; and how many messages begin one."""
    about = [(row.get("metadata") or {}).get("event_payload", {}) for row in box.state()["slack"]["messages"]]
    return Counter((row.get("stage", ""), row.get("number", 0)) for row in about)


class Life:
    """One scenario lived through undisturbed: broken, rolled back, and then undone, and committed as well.

    C(lines) has for each command the first and the last line that it writes, C(left) the state it leaves.
    """

    def __init__(self, broken: Broken) -> None:
        self.broken, self.box = broken, broken.box
        self.lines: dict[str, range] = {}
        self.left: dict[str, dict[str, Any]] = {"good": everything(self.box)}
        broken.break_it().remember("broken")
        broken.recall("broken")  # no edge has anything in its cache
        self.left["broken"] = everything(self.box)
        self._live("rollback", broken.roll_back)
        broken.remember("rolled_back")

    def _live(self, name: str, command: Callable[..., Ran]) -> None:
        before = self.broken.lines()
        ran = command()
        assert ran.code == 0, ran.screen
        self.lines[name] = range(before + 1, self.broken.lines() + 1)
        self.left[name] = everything(self.box) | {"told": told(self.box)}

    def ends(self, name: str) -> None:
        """Undone or committed, after which nothing can be undone any more; then as it was again."""
        self._live(name, getattr(self.broken, name))
        if name == "undo":
            assert self.broken.undone() == self.broken.undone(self.left["broken"])
            assert state_hash(self.broken.undone()) == state_hash(self.broken.undone(self.left["broken"]))
        ran = self.broken.undo()
        assert (ran.code, OVER in ran.words) == (2, True), ran.screen
        assert everything(self.box) | {"told": told(self.box)} == self.left[name]
        self.broken.recall("rolled_back")

    def at(self, name: str, death: int) -> Iterator[int]:
        """The lines after which it is killed: all, or each so many, or one; others for each scenario and death."""
        lines, place = self.lines[name], SCENARIOS.index(self.broken.scenario) * 5 + death * 3
        yield from lines[place % EVERY :: EVERY] if EVERY else [lines[place % 13 * len(lines) // 13]]

    def again(self, command: Callable[..., Ran], name: str) -> None:
        """The same command ends where it ends undisturbed, and everybody was told once."""
        ran = command()
        assert ran.code == 0 or (name != "rollback" and OVER in ran.words), ran.screen
        assert everything(self.box) | {"told": told(self.box)} == self.left[name]
        assert verifying.main(["--store", str(self.broken.operator.store)]) == 0


def rollback_then_again(life: Life, line: int) -> None:
    broken = life.broken
    broken.recall("broken")
    moved = moves(life.box)
    killed(broken.roll_back, line, **alone(line))
    begun = broken.operator.incident()
    life.again(broken.roll_back, "rollback")
    if broken.operator.incidents()[-1] == begun:
        assert "Interruptions" in (begun / "report.html").read_text()
    most = broken.scenario.moves
    assert {target: now - moved[target] for target, now in moves(life.box).items() if now - moved[target] > most} == {}, "moved twice"
    if not EVERY:
        third = broken.roll_back()
        assert (third.code, third.totals[1]) == (0, 0), third.screen


def rollback_then_undo(life: Life, line: int) -> None:
    """Somebody thinks better of it instead."""
    life.broken.recall("broken")
    killed(life.broken.roll_back, line, **alone(line))
    undone = life.broken.undo()
    assert undone.code == 0 or OVER in undone.words, undone.screen
    assert life.broken.undone() == life.broken.undone(life.left["broken"])


def undo_then_again(life: Life, line: int) -> None:
    life.broken.recall("rolled_back")
    killed(life.broken.undo, line, **alone(line))
    life.again(life.broken.undo, "undo")


def commit_then_again(life: Life, line: int) -> None:
    life.broken.recall("rolled_back")
    killed(life.broken.commit, line, **alone(line))
    life.again(life.broken.commit, "commit")


Death = Callable[[Life, int], None]
DEATHS: tuple[Death, ...] = (rollback_then_again, rollback_then_undo, undo_then_again, commit_then_again)


def alone(line: int) -> dict[str, str]:
    """Every other time its workers survive it: kill -9 reaches one process."""
    return {"DIES_ALONE": "yes"} if line % 2 else {}


def lives() -> Iterator[Any]:
    """Each scenario with one of the deaths, two of them with two; or all scenarios with all."""
    for number, scenario in enumerate(SCENARIOS):
        deaths = DEATHS[number % 2 :: 2] if number < 2 else (undo_then_again, rollback_then_undo)[number % 2 : number % 2 + 1]
        if EVERY or scenario.often:
            yield pytest.param(scenario, DEATHS if EVERY else deaths, id=scenario.name)


@pytest.mark.parametrize(("broken", "deaths"), list(lives()), indirect=["broken"])
def test_killed_after_a_line_of_the_journal(broken: Broken, deaths: tuple[Death, ...], subtests: pytest.Subtests) -> None:
    life = Life(broken)
    for death in deaths:
        command = death.__name__.split("_", 1)[0]
        if command != "rollback":
            life.ends(command)
        for line in life.at(command, DEATHS.index(death)):
            with subtests.test(death.__name__, line=line):
                death(life, line)
        broken.recall("rolled_back")


def test_killed_while_approvals_are_awaited(box: Box, operator: Operator, tmp_path: Path) -> None:
    """Killed before it has stopped for them, it stops again, and one signature is enough for it to go on."""
    broken = Broken(SCENARIOS[0], box, operator).break_it()
    team = Team(operator, tmp_path)
    broken.remember("broken")
    assert team.run(leads=1).code == 13
    before, lines = everything(box), broken.lines()
    for line in range(1, lines + 1) if EVERY else [lines - 1]:
        broken.recall("broken")
        killed(lambda **more: team.run(leads=1, **more), line, **alone(line))
        assert team.run(leads=1).code == 13
        assert everything(box) == before
        assert team.approve("anna@x.com").returncode == 0
        ran = team.run(leads=1)
        assert ran.code == 0, ran.screen
        assert checkout_works(box)


def test_killed_while_people_are_told(box: Box, operator: Operator, tmp_path: Path) -> None:
    """Before each writing of told.json: what was sent without having been written down is found in Slack."""
    broken, counts = Broken(SCENARIOS[0], box, operator).break_it(), tmp_path / "counts"
    counting = {"PYTHONPATH": DYING, "DIES_IN": "told.json", "DIES_COUNTS": str(counts)}
    broken.remember("broken")
    ran = broken.roll_back(environment={**counting, "DIES_AT": "1000"})
    assert ran.code == 0, ran.screen
    writings, undisturbed = counts.stat().st_size, told(box)
    assert undisturbed["restored", 1] == undisturbed["", 0] == 1
    for writing in range(1, writings + 1) if EVERY else [writings]:
        broken.recall("broken")
        counts.unlink()
        killed(broken.roll_back, writing, **counting)
        again = broken.roll_back()
        assert again.code == 0, again.screen
        assert told(box) == undisturbed
        assert verifying.main(["--store", str(operator.store)]) == 0


@pytest.mark.parametrize("target", ["storefront", "api"])
def test_the_workers_of_a_killed_run_do_no_harm(box: Box, operator: Operator, target: str) -> None:
    """What it had forked finishes its step beside the next run."""
    good = everything(box)["serving"]
    broken = Broken(SCENARIOS[1], box, operator).break_it()
    moved = moves(box)
    box.set_latency(vendors=2)
    killed(broken.roll_back, target, DIES_ON="call", DIES_ALONE="yes")

    again = broken.roll_back()

    assert again.code == 0, again.screen
    assert everything(box)["serving"] == good
    assert checkout_works(box)
    assert moves(box) == moved | {"storefront": moved["storefront"] + 1, "api": moved["api"] + 1}
