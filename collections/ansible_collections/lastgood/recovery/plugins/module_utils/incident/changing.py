# SPDX-License-Identifier: GPL-3.0-or-later
"""When an incident changed something last, which what is cached has to be newer than."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import CACHE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import ARGUMENTS as ONE_INCIDENT
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

FORGETTING = ("CreateInvalidation",)
"""What changes nothing that could be cached."""
ARGUMENTS: dict[str, Any] = {**ONE_INCIDENT, "target": {"type": "str"}}


def changed(options: Options, run: Run) -> Result:
    """C(at): the time of the last call that changed something, in any run of the incident; nothing when there was none.

    C(purge): whether something of the target was changed since its vendor's cache was purged.
    """
    if run.check or not options["incident"].get("directory"):
        return {"at": None, "purge": False}
    events = opened(options).journal.events()
    calls = [event for event in events if _changes(event)]
    return {"at": calls[-1]["at"] if calls else None, "purge": _to_purge(events, options["target"])}


def _to_purge(events: Sequence[dict[str, Any]], target: str | None) -> bool:
    """A purge is calls, too; its result follows them."""
    mine = [event for event in events if event.get("target") == target and (_changes(event) or _purged(event))]
    return bool(mine) and not _purged(mine[-1])


def _changes(event: dict[str, Any]) -> bool:
    return event["event"] in ("call", "answer") and event.get("method") not in FORGETTING


def _purged(event: dict[str, Any]) -> bool:
    return event["event"] == "result" and event.get("kind") == CACHE and event["status"] in ("ok", "changed")


CHANGED = Operation(ARGUMENTS, changed)
