# SPDX-License-Identifier: GPL-3.0-or-later
"""What every cache module does: purge, once more when the answer is lost, and say what nobody can know."""
from __future__ import annotations

from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock, until_answered

ARGUMENTS: dict[str, Any] = {
    "tags": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 60},
    "poll": {"type": "float", "default": 2},
}


class Cache(Protocol):
    """What a vendor keeps of one target's answers, to give them again."""

    name: str
    """The vendor's name, as people write it."""
    takes_tags: bool
    """Whether entries can be picked by the tags that the application gave them."""
    unknown: str
    """What the vendor's yes leaves open, in words; empty when it leaves nothing open."""

    def caches(self, tags: list[str]) -> list[str]:
        """The caches that a purge empties, in words; none where the vendor keeps nothing of this target."""

    def purge(self, tags: list[str]) -> bool:
        """Forget everything, or what carries one of these tags; False when the vendor says that it caches nothing."""


def operation(vendor: Reached) -> Operation:
    """A cache module for that vendor."""
    return Operation(
        arguments={**vendor.arguments_of("cache"), **ARGUMENTS},
        perform=lambda options, run: purge(vendor.connect("cache", options, run), options, run),
    )


def purge(cache: Cache, options: Options, run: Run) -> Result:
    """Purge. What is cached cannot be looked at, so it counts as changed whenever there is a cache at all."""
    tags = list(dict.fromkeys(options["tags"]))
    if tags and not cache.takes_tags:
        raise Refused(f"{cache.name} cannot pick entries by tag", "Leave tags out: everything is purged then.")
    caches = cache.caches(tags)
    if caches and not run.check and not _purge(cache, tags, options, run):
        caches = []
    return {
        "changed": bool(caches),
        "purged": caches,
        "tags": tags,
        "warnings": [cache.unknown] if cache.unknown and caches else [],
        "summary": _summary(cache, caches, tags, run),
    }


def _purge(cache: Cache, tags: list[str], options: Options, run: Run) -> bool:
    tick = clock(f"{cache.name} purges", options["timeout"], options["poll"], run.tell)
    return until_answered(lambda: cache.purge(tags), tick)


def _summary(cache: Cache, caches: list[str], tags: list[str], run: Run) -> str:
    if not caches:
        return f"{cache.name} caches nothing of it"
    which = f" of {', '.join(tags)}" if tags else ""
    return f"{' and '.join(caches)}{which} {'would be ' if run.check else ''}purged"
