"""Variables that the shop really needs. They were baked into, or handed to, the release that serves."""

from __future__ import annotations

from sandbox.artifacts import Serving

RIGHT = {"PAYMENTS_URL": "http://payments:10000", "SHOP_API_URL": "https://api.rachelfoods.test"}
"""By name, as the vendors' histories have them; a release without one knows it by itself."""
NOWHERE = "http://127.0.0.1:1"
"""Nobody answers there."""


def leads_to(serving: Serving, name: str, address: str) -> str:
    """The address that a variable of what is served leads to: `address` if it is right."""
    return address if serving.variables.get(name, RIGHT[name]) == RIGHT[name] else NOWHERE
