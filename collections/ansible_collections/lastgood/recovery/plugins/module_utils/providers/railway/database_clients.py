# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that use a database at Railway: which one their variables refer to, and how they come to refer to another."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import documents, history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import Graph
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import WORKING
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.variables import RailwayVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

ADDRESSES = ("DATABASE_URL", "DATABASE_PUBLIC_URL")


@dataclass(frozen=True)
class Source:
    """A database's service, by the name that references have, with its addresses, which hold its password."""

    id: str
    name: str
    addresses: dict[str, str]

    def within(self, text: str) -> bool:
        return bool(re.search(rf"\$\{{\{{\s*{re.escape(self.name)}\.", text)) or any(one in text for one in self.addresses.values())


class Client:
    """One service, whose deployments remember the variables that they were made with."""

    def __init__(self, service: str, options: Options, run: Run) -> None:
        self.service = service
        self.variables = RailwayVariables({**options, "service": service}, run)
        self._started: Release | None = None
        self._known: set[str] = set()

    def names(self, sources: list[Source]) -> str:
        """The id of the database that its variables refer to; Refused when none or several are meant."""
        values = [value for value in self.variables.values().values() if value]
        named = [source for source in sources if any(source.within(value) for value in values)]
        if len(named) == 1:
            return named[0].id
        meant = " and ".join(source.name for source in named) or "none of this database's services"
        raise errors.Refused(
            f"the variables of {self.service} refer to {meant}",
            "Let one of them refer to it, such as ${{Postgres.DATABASE_URL}}, or leave the service out of clients.",
        )

    def rewritten(self, old: Source, new: Source) -> dict[str, str]:
        """The variables that refer to the old one, with the new one instead: a reference stays a reference."""
        changed = {}
        for name, value in self.variables.values().items():
            if not value or not old.within(value):
                continue
            text = re.sub(rf"(\$\{{\{{\s*){re.escape(old.name)}\.", rf"\g<1>{new.name}.", value)
            for kind, address in old.addresses.items():
                if address in text and kind not in new.addresses:
                    raise errors.Refused(f"{new.name} has no {kind}, and {name} of {self.service} holds it", "Give it one at Railway.")
                text = text.replace(address, new.addresses.get(kind, ""))
            changed[name] = text
        return changed

    def write(self, values: dict[str, str]) -> None:
        if values:
            self.variables.write(values, [])

    def outdated(self) -> bool:
        """Whether what serves was made with other variables, and nothing is under way that would change it."""
        if self.variables.releases.newest(WORKING):
            return False
        return self.variables.outdated() is True

    def remember(self) -> None:
        """Which deployments there are before anything is asked for, so that one that somebody else starts meanwhile is known."""
        self._known = self._known or {row["id"] for row in self.variables.releases.newest()}

    def deploy(self) -> None:
        """What serves, once more; Locked when another run does the same, of which only the first goes on."""
        self._alone("")
        serving = self.variables.releases.current()
        if serving:  # always one of our own, and never one that is under way already: whose it is has to be told apart
            self._started = self.variables.releases.deploy_again(serving.id)
            self._alone(self._started.id)

    def take_up(self) -> None:
        """Find the deployment that was asked for when the answer was lost."""
        if self._started is None and (fresh := self._fresh()):
            self._started = history.release(fresh, [], active=False)

    def _alone(self, ours: str) -> None:
        first = self._fresh()
        if first is None or first["id"] == ours:
            return
        if ours:
            self.variables.releases.cancel(ours)
        message = f"somebody else deploys {self.service} at the same time ({first['id']})"
        raise errors.Locked(message, "Run the same command again after that.")

    def _fresh(self) -> dict[str, Any] | None:
        """The first deployment that was asked for since."""
        rows = [row for row in self.variables.releases.newest() if row["id"] not in self._known]
        asked = [row for row in rows if (row.get("meta") or {}).get("reason") == "redeploy"]
        return min(asked, key=lambda row: (row["createdAt"], row["id"]), default=None)

    def settled(self) -> bool:
        """ActivationFailed when what was started has failed."""
        if self._started is not None:
            return self.variables.serves(self._started)
        return not self.variables.releases.newest(WORKING)

    def went_live(self) -> bool:
        serving = self.variables.releases.current()
        return bool(serving and self._started and serving.id == self._started.id)


def source(graph: Graph, id: str, name: str) -> Source:
    """With the addresses that it has, rendered."""
    rendered = graph.ask(documents.VARIABLES, serviceId=id)["variablesForServiceDeployment"]
    return Source(id, name, {kind: rendered[kind] for kind in ADDRESSES if rendered.get(kind)})
