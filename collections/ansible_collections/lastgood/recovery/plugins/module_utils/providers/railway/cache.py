# SPDX-License-Identifier: GPL-3.0-or-later
"""Railway's CDN, which is off unless a service was given one."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.cache import Cache
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import VendorError
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import documents
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import Graph

OPTIONS: dict[str, Any] = {"scope": {"type": "str", "choices": ["all", "html"], "default": "all"}}


class RailwayCache(Cache):
    """A purge is answered with yes where there is no CDN at all, too."""

    name = "Railway"
    takes_tags = False
    unknown = "Railway says yes whether the service has a CDN or not: whether anything was cached is not known"

    def __init__(self, options: Options, run: Run) -> None:
        self.graph = Graph(options, run)
        self.scope = options["scope"].upper()

    def caches(self, tags: list[str]) -> list[str]:
        self.graph.ask(documents.SERVING)  # a service that is not there is found out in check mode, too
        return ["pages in the edge cache" if self.scope == "HTML" else "edge cache"]

    def purge(self, tags: list[str]) -> bool:
        if self.graph.send(documents.PURGE_CACHE, scope=self.scope)["purgeServiceCache"] is not True:
            raise VendorError("Railway did not accept the purge", "Look at the service at Railway.")
        return True
