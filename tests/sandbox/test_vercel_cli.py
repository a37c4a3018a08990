"""The vendor's own command line against the emulator."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.testing import Box
from sandbox.vercel import Vercel
from tests.sandbox.vendor_api import Api, last_request, production
from tests.vendor_clients import Unavailable, installed

PACKAGE = "vercel@60.1.3"
Cli = Callable[..., str]


@pytest.fixture(scope="session")
def executable() -> Path:
    """The CLI; the test is skipped where npm cannot install it."""
    try:
        return installed(PACKAGE, "vercel")
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def cli(executable: Path, box: Box, tmp_path: Path) -> Cli:
    """Run the CLI as a member of the team; its output. A failure is an error of the test."""
    quiet = {"VERCEL_TELEMETRY_DISABLED": "1", "NO_UPDATE_NOTIFIER": "1", "CI": "1", "HOME": str(tmp_path)}
    settings = ["--api", box.vendor_url("vercel"), "--token", Vercel.tokens[1], "--scope", "lastgood", "--non-interactive"]

    def run(*arguments: str) -> str:
        command = [str(executable), *arguments, *settings]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | quiet, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_list_shows_the_history(cli: Cli, vercel: Api) -> None:
    shown = cli("list", "storefront")
    for deployment in vercel.get("/v6/deployments", projectId="storefront")["deployments"]:
        assert deployment["url"] in shown


def test_inspect_shows_where_a_release_is_served(cli: Cli, vercel: Api) -> None:
    shown = cli("inspect", production(vercel))
    assert production(vercel) in shown
    assert "shop.rachelfoods.test" in shown


@pytest.mark.parametrize("settle", [0, 1])
def test_rollback_and_promote(cli: Cli, box: Box, vercel: Api, settle: float) -> None:
    good = production(vercel)
    bad = box.ship("storefront", "breaks-checkout")["release"]
    box.set_latency(**{"vercel.settle": settle})
    assert "was rolled back to" in cli("rollback", good, "--timeout", "30s", "--yes")
    assert (production(vercel), last_request(vercel)["type"]) == (good, "rollback")
    assert vercel.get("/v9/projects/storefront")["autoAssignCustomDomains"] is False
    assert "was promoted to" in cli("promote", bad, "--timeout", "30s", "--yes")
    assert (production(vercel), last_request(vercel)["type"]) == (bad, "promote")
    assert vercel.get("/v9/projects/storefront")["autoAssignCustomDomains"] is True
