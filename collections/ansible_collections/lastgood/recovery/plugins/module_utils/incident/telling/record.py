# SPDX-License-Identifier: GPL-3.0-or-later
"""C(told.json): what was told where, what waits to be told again, and what each channel remembers."""
from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import write
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message

SENDING, SENT, QUEUED, FAILED, NOT_DELIVERED, SUPERSEDED = "sending", "sent", "queued", "failed", "not delivered", "superseded"
WAITING = (SENDING, QUEUED)
"""Not told for certain: told again, which a channel recognises if it was told after all."""
VERDICTS = ("restored", "not_restored", "partial", "unverified")


class Record:
    """The file of one incident, for one telling at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data: dict[str, Any] = {"stages": [], "channels": {}}
        if path.exists():
            self.data |= json.loads(path.read_text(encoding="utf-8"))

    def save(self) -> None:
        write(self.path, json.dumps(self.data, indent=1, ensure_ascii=False) + "\n")

    @property
    def begun(self) -> bool:
        """Whether anything of this incident was told."""
        return bool(self.data["stages"])

    def number(self, stage: str, at: str, given: int | None = None) -> int:
        """Which of that stage this is: a verdict that is the newest one already is told already, and all but progress once."""
        stages = self.data["stages"]
        mine = [one["number"] for one in stages if one["stage"] == stage]
        if given is None and mine:
            last = next((one["stage"] for one in reversed(stages) if one["stage"] in VERDICTS), "")
            again = stage in ("progress", "watch") or (stage in VERDICTS and last != stage)
            given = mine[-1] + 1 if again else mine[-1]
        number = given or 1
        if number not in mine:
            stages.append({"stage": stage, "number": number, "at": at})
        return number

    def entry(self, channel: str) -> dict[str, Any]:
        """Of one channel: C(memory), and C(messages) in the order in which they are told."""
        found: dict[str, Any] = self.data["channels"].setdefault(channel, {"memory": {}, "messages": []})
        return found

    def row(self, channel: str, stage: str, number: int) -> dict[str, Any] | None:
        return next((row for row in self.entry(channel)["messages"] if (row["stage"], row["number"]) == (stage, number)), None)

    def add(self, channel: str, message: Message, state: str, at: str) -> None:
        """A message that is to be told; progress that still waits has been overtaken by it."""
        entry = self.entry(channel)
        for row in entry["messages"]:
            if row["stage"] == "progress" and row["state"] == QUEUED:
                row["state"] = SUPERSEDED
        entry["messages"].append({"stage": message.stage, "number": message.number, "state": state, "at": at, "message": asdict(message)})

    def waiting(self, channel: str) -> list[dict[str, Any]]:
        return [row for row in self.entry(channel)["messages"] if row["state"] in WAITING]


def message_of(row: dict[str, Any]) -> Message:
    """The message as it was first written."""
    kept = dict(row["message"])
    kept["components"] = tuple(kept["components"])
    kept["facts"] = tuple((label, value) for label, value in kept["facts"])
    return Message(**kept)


@contextmanager
def alone(directory: Path, seconds: float) -> Iterator[bool]:
    """Whether nobody else tells of this incident now; waits so long for them to end."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        yield _locked(handle, time.monotonic() + seconds)
    finally:
        os.close(handle)


def _locked(handle: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        else:
            return True
