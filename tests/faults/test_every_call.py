"""Every fault at the calls of every release module that talks to its vendor over HTTP: at every call with LASTGOOD_EVERY_FAULT=1."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import any_vendor

from tests.contract.vendors import VENDORS, Vendor
from tests.faults import counting
from tests.faults.conftest import Rehearse
from tests.faults.faults import EVERY, Fault
from tests.faults.rehearsal import WISHES, Wish

OVER_HTTP = [vendor for vendor in VENDORS if "api_url" in any_vendor.VENDORS[vendor.name].options]


@pytest.mark.parametrize("fault", EVERY, ids=str)
@pytest.mark.parametrize("wish", WISHES, ids=str)
@pytest.mark.parametrize("vendor", OVER_HTTP, ids=str)
def test_every_call(vendor: Vendor, wish: Wish, fault: Fault, rehearse: Rehearse, record_property: Callable[[str, object], None]) -> None:
    calls, broken = 0, []
    for problems in rehearse(vendor, wish).every(fault, rehearse(vendor, WISHES[0])):
        calls += 1
        broken += problems
    record_property(counting.PROPERTY, (vendor.name, fault.name, calls))

    assert not broken, "\n".join(broken)
