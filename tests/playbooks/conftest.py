from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.testing import Box, running
from tests.playbooks.driving import Operator
from tests.playbooks.scenarios import Broken


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Box]:
    with running() as box:
        yield box


@pytest.fixture
def box(sandbox: Box) -> Box:
    """A sandbox as if it were new, and without latency."""
    sandbox.reset()
    sandbox.set_latency(vendors=0)
    shutil.rmtree(sandbox.state_dir / "backups", ignore_errors=True)
    return sandbox


@pytest.fixture
def operator(box: Box, tmp_path: Path) -> Operator:
    return Operator(box, tmp_path / "incidents")


@pytest.fixture
def broken(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Broken:
    """The sandbox that its parameter, a scenario, takes; not broken yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    box: Box = request.getfixturevalue("aws" if request.param.amazon else "box")
    return Broken(request.param, box, Operator(box, tmp_path / "incidents"))
