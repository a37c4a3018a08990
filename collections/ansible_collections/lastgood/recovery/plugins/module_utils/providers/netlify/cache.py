# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlify's cache: what functions and the edge have answered; files are new with each deploy anyway."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.cache import Cache
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.access import api


class NetlifyCache(Cache):
    """A purge takes the site's id, where most calls take its domain, too. More than two within five seconds are refused for a while."""

    name = "Netlify"
    takes_tags = True
    unknown = ""

    def __init__(self, options: Options, run: Run) -> None:
        self.api = api(options, run)
        self.site = options["site"]
        self._id = ""

    def caches(self, tags: list[str]) -> list[str]:
        self._id = self.api.get(f"/sites/{self.site}")["id"]
        return ["cached answers"]

    def purge(self, tags: list[str]) -> bool:
        body: dict[str, Any] = {"site_id": self._id, **({"cache_tags": tags} if tags else {})}
        self.api.send("POST", "/purge", body)
        return True
