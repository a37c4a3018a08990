"""Configuration and service state in real plays: captured with a vault password, put back, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran

PLAY = "tests/playbooks/plays/configure.yml"
ADDRESSES = ("shop.rachelfoods.test", "api")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "password").write_text("a vault password\n")
    return tmp_path


def play(operator: Operator, folder: Path, tags: str, *arguments: str, **variables: Any) -> Ran:
    given = ("--tags", tags, "--vault-password-file", str(folder / "password"), *arguments)
    return operator.run(*given, playbook=PLAY, folder=str(folder), **variables)


def running(box: Box) -> list[dict[str, str]]:
    serving = box.state()["serving"]
    return [serving[address]["variables"] for address in ADDRESSES]


def test_captured_broken_and_put_back(operator: Operator, box: Box, folder: Path) -> None:
    before = running(box)

    captured = play(operator, folder, "capture")
    assert captured.code == 0, captured.screen
    kept = (folder / "api.json").read_text()
    assert kept.startswith("$ANSIBLE_VAULT;")
    assert (folder / "api.json").stat().st_mode & 0o777 == 0o600

    assert play(operator, folder, "break").code == 0
    assert running(box)[1]["ANOTHER"] == "planted-value-two"

    put_back = play(operator, folder, "put_back", "--diff")
    assert put_back.code == 0, put_back.screen
    assert running(box) == before

    again = play(operator, folder, "put_back")
    assert again.totals[1] == 0, again.screen


def test_a_wrong_vault_password_changes_nothing(operator: Operator, box: Box, folder: Path) -> None:
    assert play(operator, folder, "capture").code == 0
    (folder / "password").write_text("another one\n")
    before = box.state()["render"]

    ran = play(operator, folder, "put_back")

    assert ran.code != 0
    assert "Give the vault password it was encrypted with." in ran.words
    assert "nothing was changed" in ran.words
    assert box.state()["render"] == before


def test_nothing_is_captured_in_the_clear(operator: Operator, folder: Path) -> None:
    ran = operator.run("--tags", "capture", playbook=PLAY, folder=str(folder))

    assert ran.code != 0
    assert "there is nothing to encrypt them with" in ran.words
    assert not (folder / "api.json").exists()


def test_no_value_is_shown(operator: Operator, folder: Path) -> None:
    for tags in ("capture", "break", "put_back"):
        screen = play(operator, folder, tags, "--diff", "-vvvv").screen
        assert "planted-value" not in screen
        assert "pk_storefront" not in screen
        assert "sandbox-render-token" not in screen


def test_stopped_and_put_back(operator: Operator, box: Box, folder: Path) -> None:
    assert play(operator, folder, "stop").code == 0
    assert all(box.state()["serving"][address]["unavailable"] for address in ADDRESSES)

    started = play(operator, folder, "start")
    assert started.code == 0, started.screen
    assert not any(box.state()["serving"][address]["unavailable"] for address in ADDRESSES)
    assert play(operator, folder, "start").totals[1] == 0
