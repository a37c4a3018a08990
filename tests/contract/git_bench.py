"""The same bench for Git: a real repository stands where the other vendors have an emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import git_release

from tests.contract.bench import Bench, printed_by
from tests.contract.repository import Repository
from tests.contract.vendors import Vendor

VENDOR = Vendor(
    name="git",
    module=git_release,
    options=lambda box: {},
    secret="token",
    place="repository",
    target="shop",
    address="shop",
    rolls_forward=True,
    holds=False,
    serves_what_crashes=True,
)


class GitBench(Bench):
    """Artifacts are trees. Nothing but the repository remembers anything."""

    def __init__(self, repository: Repository) -> None:
        self.vendor = VENDOR
        self.repository = repository

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return printed_by(git_release.main, check, **{"repository": self.repository.url, "poll": 0.05, "timeout": 5, **options})

    def ship(self, kind: str = "good") -> dict[str, Any]:
        commit = self.repository.push(f"{kind} {self.repository.minute}")
        return {"release": commit, "commit": self.repository.tree(), "held": False}

    def served(self) -> str:
        return self.repository.tree()

    def frozen(self) -> dict[str, Any]:
        """All refs: Git has nothing else that could change."""
        return {"refs": self.repository("for-each-ref")}


def isolated(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nobody's own Git configuration has a say."""
    config = folder / "gitconfig"
    config.write_text("[user]\nname = Somebody\nemail = somebody@rachelfoods.test\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("TMPDIR", str(folder))
    for name in ("GIT_TOKEN", "GIT_DIR", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name, raising=False)


def story(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[GitBench]:
    """A repository with three good releases."""
    isolated(monkeypatch, folder)
    bench = GitBench(Repository(folder))
    for title in ("Cache the catalogue", "Orders carry a delivery slot", "Validate postcodes"):
        bench.repository.push(title)
    yield bench


def printed(result: dict[str, Any]) -> str:
    return json.dumps(result)
