"""Every vendor whose caches can be purged: adding one is adding a line to CACHED."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import netlify_cache, railway_cache, render_cache, vercel_cache

from sandbox.testing import Box
from tests.sandbox import vendor_api


@dataclass(frozen=True)
class Cached:
    """A cache module, and what the sandbox knows of its purges."""

    vendor: str
    module: ModuleType
    purged: Callable[[Box], list[Any]]
    """What the vendor was asked to purge, one entry a call."""
    whole: list[Any]
    """What that is when everything is purged once."""
    ready: Callable[[Box], Any] = lambda box: None
    """Switch the target's cache on."""
    tags: bool = True
    """Entries can be picked by tag."""
    always: bool = True
    """There is a cache whatever the settings of the target."""

    def __str__(self) -> str:
        return self.vendor


def _vercel(box: Box) -> list[Any]:
    purges = box.state()["vercel"]["projects"]["prj_storefront"].get("purges", [])
    return [purge.get("tags", purge["what"]) for purge in purges]


def _render(box: Box) -> list[Any]:
    return [event["type"] for event in box.state()["render"]["events"] if event["type"] == "edge_cache_purged"]


def _caching(box: Box) -> None:
    vendor_api.render(box).send("PATCH", "/services/srv-api", {"serviceDetails": {"cache": {"profile": "all"}}})


def _netlify(box: Box) -> list[Any]:
    site = next(site for site in box.state()["netlify"]["sites"].values() if site["name"] == "blog")
    return [purge["cache_tags"] or "site" for purge in site["purges"]]


def _railway(box: Box) -> list[Any]:
    return [purge["scope"] for instance in box.state()["railway"]["instances"] for purge in instance["purges"]]


CACHED = [
    Cached("vercel", vercel_cache, purged=_vercel, whole=["edge cache", "data cache"]),
    Cached("render", render_cache, purged=_render, whole=["edge_cache_purged"], ready=_caching, tags=False, always=False),
    Cached("netlify", netlify_cache, purged=_netlify, whole=["site"]),
    Cached("railway", railway_cache, purged=_railway, whole=["ALL"], tags=False),
]
