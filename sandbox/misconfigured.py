"""Somebody writes wrong values into the vendors' dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.render import Render
from sandbox.vercel import Vercel

if TYPE_CHECKING:
    from sandbox.server import Sandbox

CONFIGURATION = "configuration"
"""What it is called."""
WRONG = {"api": {"PAYMENTS_URL": "http://payments-v2:10000"}, "storefront": {"SHOP_API_URL": "https://api-v2.rachelfoods.test"}}
"""By target, what `break configuration` writes."""


def misconfigure(sandbox: Sandbox) -> dict[str, list[str]]:
    """Wrong values at both vendors, and the code that serves deployed once more; names by target."""
    for target, values in WRONG.items():
        vendor = sandbox.emulator_of(target)
        assert isinstance(vendor, (Render, Vercel))
        vendor.reconfigure(target, values)
    sandbox.state.run_due()
    sandbox.state.save()
    return {target: list(values) for target, values in WRONG.items()}
