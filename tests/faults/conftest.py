"""A sandbox and a proxy for each vendor; afterwards, how many faults were injected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from sandbox.testing import Box
from tests.contract.bench import Bench
from tests.contract.vendors import Vendor
from tests.faults import counting
from tests.faults.rehearsal import Rehearsal, Wish
from tests.vendor_proxy import Proxy, Stranger

Rehearse = Callable[[Vendor, Wish], Rehearsal]


@pytest.fixture(scope="session")
def rehearse(vendors: Box) -> Iterator[Rehearse]:
    """The rehearsal of a wish at a vendor, prepared once."""
    known: dict[tuple[str, str], Rehearsal] = {}
    with ExitStack() as opened:
        stranger = opened.enter_context(Stranger())

        def rehearsal(vendor: Vendor, wish: Wish) -> Rehearsal:
            if (vendor.name, wish.name) not in known:
                proxy = opened.enter_context(Proxy(vendor.options(vendors)["api_url"]))
                fresh = Rehearsal(Bench(vendor, vendors), proxy, stranger, wish)
                fresh.prepare()
                known[vendor.name, wish.name] = fresh
            return known[vendor.name, wish.name]

        yield rehearsal


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    if lines := list(counting.table(reports)):
        terminalreporter.section("faults injected")
        for line in lines:
            terminalreporter.write_line(line)
