# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a rollback after its report: kept for good, undone, or taken back half-way."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import clock, stamp, text, time_of

STATES = {
    "committed": "Kept for good at {} UTC; new pushes go live as before.",
    "undone": "Undone at {} UTC: what the rollback took out of service serves again.",
}


def split_off_ending(events: list[Event]) -> tuple[list[Event], list[Event]]:
    """The events of the rollback with all its runs, and those after the run that closed it last."""
    closed = max((index for index, event in enumerate(events) if event.get("event") == "closed"), default=len(events))
    if any(event.get("event") == "resumed" for event in events[closed:]):
        return events, []
    return events[:closed + 1], events[closed + 1:]


def read_ending(ending: list[Event]) -> dict[str, Any]:
    """How the incident ended: {state: committed|undone|unfinished or empty, at, words}; unfinished began to change things again."""
    last = next((event for event in reversed(ending) if event.get("event") in STATES), None)
    if last:
        at = stamp(time_of(last.get("at")))
        return {"state": last["event"], "at": at, "words": STATES[last["event"]].format(clock(at))}
    watches = {text(event.get("run")) for event in ending if event.get("event") == "watch_begun"}
    if any(event.get("event") == "intent" and text(event.get("run")) not in watches for event in ending):
        return {"state": "unfinished", "at": None, "words": "Keeping or undoing it was begun and did not finish."}
    return {"state": "", "at": None, "words": ""}
