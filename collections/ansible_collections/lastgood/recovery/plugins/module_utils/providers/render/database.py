# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL at Render: a recovery is a new instance with an address of its own, so that services have to be told of it."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils import database_places, errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import FAILED, PENDING, READY, Place, Point, Standing
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.access import api
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.database_clients import Addresses, Client
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.database_instance import Instance, instance, taken_out
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import within_reach

PAGE = 100
TOO_RECENT = timedelta(minutes=10)
"""What was written later than this can not be recovered yet."""
BROKEN = ("recovery_failed", "unavailable", "suspended")
WHY_NOT = {
    "BACKUP_NOT_READY": "it is too young to have a backup: try again later, or go back to another instance with place",
    "NOT_AVAILABLE": "its plan keeps no history; an export may be restored with postgres_restore",
}


class RenderDatabase:
    """What serves is what the services' variables name: Render itself knows no such thing."""

    name = "Render"

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run = options, run
        self.api = api(options, run)
        for service in options["services"]:
            within_reach("render", service, options["reach"])
        if options["serve"] and not options["services"]:
            raise errors.Refused("no services are named that use this database", "Name them with services, or only prepare: serve: false.")
        self.clients = [Client(service, options, run) for service in options["services"]]
        self._known: dict[str, Addresses] = {}
        self._asked = False

    def standing(self) -> Standing:
        family = self._family()
        serves = self._serves(family)
        self._can_be_rewritten(family)
        earliest, latest = self._window(serves, family)
        others = [self._place(one, serves) for one in family.values() if one.id != serves.id]
        return Standing(
            serves=self._place(serves, None),
            earliest=earliest,
            latest=latest,
            places=others,
        )

    def _can_be_rewritten(self, family: dict[str, Instance]) -> None:
        """Refused in check mode, too."""
        for client, old in self._named(family).items():
            client.rewritten(old, Addresses("", ""), self._addresses(old))

    def _window(self, serves: Instance, family: dict[str, Instance]) -> tuple[datetime | None, datetime | None]:
        """The moments it can go back to, that of an instance which is there already among them; NotRestorable says why there are none."""
        told = self.api.get(f"/postgres/{serves.id}/recovery")
        status, moments = told["recoveryStatus"], [database_places.moment_in(one.name) for one in family.values()]
        there = [at for at in moments if at and at == self._wanted()]
        if status == "AVAILABLE":
            now = datetime.now(UTC) + timedelta(seconds=self.api.clock_ahead)
            there += [moment.parse(told["startsAt"]), (now - TOO_RECENT).replace(microsecond=0)]
        elif self.options["good_at"] and not there:
            why = WHY_NOT.get(status, status)
            raise errors.NotRestorable(f"Render cannot take {serves.name} back: {why}", "Look at Render's dashboard.")
        return min(there, default=None), max(there, default=None)

    def _wanted(self) -> datetime | None:
        return moment.parse(self.options["good_at"]).replace(microsecond=0) if self.options["good_at"] else None

    def prepare(self, point: Point, name: str) -> None:
        serves = self._serves(self._family())
        if self.options["export"]:
            self.api.send("POST", f"/postgres/{serves.id}/export")
        self.api.send("POST", f"/postgres/{serves.id}/recovery", {"restoreTime": moment.iso(point.at), "restoreName": name})

    def url(self, place: Place) -> str | None:
        return self._addresses(place.id).external

    def serve(self, place: Place, keep_as: str) -> None:
        """The one that serves gets its new name first: a run that is cut off after that is known to have begun."""
        for client in self.clients:
            (client.take_up if self._asked else client.remember)()
        family = self._family()
        serves, began = self._serves(family), self._began(family, place.id)
        fresh = self._addresses(place.id)
        named = {client: old for client, old in self._named(family).items() if old != place.id}
        wanted = {client: client.rewritten(old, fresh, self._addresses(old)) for client, old in named.items()}
        wanted |= {client: {} for client in self.clients if client not in wanted and not client.deployed_since(began)}
        if not wanted and not self._asked:
            raise errors.Locked(f"somebody else has just let {place.name} serve", "Run the same command again: it looks first.")
        self._asked = True
        if serves.id != place.id and (serves.id != self.options["postgres"] or self.options["keep_as"]) and serves.name != keep_as:
            self.api.send("PATCH", f"/postgres/{serves.id}", {"name": keep_as})
        for client, values in wanted.items():
            client.write(values)
        for client in wanted:
            client.deploy()

    def serving(self, place: Place) -> bool:
        try:
            settled = [client.settled() for client in self.clients]  # all of them are asked: each may have failed
        except errors.ActivationFailed as failed:
            self._put_back(place)
            raise errors.ActivationFailed(
                f"{failed.message}; the variables name the instance from before again, and what used {place.name} is deployed anew",
                failed.hint,
            ) from None
        return all(settled)

    def remove(self, place: Place) -> None:
        row = self.api.get(f"/postgres/{place.id}")
        if database_places.moment_in(row["name"]) is None or place.kept_at:
            raise errors.Refused(f"{place.name} is not one that was only prepared", "Look at it at Render.")
        self.api.send("DELETE", f"/postgres/{place.id}")

    def _put_back(self, place: Place) -> None:
        """Variables that name an instance nothing was deployed with would go live with somebody's next push."""
        family = self._family()
        back = self._outgoing(family, place.id)
        for client in self.clients:
            client.write(client.rewritten(place.id, self._addresses(back.id), self._addresses(place.id)))
            if client.went_live():
                client.deploy()

    def _family(self) -> dict[str, Instance]:
        """The instance that is named, and those of the same name with what recoveries add to it; by id."""
        own = self.api.get(f"/postgres/{self.options['postgres']}")
        found = {own["id"]: instance(own)}
        base = database_places.base(own["name"])
        cursor: str | None = None
        while True:
            rows = self.api.get("/postgres", ownerId=own["owner"]["id"], limit=PAGE, cursor=cursor)
            for row in (row["postgres"] for row in rows):
                wished = {row["id"], row["name"]} & {self.options["place"], self.options["keep_as"]}
                if wished or database_places.base(row["name"]) == base:
                    found[row["id"]] = instance(row)
            if len(rows) < PAGE:
                return found
            cursor = rows[-1]["cursor"]

    def _named(self, family: dict[str, Instance]) -> dict[Client, str]:
        return {client: client.names(family) for client in self.clients}

    def _serves(self, family: dict[str, Instance]) -> Instance:
        """The one that all services were deployed with; while that changes, the one from before."""
        named = set(self._named(family).values()) or {self.options["postgres"]}
        if len(named) == 1:
            (id,) = named
            began = self._began(family, id)
            if all(client.deployed_since(began) for client in self.clients):
                return family[id]
            return self._outgoing(family, id)
        return max((family[id] for id in named), key=taken_out)

    def _outgoing(self, family: dict[str, Instance], incoming: str) -> Instance:
        """The one that served before that one: taken out last, as its name tells; else the one that was named by the inventory."""
        newest = max((one for one in family.values() if one.id != incoming), key=taken_out, default=family[incoming])
        if newest.stamp and newest.stamp > family[incoming].created_at:
            return newest
        return family[self.options["postgres"]]

    def _began(self, family: dict[str, Instance], incoming: str) -> datetime:
        """A deploy since then has the variables that name it, as far as anybody can tell."""
        ahead = timedelta(seconds=self.api.clock_ahead)
        stamps = [one.stamp + ahead for one in family.values() if one.stamp]
        return max([family[incoming].created_at, *stamps])

    def _place(self, one: Instance, serves: Instance | None) -> Place:
        state = READY if one.status == "available" else FAILED if one.status in BROKEN else PENDING
        if serves is None:
            state = READY if all(client.settled() for client in self.clients) else PENDING
        kept = one.stamp
        if kept is None and serves and not one.recovered:
            kept = serves.created_at  # the one that served before any recovery keeps its name
        return Place(
            id=one.id,
            name=one.name,
            prepared_as=one.name if one.recovered else "",
            state=state,
            problem=f"its status is {one.status}" if state == FAILED else "",
            kept_at=kept if serves else None,
            undone=one.undone,
        )

    def _addresses(self, id: str) -> Addresses:
        if id not in self._known:
            info = self.api.get(f"/postgres/{id}/connection-info")
            self._known[id] = Addresses(info["internalConnectionString"], info["externalConnectionString"])
        return self._known[id]
