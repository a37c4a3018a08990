# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits in C(told.json) is told: all channels side by side, each in its order, and nothing twice."""
from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling import record as told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.configured import Configured, Place
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once

IN_DOUBT = "so that it may have been told, and is not told again"


def in_doubt(record: told.Record, setup: Configured) -> list[tuple[Place, dict[str, Any]]]:
    """What was being told when an earlier telling was cut off, where the channel cannot look whether it was: never again."""
    rows = [(place, row) for place in setup.places if not _recognises(place) for row in record.waiting(place.name)]
    found = [(place, row) for place, row in rows if row["state"] == told.SENDING]
    for pair in found:
        pair[1].update(state=told.FAILED, why=f"the run ended meanwhile, {IN_DOUBT}")
    return found


def send(record: told.Record, setup: Configured, until: float) -> list[tuple[Place, dict[str, Any]]]:
    """Everything that waits, each channel in its order and all channels side by side; those whose state is another one now."""
    before = {place.name: [(row, row["state"]) for row in record.waiting(place.name)] for place in setup.places}
    outcomes: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {place.name: [] for place in setup.places}
    tasks: dict[str, Callable[[], Any]] = {
        place.name: partial(_send_all, place, [pair[0] for pair in before[place.name]], dict(record.entry(place.name)["memory"]), until,
                            outcomes[place.name])
        for place in setup.places
        if before[place.name]
    }
    for place in setup.places:
        if not _recognises(place):
            for pair in before[place.name]:
                pair[0]["state"] = told.SENDING
    record.save()
    at_once(tasks, until)
    changed = []
    for place in setup.places:
        for row, new in list(outcomes[place.name]):
            if "memory" in new:
                record.entry(place.name)["memory"] = new.pop("memory")
            row.update(new)
        for row, state in before[place.name]:
            tried = row.pop("tried", False)
            if row["state"] == told.SENDING and tried and not _recognises(place):
                row.update(state=told.FAILED, why=f"no answer in time, {IN_DOUBT}")
            elif row["state"] == told.SENDING:
                row.update(state=told.QUEUED, why="no answer in time")
            if row["state"] != state:
                changed.append((place, row))
    record.save()
    return changed


def _send_all(
    place: Place, rows: list[dict[str, Any]], memory: dict[str, Any], until: float, outcome: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    """Tell one after the other; what cannot be told now keeps those after it waiting. Touches nothing but C(outcome)."""
    for row in rows:
        if place.channel is None:
            outcome.append((row, {"state": told.FAILED, "why": place.problem}))
            continue
        if time.monotonic() > until:
            return
        outcome.append((row, {"tried": True}))
        try:
            found = place.channel.tell(told.message_of(row), memory)
        except NotTold as error:
            memory = dict(error.memory) if error.memory is not None else memory
            state = told.QUEUED if error.again else told.FAILED
            outcome.append((row, {"state": state, "why": place.redacted(error.message), "memory": memory}))
            if error.again:
                return
        except Exception as error:  # a channel's own fault must not reach the rollback
            message = error.message if isinstance(error, RecoveryError) else type(error).__name__
            outcome.append((row, {"state": told.FAILED, "why": place.redacted(message)}))
        else:
            memory = dict(found.memory)
            outcome.append((row, {"state": told.SENT, "link": found.link, "memory": memory, "why": ""}))


def _recognises(place: Place) -> bool:
    return place.channel is None or place.channel.recognises
