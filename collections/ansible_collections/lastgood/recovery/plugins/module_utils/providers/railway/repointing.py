# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a database's services the clients use: the one it was, or one that a recovery to a moment made beside it."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils import database_places, errors
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import database_documents as documents
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import Graph
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.database_clients import Client, Source, source
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.volumes import There


class Repointing:
    """Clients refer to a database by its service's name. C(undo): a run that was cut off was on its way back."""

    def __init__(self, graph: Graph, clients: list[Client], undo: bool) -> None:
        self.graph, self.clients, self.undo = graph, clients, undo
        self.turned = False
        self._from = ""

    def siblings(self, there: There) -> list[str]:
        """Ids of the services that recoveries have made of this database, in this environment."""
        return [
            id
            for id, row in there.services.items()
            if id != there.service and id in there.config and database_places.base(row["name"]) == there.name
        ]

    def home(self, there: There) -> str:
        """The service that all clients run with; while that changes, the one from before."""
        siblings = self.siblings(there)
        if not self.clients or not siblings:
            return there.service
        sources = self._sources(there)
        named = {client.names(sources) for client in self.clients}
        beside = max((named & set(siblings)) or siblings, key=lambda id: str(there.services[id]["createdAt"]))
        if len(named) == 1 and not any(client.outdated() for client in self.clients):
            return named.pop()
        return beside if self.undo else there.service

    def turn(self, there: There, to: str, keep_as: str) -> None:
        for client in self.clients:
            (client.take_up if self.turned else client.remember)()
        known = {one.id: one for one in self._sources(there)}
        named = {client: client.names(list(known.values())) for client in self.clients}
        wanted = {client: client.rewritten(known[old], known[to]) for client, old in named.items() if old != to}
        late = [client for client in self.clients if client not in wanted and client.outdated()]
        if not wanted and not late and not self.turned:
            raise errors.Locked(f"somebody else has just let {known[to].name} serve", "Run the same command again: it looks first.")
        self._from = self._from or next((old for old in named.values() if old != to), "")
        self.turned = True
        for client, values in wanted.items():
            client.write(values)
        for client in (*wanted, *late):
            client.deploy()
        if self._from and self._from != there.service and known[self._from].name != keep_as:
            self.graph.send(documents.NAME_SERVICE, service=self._from, name=keep_as)

    def settled(self, there: There, to: str) -> bool:
        """ActivationFailed when a client's deployment fails, once all of them refer to the one from before."""
        try:
            settled = [client.settled() for client in self.clients]
        except errors.ActivationFailed as failed:
            known = {one.id: one for one in self._sources(there)}
            back = known[self._from or there.service]
            for client in self.clients:
                client.write(client.rewritten(known[to], back))
                if client.went_live():
                    client.deploy()
            raise errors.ActivationFailed(f"{failed.message}; the variables refer to {back.name} again", failed.hint) from None
        return all(settled)

    def _sources(self, there: There) -> list[Source]:
        return [source(self.graph, id, there.services[id]["name"]) for id in (there.service, *self.siblings(there))]
