"""Heroku's own command line, which is all that is public of the databases' API, drives the emulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.addresses import HOST
from tests.sandbox.test_heroku_cli import APP, Cli, cli, executable, heroku
from tests.sandbox.vendor_api import Api

__all__ = ["cli", "executable", "heroku"]

@pytest.fixture(autouse=True)
def data_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI takes the scheme and the port from the address of the other API."""
    monkeypatch.setenv("HEROKU_DATA_HOST", HOST)

def test_a_rollback_beside_is_promoted(cli: Cli, heroku: Api) -> None:
    assert "Rollback: earliest from 20" in cli("pg:info")
    then = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S+00:00")
    (old,) = heroku.get(f"{APP}/addons")
    cli("addons:create", "heroku-postgresql:standard-0", "--name", "as-of-then", "--rollback", old["name"], "--to", then)
    cli("pg:wait", "as-of-then")

    assert "Promoting as-of-then to DATABASE_URL" in cli("pg:promote", "as-of-then")

    names = {row["name"]: row["addon"]["name"] for row in heroku.get(f"{APP}/addon-attachments")}
    assert names.pop("DATABASE") == "as-of-then"
    assert old["name"] in names.values()

def test_a_backup_is_captured_and_restored(cli: Cli) -> None:
    assert "to b001... done" in cli("pg:backups:capture")
    assert "b001" in cli("pg:backups")
    assert "Restoring... done" in cli("pg:backups:restore", "b001", "DATABASE", "--confirm", "accounts")
