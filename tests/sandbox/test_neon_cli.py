"""Neon's own command line against the emulator."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.neon import Neon
from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.vendor_clients import Unavailable, installed

PACKAGE = "neonctl@5.0.1"
PROJECT = "calm-shop-630245"
Cli = Callable[..., str]


@pytest.fixture(scope="session")
def executable() -> Path:
    """The CLI; the test is skipped where npm cannot install it."""
    try:
        return installed(PACKAGE, "neonctl")
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def cli(executable: Path, box: Box, tmp_path: Path) -> Cli:
    """Run the CLI on the project; its output. A failure is an error of the test."""
    given = {"NEON_API_KEY": Neon.tokens[0], "HOME": str(tmp_path), "CI": "1"}
    reach = ["--project-id", PROJECT, "--api-host", f"{box.vendor_url('neon')}/api/v2", "--no-analytics", "--no-color"]

    def run(*arguments: str) -> str:
        command = [str(executable), *arguments, *reach]
        done = subprocess.run(command, cwd=tmp_path, env=os.environ | given, capture_output=True, text=True, check=False, timeout=90)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_a_branch_is_looked_at_and_the_main_one_restored(cli: Cli, box: Box) -> None:
    then = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "as-of-then" in cli("branches", "create", "--name", "as-of-then", "--parent", then)
    assert "Restored branch" in cli("branches", "restore", "main", f"^self@{then}", "--preserve-under-name", "before")
    cli("branches", "delete", "as-of-then")

    rows = vendor_api.neon(box).get(f"/projects/{PROJECT}/branches")["branches"]

    assert {row["name"] for row in rows} == {"main", "before", "development"}
    assert "skipped" in cli("operations", "list")
