"""The vendor's own command line against the emulator."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.heroku import Heroku
from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.vendor_api import Api
from tests.vendor_clients import Unavailable, installed

PACKAGE = "heroku@11.10.0"
APP = "/apps/accounts"
Cli = Callable[..., str]


@pytest.fixture(scope="session")
def executable() -> Path:
    """The CLI; the test is skipped where npm cannot install it."""
    try:
        return installed(PACKAGE, "heroku")
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def heroku(box: Box) -> Api:
    return vendor_api.heroku(box)


@pytest.fixture
def cli(executable: Path, box: Box, tmp_path: Path) -> Cli:
    """Run the CLI on the app; its output. A failure is an error of the test."""
    given = {"HEROKU_HOST": box.vendor_url("heroku"), "HEROKU_API_KEY": Heroku.tokens[0], "HOME": str(tmp_path)}
    quiet = {"DISABLE_TELEMETRY": "true", "CI": "1"}

    def run(*arguments: str) -> str:
        command = [str(executable), *arguments, "--app", "accounts"]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | given | quiet, capture_output=True, text=True, check=False, timeout=90
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def current(heroku: Api) -> str:
    (slug,) = [row["slug"]["id"] for row in heroku.get(f"{APP}/releases") if row["current"]]
    return str(slug)


def test_releases_shows_the_history(cli: Cli, heroku: Api) -> None:
    shown = cli("releases")
    for release in heroku.get(f"{APP}/releases"):
        assert f"v{release['version']} " in shown
        assert release["description"] in shown
    assert "release command failed" in shown


@pytest.mark.parametrize("seconds", [0, 0.5])
def test_rollback(cli: Cli, box: Box, heroku: Api, eventually: Callable[[Callable[[], bool]], bool], seconds: float) -> None:
    good = current(heroku)
    box.ship("accounts", "breaks-checkout")
    box.set_latency(heroku=seconds)
    shown = cli("releases:rollback")
    assert "Rolling back accounts to v" in shown
    assert "Running migrations" in shown
    eventually(lambda: current(heroku) == good)


def test_configuration(cli: Cli, heroku: Api) -> None:
    assert "SESSION_DAYS" in cli("config")
    cli("config:set", "LOG_LEVEL=debug")
    assert heroku.get(f"{APP}/config-vars")["LOG_LEVEL"] == "debug"


def test_maintenance(cli: Cli, heroku: Api) -> None:
    cli("maintenance:on")
    assert heroku.get(APP)["maintenance"] is True
    cli("maintenance:off")
    assert heroku.get(APP)["maintenance"] is False


def test_scale_restart_and_logs(cli: Cli, heroku: Api) -> None:
    assert "web at 3" in cli("ps:scale", "web=3")
    before = {row["id"] for row in heroku.get(f"{APP}/dynos")}
    assert len(before) == 4
    cli("ps:restart")
    assert before.isdisjoint(row["id"] for row in heroku.get(f"{APP}/dynos"))
    assert "web.3: up" in cli("ps")
    assert "heroku[web.3]: State changed" in cli("logs", "--num", "20")
