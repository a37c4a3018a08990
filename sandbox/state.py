"""Everything the sandbox remembers: plain data, in one file, with the steps that are still to come."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.clock import now_ms

Row = dict[str, Any]


def settings(latency: Row) -> Row:
    """What the control API can change, as a fresh sandbox has it; latencies in seconds."""
    return {
        "latency": {**latency, "shop.slow": 3.5},
        "limits": {"enabled": True, "buckets": {}},
        "outage": [],
        "stuck": [],
        "failing": {},
        "load": 5.0,
        "crowd": 0,
    }


@cache
def program() -> str:
    """A digest of the sandbox's own code: another version may not understand what this one has written down."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


class State:
    """The state file, which another version of the sandbox does not read.

    `save` replaces it whole, so a `kill -9` leaves the old or the new one, never half of one.
    """

    def __init__(self, path: Path, seed: Callable[[], Row], latency: Row) -> None:
        self.path = path
        self.steps: dict[str, Callable[..., None]] = {}
        self._seed, self._latency = seed, latency
        self._kept: dict[str, str] = {}
        self._woken = asyncio.Event()
        left = json.loads(path.read_text()) if path.exists() else {}
        self.data: Row = self._fresh() | (left if left.get("program") == program() else {})
        self.settings["latency"] = {**settings(latency)["latency"], **self.settings["latency"]}

    def _fresh(self) -> Row:
        return {"program": program(), "settings": settings(self._latency), "schedule": [], **self._seed()}

    def reset(self) -> None:
        """Back to the seeded history; latencies, load, the switch of the limits and customers' logins stay."""
        kept = {name: self.settings[name] for name in ("latency", "load")}
        kept["limits"] = {"enabled": self.settings["limits"]["enabled"], "buckets": {}}
        self.data = self._fresh() | {"shop": self.data["shop"]}
        self.settings.update(kept)
        self.save()

    def keep(self, name: str) -> None:
        """Remember all of it under a name, in memory."""
        self._kept[name] = json.dumps(self.data)

    def put_back(self, name: str) -> None:
        """All of it as it was when it was kept under that name; raises KeyError."""
        self.data = json.loads(self._kept[name])

    @property
    def settings(self) -> Row:
        settings: Row = self.data["settings"]
        return settings

    def latency(self, name: str) -> float:
        """Seconds that the named thing takes."""
        return float(self.settings["latency"][name])

    def save(self) -> None:
        """Write the file next to the old one, then rename it over."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.data, separators=(",", ":")))
        os.replace(fresh, self.path)

    def later(self, seconds: float, step: str, target: str, **details: Any) -> None:
        """Run the named step for a target after some seconds, also when the sandbox was restarted meanwhile."""
        due = now_ms() + int(seconds * 1000)
        self.data["schedule"].append({"due": due, "step": step, "target": target, "details": details})
        self._woken.set()

    def is_stuck(self, target: str, step: str) -> bool:
        """A stuck target (or vendor) accepts everything and finishes nothing."""
        return target in self.settings["stuck"] or step.split(".")[0] in self.settings["stuck"]

    def fails_now(self, target: str) -> bool:
        """Use up one of the failures that were ordered for this target."""
        left: int = self.settings["failing"].get(target, 0)
        if left > 0:
            self.settings["failing"][target] = left - 1
        return left > 0

    def _next(self) -> Row | None:
        known = [e for e in self.data["schedule"] if e["step"] in self.steps]  # AWS is not always there
        ready = [e for e in known if not self.is_stuck(e["target"], e["step"])]
        return min(ready, key=lambda e: e["due"], default=None)

    def run_due(self) -> bool:
        """Run every step whose time has come, in order, and save; True when there was one."""
        ran = False
        while (entry := self._next()) and entry["due"] <= now_ms():
            self.data["schedule"].remove(entry)
            self.steps[entry["step"]](entry["target"], **entry["details"])
            ran = True
        if ran:
            self.save()
        return ran

    def forget_steps(self, **details: Any) -> None:
        """Drop the steps still to come that carry all these details (a cancelled deploy)."""
        self.data["schedule"] = [e for e in self.data["schedule"] if not details.items() <= e["details"].items()]

    async def keep_time(self) -> None:
        """Run steps when they are due, for ever."""
        while True:
            self.run_due()
            entry = self._next()
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), (entry["due"] - now_ms() + 1) / 1000 if entry else None)

    def wake(self) -> None:
        """Look at the schedule again: something that held steps back has changed."""
        self._woken.set()
