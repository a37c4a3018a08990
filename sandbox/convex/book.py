"""Convex's rows and how to find one."""

from __future__ import annotations

import re
from typing import Any

from sandbox.clock import now_ms
from sandbox.emulator import Call
from sandbox.state import Row, State

NOTE = "LASTGOOD_RELEASE"
_MADE_OF = re.compile(r"release=(\d+) kind=([a-z-]+)")


class Book:
    """Convex's slice of the state: one deployment, and the repository that it is deployed from."""

    def __init__(self, state: State) -> None:
        self._rows = state.data["convex"]

    @property
    def deployment(self) -> Row:
        deployment: Row = self._rows["deployment"]
        return deployment

    @property
    def commits(self) -> list[Row]:
        """Oldest first."""
        commits: list[Row] = self._rows["commits"]
        return commits

    def commit_of(self, modules: list[Row]) -> Row | None:
        """The commit that these modules were built from, as their code tells."""
        for module in modules:
            if found := _MADE_OF.search(module["source"]):
                return next((commit for commit in self.commits if commit["number"] == int(found.group(1))), None)
        return None

    def served_commit(self) -> Row:
        return next(commit for commit in self.commits if commit["number"] == self.deployment["serving"])

    def record(self, action: str, metadata: Row | None = None, at: int | None = None) -> None:
        """Add an event to the audit log."""
        event = {"actor": {"kind": "token", "token_id": 0}, "action": action, "createTime": at or now_ms(), "metadata": metadata or {}}
        self.deployment["audit"].append({**event, "clientIp": None, "clientUserAgent": None})

    def set_variable(self, name: str, value: str | None, at: int | None = None) -> None:
        env = self.deployment["env"]
        if value is None:
            action = "delete_environment_variable"
            if env.pop(name, None) is None:
                return
        else:
            action = "update_environment_variable" if name in env else "create_environment_variable"
            env[name] = value
        self.record(action, {"variable_name": name}, at)


def body(call: Call) -> Row:
    """The JSON object that was sent."""
    given: Any = call.body
    return given if isinstance(given, dict) else {}
