from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.unit.troubled_site import TroubledSite


@pytest.fixture
def site() -> Iterator[TroubledSite]:
    running = TroubledSite()
    yield running
    running.close()


@pytest.fixture
def refusing() -> Iterator[str]:
    """An address that nobody listens on, and that nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
