from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres.clusters import PLACES, Cluster, Missing, running


def _server(major: int) -> Iterator[Cluster]:
    try:
        yield from running(major)
    except Missing as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def server_15() -> Iterator[Cluster]:
    yield from _server(15)


@pytest.fixture(scope="session")
def server_18() -> Iterator[Cluster]:
    yield from _server(18)


@pytest.fixture
def newest(server_18: Cluster) -> Iterator[Cluster]:
    """The newest server, without any database or role of an earlier test; for what the version cannot matter to."""
    server_18.clear()
    yield server_18
    server_18.clear()


@pytest.fixture(params=sorted(PLACES))
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A server of each version, without any database or role of an earlier test."""
    found: Cluster = request.getfixturevalue(f"server_{request.param}")
    found.clear()
    yield found
    found.clear()
