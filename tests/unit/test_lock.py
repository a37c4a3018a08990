"""One rollback of an environment at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock

MARIA = {"by": "maria", "environment": "production", "incident": "2026-11-22-checkout", "reason": "orders fail"}
PAUL = {**MARIA, "by": "paul", "reason": ""}


@pytest.fixture
def lock(tmp_path: Path) -> Lock:
    return Lock(tmp_path, "production")


@pytest.fixture
def another_process() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_who_comes_second_is_told_who_since_when_and_why(lock: Lock, another_process: subprocess.Popen[bytes]) -> None:
    lock.take(MARIA, another_process.pid)

    with pytest.raises(Locked) as caught:
        lock.take(PAUL, os.getpid())

    assert "maria is rolling production back since 20" in caught.value.message
    assert "2026-11-22-checkout: orders fail" in caught.value.message
    assert f"-e break_lock={lock.refusal()} -e break_lock_reason=" in caught.value.hint


def test_environments_do_not_lock_each_other(lock: Lock, tmp_path: Path, another_process: subprocess.Popen[bytes]) -> None:
    lock.take(MARIA, another_process.pid)

    assert Lock(tmp_path, "staging").take(PAUL, os.getpid()) is None


def test_a_dead_holder_holds_nothing(lock: Lock, another_process: subprocess.Popen[bytes]) -> None:
    lock.take(MARIA, another_process.pid)
    another_process.kill()
    another_process.communicate()

    dead = lock.take(PAUL, os.getpid())

    assert dead is not None
    assert dead["by"] == "maria"
    assert lock.holder()["by"] == "paul"  # type: ignore[index]


def test_a_process_number_that_was_given_out_again_is_not_the_holder(lock: Lock) -> None:
    lock.take(MARIA, os.getpid())
    before: dict[str, Any] = json.loads(lock.path.read_text())
    lock.path.write_text(json.dumps({**before, "started": before["started"] - 3600}))

    assert lock.take(PAUL, os.getpid()) is not None


def test_a_holder_on_another_host_may_be_at_work(lock: Lock) -> None:
    lock.take(MARIA, os.getpid())
    before: dict[str, Any] = json.loads(lock.path.read_text())
    lock.path.write_text(json.dumps({**before, "host": "elsewhere"}))

    with pytest.raises(Locked, match="on elsewhere"):
        lock.take(PAUL, os.getpid())


def test_a_container_that_is_called_alike_is_another_host(lock: Lock) -> None:
    lock.take(MARIA, os.getpid())
    before: dict[str, Any] = json.loads(lock.path.read_text())
    lock.path.write_text(json.dumps({**before, "kernel": "another boot", "started": before["started"] - 3600}))

    with pytest.raises(Locked, match="maria is rolling production back"):
        lock.take(PAUL, os.getpid())


def test_the_holder_may_take_it_again_and_only_the_holder_lets_go(lock: Lock, another_process: subprocess.Popen[bytes]) -> None:
    assert lock.take(MARIA, another_process.pid) is None
    assert lock.take(MARIA, another_process.pid) is None

    lock.release(os.getpid())
    assert lock.holder() is not None

    lock.release(another_process.pid)
    assert lock.holder() is None


def test_an_unreadable_lock_counts_as_held(lock: Lock) -> None:
    lock.path.write_text("{")

    with pytest.raises(Locked, match="cannot be read"):
        lock.take(MARIA, os.getpid())
