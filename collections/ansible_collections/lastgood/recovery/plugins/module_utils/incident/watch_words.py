# SPDX-License-Identifier: GPL-3.0-or-later
"""What the newest look of a watch comes to, in words, for the screen and for people elsewhere."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

Event = Mapping[str, Any]
FLAG = "🚩"


def headline(events: Sequence[Event]) -> str:
    """C(look 3: all well), C(RED FLAG: hold of storefront), or how the watch ended; nothing where none was."""
    newest = next((event for event in reversed(events) if event["event"] in ("watch_look", "watched")), None)
    if newest is None:
        return ""
    if newest["event"] == "watched":
        came = "all well" if newest["well"] else f"{FLAG} {names(newest['flags'])}" if newest["flags"] else "not all is well"
        return f"watched for {span(newest['seconds'])}, {_looks(newest['looks'])}: {came}"
    if newest["flags"]:
        return f"{FLAG} RED FLAG at look {newest['number']}: {names(newest['flags'])}"
    if newest["findings"]:
        return f"look {newest['number']}: not sure of {names(newest['findings'])}, looking again"
    return f"look {newest['number']}: " + ("all well" if newest["verdict"] == "OK" else "as at the verdict")


def details(events: Sequence[Event], fields: Mapping[str, Any]) -> list[str]:
    """A line for each thing that is not as it was, and once the watch has ended what to type."""
    newest = next((event for event in reversed(events) if event["event"] in ("watch_look", "watched")), None)
    if newest is None:
        return []
    if newest["event"] == "watched":
        if newest["commits"]:
            return ["It is kept now, and new pushes go live again."]
        to = "Keep it and let new pushes go live again" if newest["well"] else "Look at the report; then keep it"
        undo = [] if newest["well"] else [f"or go forward again: {command(fields, 'undo')}"]
        return [f"{to}: {command(fields, 'commit')}", *undo]
    raised = {(flag["kind"], flag["name"]) for flag in newest["flags"]}
    return [f"{FLAG if (one['kind'], one['name']) in raised else '?'} {one['why']}" for one in newest["findings"]]


def names(found: Sequence[Event]) -> str:
    """C(hold of storefront, order and test payment and 2 more)."""
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(str(one["name"]) for one in found[:3]) + more


def _looks(count: int) -> str:
    return "1 look" if count == 1 else f"{count} looks"
