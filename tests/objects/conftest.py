from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.seaweedfs import Missing, SeaweedFS, serving


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[SeaweedFS]:
    try:
        with serving() as server:
            yield server
    except Missing as reason:
        pytest.skip(str(reason))
