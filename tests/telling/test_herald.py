"""The process beside the run, as the callback starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling import herald
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.telling import ARGUMENTS, tell
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.telling.slack_workspace import Workspace

pytestmark = pytest.mark.once
COLLECTIONS = Path(__file__).resolve().parents[2] / "collections"


@pytest.fixture
def options(tmp_path: Path, slack: Workspace) -> dict[str, Any]:
    """Of an incident whose start was told."""
    fields = {"environment": "sandbox", "scenario": "checkout", "opened_at": "2026-11-22T02:37:00.000Z", "state": "started"}
    incident: Incident = Store(tmp_path / "incidents").create(datetime(2026, 11, 22, tzinfo=UTC), "checkout", fields)
    incident.journal.append("intent", target="storefront", task="back")
    given = {
        "incident": {"store": str(incident.directory.parent), "id": incident.fields["id"], "run": "abc123"},
        "telling": {"channels": [slack.options()]},
        "secrets": {},
        "test": False,
    }
    tell({name: option.get("default") for name, option in ARGUMENTS.items()} | given | {"stage": "started"}, Run())
    assert len(slack.parents) == 1
    return given


@pytest.fixture
def beside(options: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", herald.__name__], stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    )
    yield process
    process.kill()
    process.communicate()


def begin(process: subprocess.Popen[bytes], options: dict[str, Any], minutes: float) -> None:
    assert process.stdin
    process.stdin.write(json.dumps({**options, "every": minutes}).encode() + b"\n")
    process.stdin.flush()


def ends(process: subprocess.Popen[bytes], last: bytes) -> None:
    process.communicate(last, timeout=300)
    assert process.returncode == 0


def test_it_tells_again_and_again(slack: Workspace, options: dict[str, Any], beside: subprocess.Popen[bytes]) -> None:
    begin(beside, options, 0.001)
    until = time.monotonic() + 300
    while len(slack.thread) < 4 and time.monotonic() < until:
        time.sleep(0.05)
    ends(beside, b"done\n")

    assert all("storefront: going back for" in text for text in slack.thread[1:])
    assert len(slack.parents) == 1


def test_a_verdict_ends_it_without_a_word(slack: Workspace, options: dict[str, Any], beside: subprocess.Popen[bytes]) -> None:
    begin(beside, options, 10)
    ends(beside, b"done\n")

    assert len(slack.thread) == 1, "the journal's head"


def test_a_run_that_is_broken_off_is_told_of(slack: Workspace, options: dict[str, Any], beside: subprocess.Popen[bytes]) -> None:
    begin(beside, options, 10)
    ends(beside, b"")

    assert "The run has ended without a verdict" in slack.thread[-1]


def test_a_run_that_dies_before_it_has_said_anything(beside: subprocess.Popen[bytes], slack: Workspace) -> None:
    ends(beside, b'{"every"')

    assert len(slack.thread) == 1
