"""Two people roll the same environment back: the second is told, and changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran, ended
from tests.playbooks.looking import checkout_works, moves, remembered
from tests.playbooks.scenarios import SCENARIOS, Broken

pytestmark = pytest.mark.once

SEARCH = {"search": [{"name": "search", "url": "http://127.0.0.1:1/"}]}


def until(process: subprocess.Popen[str], words: str) -> None:
    """Return once the run has shown the words."""
    assert process.stdout is not None
    assert any(words in line for line in process.stdout), f"the run ended without '{words}'"


@pytest.fixture
def first(box: Box, operator: Operator) -> Iterator[subprocess.Popen[str]]:
    """A run that holds the lock, and does not end before Vercel goes on."""
    box.ship("storefront", "breaks-checkout")
    box.control("stuck", target="storefront")
    run = operator.start(reason="orders fail", lead="maria")
    until(run, "accepted, waiting")
    yield run
    box.control("stuck", target="storefront", on=False)


def test_the_second_is_told_who_since_when_and_why(box: Box, operator: Operator, first: subprocess.Popen[str]) -> None:
    """Whatever it wants: the same, another scenario, or to end what the first has not finished."""
    moved = moves(box)
    searching = partial(operator.run, playbook="tests/playbooks/plays/search.yml", flows=SEARCH)

    for wanted in (operator.run, searching, operator.undo, operator.commit):
        second = wanted(lead="tom")
        assert second.code == 2, second.screen
        assert "maria is rolling sandbox back since 20" in second.words
        assert f"-checkout: orders fail; process {first.pid} on " in second.words
        assert "nothing was changed" in second.words
        assert "Talk to maria." in second.words

    box.control("stuck", target="storefront", on=False)
    done = ended(first)
    assert done.code == 0, done.screen
    assert "RESTORED" in done.screen
    assert checkout_works(box)
    assert moves(box) == moved | {"storefront": moved["storefront"] + 1}


def test_one_rollback_of_the_edge_and_one_undo_at_a_time(aws: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    edge = Broken(next(one for one in SCENARIOS if one.name == "edge"), aws, Operator(aws, tmp_path / "incidents")).break_it()
    for command, others in ((edge.roll_back, [edge.undo]), (edge.undo, [edge.commit])):
        aws.control("stuck", target="aws")
        with ThreadPoolExecutor() as pool:
            first = pool.submit(command, lead="maria")
            is_held(edge.operator.store / ".lock-sandbox.json", first)
            for wanted in others:
                second = wanted(lead="tom")
                assert second.code == 2, second.screen
                assert "maria is rolling sandbox back since 20" in second.words
            assert not first.done()
            aws.control("stuck", target="aws", on=False)
            assert first.result().code == 0, first.result().screen


def is_held(lock: Path, run: Future[Ran]) -> None:
    """Return once the run holds it."""
    while not (lock.exists() and lock.read_text()):
        assert not run.done(), run.result().screen
        time.sleep(0.05)


def test_the_lock_of_a_dead_run_is_taken_over(box: Box, operator: Operator, first: subprocess.Popen[str]) -> None:
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    box.control("stuck", target="storefront", on=False)

    again = operator.run(lead="tom")

    assert again.code == 0, again.screen
    assert "lock taken over from a run of maria that died" in again.words
    assert checkout_works(box)


def test_a_lock_of_another_host_is_respected(box: Box, operator: Operator) -> None:
    """Nobody here can tell whether that run is alive."""
    box.ship("storefront", "breaks-checkout")
    state = remembered(box)
    operator.store.mkdir()
    holder = {"by": "maria", "environment": "sandbox", "incident": "2026-11-22-checkout", "reason": "orders fail"}
    there = {"since": "2026-11-22T02:38:00.000Z", "host": "bastion", "process": 7, "started": 1.0}
    (operator.store / ".lock-sandbox.json").write_text(json.dumps(holder | there))

    ran = operator.run()

    assert ran.code == 2, ran.screen
    assert "maria is rolling sandbox back since 2026-11-22T02:38:00.000Z" in ran.words
    assert "process 7 on bastion" in ran.words
    assert remembered(box) == state
