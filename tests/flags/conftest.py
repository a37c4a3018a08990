from __future__ import annotations

from collections.abc import Iterator

import pytest

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
