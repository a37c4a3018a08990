# SPDX-License-Identifier: GPL-3.0-or-later
"""Vercel's caches: each deployment has an edge cache of its own, and all of them share the data cache."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.cache import Cache
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.access import api

TAGS_A_CALL = 16


class VercelCache(Cache):
    """A rollback leaves the data cache as the bad release filled it; the edge cache goes back with the deployment."""

    name = "Vercel"
    takes_tags = True
    unknown = ""

    def __init__(self, options: Options, run: Run) -> None:
        self.api = api(options, run)
        self.query = {"projectIdOrName": options["project"]}

    def caches(self, tags: list[str]) -> list[str]:
        if [tag for tag in tags if len(tag) > 256]:
            raise Refused("Vercel takes no tag of more than 256 characters", "Correct the tags.")
        self.api.get(f"/v9/projects/{self.query['projectIdOrName']}")  # a project that is not there is found out in check mode, too
        return ["cached answers"] if tags else ["edge cache", "data cache"]

    def purge(self, tags: list[str]) -> bool:
        for start in range(0, len(tags), TAGS_A_CALL):
            body = {"tags": tags[start : start + TAGS_A_CALL], "target": "production"}
            self.api.send("POST", "/v1/edge-cache/invalidate-by-tags", body, **self.query)
        if not tags:
            self.api.send("POST", "/v1/edge-cache/purge-all", **self.query)
            self.api.send("DELETE", "/v1/data-cache/purge-all", **self.query)
        return True
