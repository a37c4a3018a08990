"""Every vendor that keeps the contract: adding one is adding a line to VENDORS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import (
    heroku_release,
    netlify_release,
    railway_release,
    render_release,
    vercel_release,
)

from sandbox.testing import Box


@dataclass(frozen=True)
class Vendor:
    """A release module, how it reaches the sandbox, what the sandbox calls the same thing, and what the vendor cannot do."""

    name: str
    module: ModuleType
    options: Callable[[Box], dict[str, Any]]
    secret: str
    place: str
    target: str
    address: str
    rolls_forward: bool = False
    """A rollback is a new release of an old artifact."""
    holds: bool = True
    """New pushes can be kept away."""
    serves_what_crashes: bool = False
    """No health check stands between a release and production."""
    tells_when_a_limit_ends: bool = True
    """Whoever makes too many calls is told for how long."""

    def __str__(self) -> str:
        return self.name


# Git and Convex keep what of the contract can be kept without an API that does it all: git_bench.py, convex_bench.py.
VENDORS = [
    Vendor(
        name="vercel",
        module=vercel_release,
        options=lambda box: {
            "api_url": box.vendor_url("vercel"),
            "token": "sandbox-vercel-token",
            "team": "lastgood",
            "project": "storefront",
        },
        secret="token",
        place="project",
        target="storefront",
        address="shop.rachelfoods.test",
        serves_what_crashes=True,
    ),
    Vendor(
        name="render",
        module=render_release,
        options=lambda box: {"api_url": f"{box.vendor_url('render')}/v1", "api_key": "sandbox-render-token", "service": "srv-api"},
        secret="api_key",
        place="service",
        target="api",
        address="api",
        rolls_forward=True,
    ),
    Vendor(
        name="heroku",
        module=heroku_release,
        options=lambda box: {"api_url": box.vendor_url("heroku"), "api_key": "sandbox-heroku-token", "app": "accounts"},
        secret="api_key",
        place="app",
        target="accounts",
        address="accounts",
        rolls_forward=True,
        holds=False,
        serves_what_crashes=True,
        tells_when_a_limit_ends=False,
    ),
    Vendor(
        name="railway",
        module=railway_release,
        options=lambda box: {
            "api_url": f"{box.vendor_url('railway')}/graphql/v2",
            "token": "sandbox-railway-token",
            "service": "7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43",
        },
        secret="token",
        place="service",
        target="stock",
        address="stock",
        rolls_forward=True,
    ),
    Vendor(
        name="netlify",
        module=netlify_release,
        options=lambda box: {
            "api_url": f"{box.vendor_url('netlify')}/api/v1",
            "token": "sandbox-netlify-token",
            "site": "blog.rachelfoods.test",
        },
        secret="token",
        place="site",
        target="blog",
        address="blog.rachelfoods.test",
        serves_what_crashes=True,
    ),
]
