"""kill -9 after any line of the journal, and the same command again ends where an undisturbed run ends.

Every fourth line is tried; LASTGOOD_EVERY_CRASH=1 tries all of them.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, read_journal
from tests.playbooks.looking import checkout_works, moves, world

LINES = 31
"""What an undisturbed run writes to its journal; proved below."""
CLOSED = LINES - 1
"""After that it only says that people were told."""
AT = range(1, LINES + 1) if os.environ.get("LASTGOOD_EVERY_CRASH") else range(4, LINES + 1, 4)
DYING = str(Path(__file__).with_name("dying"))


@pytest.fixture
def good(box: Box) -> dict[str, Any]:
    """The world before the storefront and the API were shipped broken."""
    before = world(box)
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    return before


def assert_restored(box: Box, good: dict[str, Any], moved: dict[str, int]) -> None:
    """What was served before, every push held, and no vendor asked to move more than once."""
    assert world(box) == {"served": good["served"], "pushes go live": dict.fromkeys(good["pushes go live"], False)}
    assert checkout_works(box)
    assert moves(box) == moved | {"storefront": moved["storefront"] + 1, "api": moved["api"] + 1}


@pytest.mark.once
def test_an_undisturbed_run(box: Box, operator: Operator, good: dict[str, Any]) -> None:
    moved = moves(box)

    ran = operator.run()

    assert ran.code == 0, ran.screen
    assert_restored(box, good, moved)
    assert len(operator.journal()) == LINES


@pytest.mark.once
@pytest.mark.parametrize("line", AT)
def test_killed_after_a_line_of_the_journal(box: Box, operator: Operator, good: dict[str, Any], line: int) -> None:
    moved = moves(box)
    killed = operator.run(environment={"PYTHONPATH": DYING, "DIES_AT": str(line)})
    assert killed.code == -signal.SIGKILL, killed.screen
    begun = operator.incident()
    assert line <= len(read_journal(begun)) <= line + 3, "other targets may write meanwhile, the run itself may not"

    again = operator.run()

    assert again.code == 0, again.screen
    assert "RESTORED" in again.screen
    assert_restored(box, good, moved)
    last = operator.incidents()[-1]
    journal = [event for incident in operator.incidents() for event in read_journal(incident)]
    assert [event["event"] for event in journal].count("closed") <= 2
    if last == begun:
        assert "taken up again" in again.words
        said = "resumed by" if line < CLOSED else "run again by"  # killed after that line it had nothing left to do
        assert said in (last / "report.md").read_text()
        assert "Interruptions" in (last / "report.html").read_text()
    else:
        assert not [event for event in read_journal(begun) if event["event"] in ("intent", "call")]
    third = operator.run()
    assert third.code == 0, third.screen
    assert "changed=0" in third.screen
    assert_restored(box, good, moved)


@pytest.mark.once
@pytest.mark.parametrize("target", ["storefront", "api"])
def test_the_workers_of_a_killed_run_do_no_harm(box: Box, operator: Operator, good: dict[str, Any], target: str) -> None:
    """kill -9 reaches one process; what it had forked finishes its step beside the next run."""
    moved = moves(box)
    box.set_latency(vendors=2)
    line = {"storefront": 9, "api": 22}[target]
    killed = operator.run(environment={"PYTHONPATH": DYING, "DIES_AT": str(line), "DIES_ALONE": "yes"})
    assert killed.code == -signal.SIGKILL, killed.screen

    again = operator.run()

    assert again.code == 0, again.screen
    assert_restored(box, good, moved)
