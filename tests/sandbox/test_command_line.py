"""`python -m sandbox`: start, stop, look, ship, and what it says when something is wrong."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.addresses import HOST
from sandbox.client import Client
from sandbox.testing import ROOT, free_ports

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def port() -> int:
    return free_ports()


@pytest.fixture
def sandbox(tmp_path: Path, port: int) -> Iterator[Command]:
    """Run a command of a sandbox with its own ports and state; stopped and deleted afterwards."""
    settings = {"LASTGOOD_SANDBOX_PORT": str(port), "LASTGOOD_SANDBOX_STATE": str(tmp_path / "state")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sandbox", *arguments]
        environment = os.environ | settings
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=90
        )

    yield run
    run("stop", "--delete")


def test_a_second_start_finds_it_running_and_stop_is_complete(sandbox: Command, port: int, tmp_path: Path) -> None:
    first = sandbox("start")
    assert first.returncode == 0, first.stderr
    assert f"vercel                       http://127.0.0.1:{port + 1}" in first.stdout
    assert sandbox("start").stdout.splitlines()[:3] == first.stdout.splitlines()[:3]  # already running: no second one
    assert sandbox("stop").stdout == "stopped\n"
    assert sandbox("stop").stdout == "not running\n"
    assert sandbox("start").returncode == 0
    assert sandbox("stop", "--delete").stdout == "stopped, state deleted\n"
    assert not (tmp_path / "state").exists()


def test_a_start_beside_another_one_waits_for_it(sandbox: Command, port: int, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(sandbox, "start")
        while not (tmp_path / "state" / "lock").exists():
            time.sleep(0.005)
        assert sandbox("start").returncode == 0
        assert Client(port).read()["ready"] is True
        assert first.result().returncode == 0


def test_a_drill_by_hand(sandbox: Command) -> None:
    assert sandbox("start").returncode == 0
    for name in ("vercel.build", "vercel.settle"):
        assert sandbox("latency", name, "0").returncode == 0
    assert sandbox("load", "20").returncode == 0
    shipped = sandbox("ship", "storefront", "breaks-checkout")
    assert '"release": "dpl_' in shipped.stdout
    broken = sandbox("wait", "broken", "--seconds", "20")
    assert broken.returncode == 0, broken.stderr
    assert "checkouts failed in the last 3 s" in broken.stdout
    gives_up = sandbox("wait", "healthy", "--seconds", "0.1")
    assert gives_up.returncode == 1
    assert "the shop is not healthy after 0.1 s" in gives_up.stderr
    assert sandbox("reset").returncode == 0
    assert sandbox("wait", "healthy", "--seconds", "20").returncode == 0


def test_a_taken_port_is_named(sandbox: Command, port: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HOST, port + 2))
        other.listen()
        refused = sandbox("start")
    assert refused.returncode == 1
    assert f"port {port + 2} is taken by another program; set LASTGOOD_SANDBOX_PORT" in refused.stderr
    assert sandbox("start").returncode == 0


def test_nobody_answers(sandbox: Command) -> None:
    refused = sandbox("status")
    assert refused.returncode == 1
    assert "no sandbox answers on" in refused.stderr


def test_a_control_that_makes_no_sense(sandbox: Command, port: int) -> None:
    assert sandbox("start").returncode == 0
    for arguments in (["ship", "nothing", "good"], ["latency", "vercel.soup", "1"], ["pin", "nowhere.test"]):
        refused = sandbox(*arguments)
        assert refused.returncode == 1, arguments
        assert refused.stderr.startswith("sandbox: "), arguments
    assert Client(port).state()["schedule"] == []
