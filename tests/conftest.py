from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, settings

from sandbox.testing import Box, running

# Nothing is timed: tests run side by side, on machines that have other things to do as well.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def amazon() -> Iterator[Box]:
    """One sandbox with AWS, without a database."""
    from botocore.loaders import JSONFileLoader

    reading = JSONFileLoader.load_file
    known = cache(lambda path: reading(JSONFileLoader(), path))
    JSONFileLoader.load_file = lambda _self, path: known(path)  # each client reads megabytes again, and a run makes several
    try:
        with running(postgres=False, aws=True) as box:
            yield box
    finally:
        JSONFileLoader.load_file = reading


@pytest.fixture
def aws(amazon: Box) -> Box:
    """AWS, instant and with its seeded history."""
    amazon.reset()
    amazon.set_latency(vendors=0)
    return amazon


@pytest.fixture(scope="session")
def vendors() -> Iterator[Box]:
    """One sandbox with all vendors but AWS, without a database."""
    with running(postgres=False) as box:
        yield box


@pytest.fixture
def box(vendors: Box) -> Box:
    """The vendors, instant, with nothing but their seeded history, without limits and trouble."""
    vendors.reset()
    vendors.set_latency(vendors=0)
    vendors.control("rates", on=False)
    return vendors
