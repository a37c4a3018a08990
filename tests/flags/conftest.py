from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.testing import Box, running
from tests.flags import unleash_server
from tests.flags.unleash_server import Unleash
from tests.vendor_clients import Unavailable


@pytest.fixture(scope="session")
def unleash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unleash]:
    """The real server; the test is skipped where it cannot be had."""
    try:
        with unleash_server.running(tmp_path_factory.mktemp("unleash")) as server:
            yield server
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def sandbox_for_flags() -> Iterator[Box]:
    with running(postgres=False) as box:
        yield box


@pytest.fixture
def box(sandbox_for_flags: Box) -> Box:
    """The emulated vendors, with what they are seeded with and without latencies."""
    sandbox_for_flags.reset()
    sandbox_for_flags.set_latency(vendors=0)
    sandbox_for_flags.control("rates", on=False)
    return sandbox_for_flags
