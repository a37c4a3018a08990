# SPDX-License-Identifier: GPL-3.0-or-later
"""Railway's service variables: changing one deploys, unless it is told not to, and each deployment remembers its own."""
from __future__ import annotations

from datetime import datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Values, Variables
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import documents, history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import WORKING, Railway
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.today import Today
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release


class RailwayVariables(Variables):
    """References stay references; what a deployment remembers of them is only what they stood for then."""

    name = "Railway"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Railway(options, run)
        self.graph, self.run = self.releases.graph, run
        self.key = (options["token"] or options["api_token"]).encode()
        self._known: set[str] = set()
        self._removed = False

    def values(self) -> Values:
        return self._today().values

    def as_of(self, when: datetime) -> Values:
        release = choice.serving_at(self.releases.releases(), when)
        if release is None:
            raise errors.Refused(
                f"nothing was serving at {moment.iso(when)}, as far as Railway remembers",
                "Give a later moment, variables, or a recovery_point.",
            )
        then = self._snapshot(release.id)
        if then is None:
            raise errors.Refused(f"Railway does not know the variables of {release} any more", "Give variables, or a recovery_point.")
        today = self._today()
        if moved := today.moved(then):
            self.run.tell(f"{', '.join(moved)}: a reference now, and what it refers to was something else then; left as it is")
        return today.put_back(then)

    def write(self, values: dict[str, str], gone: list[str]) -> None:
        self._remember()
        if gone:
            today = self._today()
            if self._nothing_sealed(today):  # one call that deploys nothing
                self._set({**{name: text for name, text in today.texts.items() if name not in gone}, **values}, replace=True)
                return
        if values:
            self._set(values, replace=False)
        for name in gone:  # a sealed one that is not given would be gone as well
            self._removed = True
            self.graph.send(documents.REMOVE_VARIABLE, name=name)

    def outdated(self) -> bool | None:
        serving = self.releases.current()
        if serving is None:
            return False
        differing = self._differing(serving)
        return None if differing is None else bool(differing)

    def redeploy(self) -> Release | None:
        serving = self.releases.current()
        if serving is None:
            return None
        taken_up: Release | None = None
        for row in self.releases.newest(WORKING):
            release = history.release(row, [], active=False)
            if taken_up is None and release.artifact == serving.artifact and self._differing(release) == []:
                taken_up = release
            elif self._removed and release.id not in self._known:  # started by a removal: half of the change, or a newer push
                self.releases.cancel(release.id)
        if taken_up:
            return taken_up
        if self._known and serving.id not in self._known and self._differing(serving) == []:
            return serving
        self._remember()
        return self.releases.deploy_again(serving.id)

    def serves(self, release: Release) -> bool:
        if not self.releases.settled(release):
            return False
        if differing := self._differing(release):
            raise errors.ActivationFailed(
                f"Railway deployed {release} with another {', '.join(differing)} than it has today",
                "Somebody else may be changing them; look at the service's variables at Railway, then run the same command again.",
            )
        return True

    def _today(self) -> Today:
        data = self.graph.ask(documents.VARIABLES)
        return Today(data["variables"], data["variablesForServiceDeployment"])

    def _snapshot(self, deployment: str) -> dict[str, str] | None:
        """The variables it was made with, rendered; None when Railway does not know."""
        found = self.graph.ask(documents.SNAPSHOT, id=deployment)["deploymentSnapshot"]
        return found and {name: value for name, value in found["variables"].items() if value is not None}

    def _differing(self, release: Release) -> list[str] | None:
        """Names of the variables that it was not made with as they are today; None when Railway does not know."""
        then = self._snapshot(release.id)
        return None if then is None else self._today().differing(then)

    def _nothing_sealed(self, today: Today) -> bool:
        """Whether the variables that can be read are all there are, by two of Railway's answers: replacing loses the others."""
        found = self.graph.ask(documents.SEALED)["environment"]["variables"]
        own = [edge["node"] for edge in found["edges"] if edge["node"]["serviceId"] == self.graph.place["serviceId"]]
        readable = not today.hidden and not found["pageInfo"]["hasNextPage"] and not any(row["isSealed"] for row in own)
        return readable and {row["name"] for row in own} == set(today.texts)

    def _set(self, values: dict[str, str], replace: bool) -> None:
        if self.graph.send(documents.SET_VARIABLES, variables=values, replace=replace)["variableCollectionUpsert"] is not True:
            raise errors.VendorError("Railway did not accept the variables", "Look at the service's variables at Railway.")

    def _remember(self) -> None:
        """Which deployments there were before anything was asked for, so that one that a lost answer has started is known."""
        self._known = self._known or {row["id"] for row in self.releases.newest()}
