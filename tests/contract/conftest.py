from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.testing import Box
from tests.contract.bench import Bench
from tests.contract.vendors import VENDORS
from tests.postgres.clusters import PLACES, Cluster
from tests.postgres.clusters import running as serving


@pytest.fixture(scope="session")
def server() -> Iterator[Cluster]:
    """The newest PostgreSQL there is here, for the databases behind the emulators."""
    there = [major for major, place in PLACES.items() if (place / "postgres").exists()]
    if not there:
        pytest.skip("no PostgreSQL here")
    yield from serving(max(there))


@pytest.fixture(params=VENDORS, ids=str)
def bench(request: pytest.FixtureRequest, box: Box) -> Bench:
    """Each vendor in turn."""
    return Bench(request.param, box)
