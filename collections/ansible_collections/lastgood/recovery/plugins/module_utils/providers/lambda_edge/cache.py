# SPDX-License-Identifier: GPL-3.0-or-later
"""What edges have cached: answers to requests and of origins, as the function that ran then made them."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.cache import Cache
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.invalidation import ARGUMENTS, Invalidations, invalidate
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

EVERYTHING = ["/*"]


class EdgeCache(Cache):
    """One path with a wildcard is one path to pay for, whatever it empties."""

    name = "CloudFront"
    takes_tags = False
    unknown = ""

    def __init__(self, options: Options, run: Run) -> None:
        self.invalidations, self.run = Invalidations(options, run), run

    def caches(self, tags: list[str]) -> list[str]:
        self.invalidations.distribution.look()  # a distribution that is not there is found out in check mode, too
        return ["edge caches"]

    def purge(self, tags: list[str]) -> bool:
        patience = {name: option.get("default") for name, option in ARGUMENTS.items()}
        invalidate(self.invalidations, {**patience, "paths": EVERYTHING}, self.run)
        return True
