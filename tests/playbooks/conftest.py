from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.testing import Box, running
from tests.playbooks.driving import Operator


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Box]:
    with running() as box:
        yield box


@pytest.fixture
def box(sandbox: Box) -> Box:
    """A sandbox as if it were new, and without latency."""
    sandbox.reset()
    sandbox.set_latency(vendors=0)
    return sandbox


@pytest.fixture
def operator(box: Box, tmp_path: Path) -> Operator:
    return Operator(box, tmp_path / "incidents")
