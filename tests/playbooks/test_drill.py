"""The README's first command, as a newcomer types it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from sandbox.testing import free_ports

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def newcomer(tmp_path: Path) -> dict[str, str]:
    """An environment with a sandbox and an incident store of its own."""
    return os.environ | {
        "LASTGOOD_SANDBOX_PORT": str(free_ports()),
        "LASTGOOD_SANDBOX_STATE": str(tmp_path / "sandbox"),
        "LASTGOOD_INCIDENTS": str(tmp_path / "incidents"),
    }


def drill(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts/drill", *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
    )


@pytest.mark.once
def test_a_broken_checkout_is_rolled_back_twice_running(newcomer: dict[str, str]) -> None:
    try:
        first, second = drill(newcomer, "checkout"), drill(newcomer, "checkout", "api")
    finally:
        subprocess.run(["python", "-m", "sandbox", "stop", "--delete"], cwd=ROOT, env=newcomer, check=True, capture_output=True)

    for run in (first, second):
        assert run.returncode == 0, run.stdout + run.stderr
        assert "RESTORED" in run.stdout
        report = re.search(r"report: (\S+)", run.stdout)
        assert report
        assert (ROOT / report[1]).is_file()
    assert "ending it first" in second.stdout, "the first one's incident"
    assert "backend goes back too" in second.stdout


@pytest.mark.once
def test_a_broken_edge_is_noticed_rolled_back_and_asked_everywhere(newcomer: dict[str, str]) -> None:
    try:
        run = drill(newcomer, "edge")
    finally:
        subprocess.run(["python", "-m", "sandbox", "stop", "--delete"], cwd=ROOT, env=newcomer, check=True, capture_output=True)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "RESTORED" in run.stdout
    assert "probes show it at every address" in run.stdout
    assert re.search(r"[1-9]\d* of \d+ checkouts failed", run.stdout), "noticed by the shop itself"
    assert run.stdout.rindex("0 of ") > run.stdout.rindex("RESTORED"), "well again by its own word"


@pytest.mark.once
def test_an_unknown_scenario_says_how_to_use_it(newcomer: dict[str, str]) -> None:
    run = drill(newcomer, "lunch")

    assert run.returncode == 64
    assert "Usage: scripts/drill checkout" in run.stderr
