# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that use a database at Render: which instance their variables name, and how they come to name another one."""
from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import parse
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.variables import RenderVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

NEWEST = 20
"""Deploys among which one of somebody else is looked for."""


@dataclass(frozen=True)
class Addresses:
    """Both connection strings of an instance, which hold its password."""

    internal: str
    external: str


class Client:
    """One service. What it uses is told by its variables, and by whether it was deployed since they name it."""

    def __init__(self, service: str, options: Options, run: Run) -> None:
        self.service = service
        self.variables = RenderVariables({**options, "service": service}, run)
        self._started: Release | None = None
        self._known: set[str] = set()

    def names(self, instances: Iterable[str]) -> str:
        """The id of the instance that its variables name; Refused when none or several do."""
        values = [value for value in self.variables.values().values() if value]
        named = [id for id in instances if any(id in value for value in values)]
        if len(named) == 1:
            return named[0]
        if named:
            raise errors.Refused(
                f"the variables of {self.service} name {' and '.join(named)}", "Correct them at Render, so that they name one of them."
            )
        raise errors.Refused(
            f"no variable of {self.service} names this database",
            "It may be in an environment group, which is not looked at: move it to the service, or leave the service out of services.",
        )

    def rewritten(self, old: str, fresh: Addresses, known: Addresses) -> dict[str, str]:
        """The variables that hold an address of the old instance (C(known)), with C(fresh); Refused when one names it in another form."""
        changed = {}
        for name, value in self.variables.values().items():
            if not value or old not in value:
                continue
            text = value.replace(known.internal, fresh.internal).replace(known.external, fresh.external)
            if old in text:
                raise errors.Refused(
                    f"{name} of {self.service} names {old} in another form than its connection string",
                    "Write the internal or external connection string there, or leave the service out of services and change it by hand.",
                )
            changed[name] = text
        return changed

    def write(self, values: dict[str, str]) -> None:
        """Only what differs; it has no effect before a deploy."""
        there = self.variables.values()
        differing = {name: value for name, value in values.items() if there.get(name) != value}
        if differing:
            self.variables.write(differing, [])

    def deployed_since(self, moment: datetime) -> bool:
        """Whether a deploy was started later that serves, or is under way; a service without any deploy that serves needs none."""
        serving = self.variables.releases.current()
        if serving is None or serving.created_at >= moment:
            return True
        return any(parse(row["createdAt"]) >= moment for row in self.variables.releases.working())

    def remember(self) -> None:
        """Which deploys there are before anything is asked for, so that one that somebody else starts meanwhile is known."""
        self._known = self._known or {row["id"] for row in self._newest()}

    def deploy(self) -> None:
        """The code that serves, once more; Locked when another run does the same, of which only the first goes on."""
        self._alone("")
        self._started = self.variables.redeploy()
        if self._started:
            self._alone(self._started.id)

    def take_up(self) -> None:
        """Find the deploy that was asked for when the answer was lost."""
        if self._started is None and (fresh := self._fresh()):
            self._started = next(release for release in self.variables.releases.releases() if release.id == fresh["id"])

    def _alone(self, ours: str) -> None:
        first = self._fresh()
        if first is None or first["id"] == ours:
            return
        if ours:
            with suppress(errors.BadRequest, errors.Conflict):  # it may have ended by itself
                self.variables.api.send("POST", f"{self.variables.path}/deploys/{ours}/cancel")
        message = f"somebody else deploys {self.service} at the same time ({first['id']})"
        raise errors.Locked(message, "Run the same command again after that.")

    def _fresh(self) -> dict[str, Any] | None:
        """The first deploy that was asked for since."""
        fresh = [row for row in self._newest() if row["id"] not in self._known and row.get("trigger") == "api"]
        return min(fresh, key=lambda row: (row["createdAt"], row["id"]), default=None)

    def _newest(self) -> list[dict[str, Any]]:
        return [row["deploy"] for row in self.variables.api.get(f"{self.variables.path}/deploys", limit=NEWEST)]

    def went_live(self) -> bool:
        """Whether what serves is the deploy that was started here."""
        serving = self.variables.releases.current()
        return bool(serving and self._started and serving.id == self._started.id)

    def settled(self) -> bool:
        """Whether no deploy is under way; ActivationFailed when ours has failed."""
        if self._started is not None and not self.variables.serves(self._started):
            return False
        return not self.variables.releases.working()
