"""Two people roll the same environment back: the second is told, and changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, ended
from tests.playbooks.looking import checkout_works, moves

pytestmark = pytest.mark.once

SEARCH = {"search": [{"name": "search", "url": "http://127.0.0.1:1/"}]}
SETTLES = 10
"""Seconds that the first run is busy for: longer than a second run takes to be refused."""


def until(process: subprocess.Popen[str], words: str) -> None:
    """Return once the run has shown the words."""
    assert process.stdout is not None
    assert any(words in line for line in process.stdout), f"the run ended without '{words}'"


@pytest.fixture(autouse=True)
def broken(box: Box) -> None:
    box.ship("storefront", "breaks-checkout")


@pytest.fixture
def first(box: Box, operator: Operator) -> subprocess.Popen[str]:
    """A run that holds the lock."""
    box.set_latency(**{"vercel.settle": SETTLES})
    run = operator.start(reason="orders fail", lead="maria")
    until(run, "accepted, waiting")
    return run


@pytest.mark.parametrize(
    ("playbook", "more"),
    [
        pytest.param("rollback-checkout.yml", {}, id="the same scenario"),
        pytest.param("tests/playbooks/plays/search.yml", {"flows": SEARCH}, id="another scenario"),
    ],
)
@pytest.mark.once
def test_the_second_is_told_who_since_when_and_why(
    box: Box, operator: Operator, first: subprocess.Popen[str], playbook: str, more: dict[str, Any]
) -> None:
    moved = moves(box)

    second = operator.run(playbook=playbook, lead="tom", **more)

    assert first.poll() is None, "the first run ended too soon to tell"
    assert second.code == 2, second.screen
    assert "maria is rolling sandbox back since 20" in second.words
    assert f"-checkout: orders fail; process {first.pid} on " in second.words
    assert "nothing was changed" in second.words
    assert "Talk to maria." in second.words
    done = ended(first)
    assert done.code == 0, done.screen
    assert "RESTORED" in done.screen
    assert checkout_works(box)
    assert moves(box) == moved | {"storefront": moved["storefront"] + 1}


def test_the_lock_of_a_dead_run_is_taken_over(box: Box, operator: Operator, first: subprocess.Popen[str]) -> None:
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()

    again = operator.run(lead="tom")

    assert again.code == 0, again.screen
    assert "lock taken over from a run of maria that died" in again.words
    assert checkout_works(box)


@pytest.mark.once
def test_a_lock_of_another_host_is_respected(box: Box, operator: Operator) -> None:
    """Nobody here can tell whether that run is alive."""
    state = box.state()
    operator.store.mkdir()
    holder = {"by": "maria", "environment": "sandbox", "incident": "2026-11-22-checkout", "reason": "orders fail"}
    there = {"since": "2026-11-22T02:38:00.000Z", "host": "bastion", "process": 7, "started": 1.0}
    (operator.store / ".lock-sandbox.json").write_text(json.dumps(holder | there))

    ran = operator.run()

    assert ran.code == 2, ran.screen
    assert "maria is rolling sandbox back since 2026-11-22T02:38:00.000Z" in ran.words
    assert "process 7 on bastion" in ran.words
    assert box.state() == state
