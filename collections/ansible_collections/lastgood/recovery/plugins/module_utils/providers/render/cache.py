# SPDX-License-Identifier: GPL-3.0-or-later
"""Render's edge cache: off unless a web service asks for it."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.cache import Cache
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Conflict
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.access import api

OFF = (None, "no-cache")


class RenderCache(Cache):
    """Where caching is off a purge is refused with 409; the service's settings say so beforehand."""

    name = "Render"
    takes_tags = False
    unknown = ""

    def __init__(self, options: Options, run: Run) -> None:
        self.path = f"/services/{options['service']}"
        self.api = api(options, run)

    def caches(self, tags: list[str]) -> list[str]:
        details = self.api.get(self.path).get("serviceDetails") or {}
        return [] if (details.get("cache") or {}).get("profile") in OFF else ["edge cache"]

    def purge(self, tags: list[str]) -> bool:
        try:
            self.api.send("POST", f"{self.path}/cache/purge")
        except Conflict:
            return False
        return True
