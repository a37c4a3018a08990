from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.testing import Box, running
from tests.contract.bench import Bench
from tests.contract.vendors import VENDORS, Vendor


@pytest.fixture(scope="session")
def sandbox_for_contracts() -> Iterator[Box]:
    with running(postgres=False) as box:
        yield box


@pytest.fixture(params=VENDORS, ids=str)
def bench(request: pytest.FixtureRequest, sandbox_for_contracts: Box) -> Iterator[Bench]:
    """Each vendor in turn, on a sandbox with nothing but its seeded history."""
    box = sandbox_for_contracts
    box.reset()
    box.set_latency(vendors=0)
    box.control("rates", on=False)
    vendor: Vendor = request.param
    yield Bench(vendor, box)
    box.control("stuck", target=vendor.target, on=False)
    box.control("outage", vendor=vendor.name, on=False)
