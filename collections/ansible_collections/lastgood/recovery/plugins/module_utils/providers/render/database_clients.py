# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that use a database at Render: which instance their variables name, and how they come to name another one."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import parse
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.variables import RenderVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release


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

    def rewritten(self, old: str, new: str, known: dict[str, Addresses]) -> dict[str, str]:
        """The variables that hold an address of the old instance, with the new one's; Refused when one names it in another form."""
        changed = {}
        for name, value in self.variables.values().items():
            if not value or old not in value:
                continue
            text = value.replace(known[old].internal, known[new].internal).replace(known[old].external, known[new].external)
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

    def deploy(self) -> None:
        """The code that serves, once more."""
        self._started = self.variables.redeploy()

    def went_live(self) -> bool:
        """Whether what serves is the deploy that was started here."""
        serving = self.variables.releases.current()
        return bool(serving and self._started and serving.id == self._started.id)

    def settled(self) -> bool:
        """Whether no deploy is under way; ActivationFailed when ours has failed."""
        if self._started is not None and not self.variables.serves(self._started):
            return False
        return not self.variables.releases.working()
