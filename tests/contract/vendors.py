"""Every vendor that keeps the contract: adding one is adding a line to VENDORS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import render_release, vercel_release

from sandbox.testing import Box


@dataclass(frozen=True)
class Vendor:
    """A release module, how it reaches the sandbox, and what the sandbox calls the same thing."""

    name: str
    module: ModuleType
    options: Callable[[Box], dict[str, Any]]
    secret: str
    place: str
    target: str
    address: str

    def __str__(self) -> str:
        return self.name


VENDORS = [
    Vendor(
        name="vercel",
        module=vercel_release,
        options=lambda box: {"api_url": box.vercel_url, "token": "sandbox-vercel-token", "team": "lastgood", "project": "storefront"},
        secret="token",
        place="project",
        target="storefront",
        address="shop.rachelfoods.test",
    ),
    Vendor(
        name="render",
        module=render_release,
        options=lambda box: {"api_url": f"{box.render_url}/v1", "api_key": "sandbox-render-token", "service": "srv-api"},
        secret="api_key",
        place="service",
        target="api",
        address="api",
    ),
]
