# SPDX-License-Identifier: GPL-3.0-or-later
"""A database at Railway: a backup comes back as another volume of its service, a moment as another service."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils import database_places, errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import (
    FAILED,
    PENDING,
    READY,
    Backup,
    Place,
    Point,
    Standing,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import database_documents as documents
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.database_clients import Client, source
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.mounting import Mounting
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import WORKING, Railway
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.repointing import Repointing
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.volumes import There, Volume, Volumes
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import within_reach

WINDOW = timedelta(days=28)
"""About as far back as the archive goes; what is too early in it Railway says itself."""
BROKEN = ("ERROR", "DELETING", "DELETED")


class RailwayDatabase:
    """Which one serves is told by the volume that is mounted, and, where clients are named, by the service that they refer to."""

    name = "Railway"

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run, self.service = options, run, options["service"]
        for client in options["clients"]:
            within_reach("railway", client, options["reach"])
        self.volumes = Volumes(options, run)
        self.graph = self.volumes.graph
        self.mounting = Mounting(self.volumes, Railway(options, run))
        self.clients = [Client(client, options, run) for client in options["clients"]]
        self.repointing = Repointing(self.graph, self.clients, bool(options["undo"]))
        self._said = False

    def standing(self) -> Standing:
        there = self._look()
        home = self.repointing.home(there)
        moments = "WAL_ARCHIVE_BUCKET" in (there.config[self.service].get("variables") or {})
        backups = self._backups(there) if home == self.service else []
        if self.options["good_at"] or self.options["backup"]:
            self._possible(there, moments)
        self._say_what_goes(backups, moments)
        serving = self.mounting.serving(there)
        siblings = [self._sibling(there, id, home) for id in self.repointing.siblings(there) if id != home]
        volumes = [self._unmounted(there, volume) for volume in there.volumes if volume != serving and self._ours(there, volume)]
        if home == self.service:
            serves = self._volume(there, serving, PENDING if self.mounting.releases.newest(WORKING) else READY)
        else:
            serves = self._sibling(there, home, home)
            since = moment.parse(there.services[home]["createdAt"])
            volumes.append(self._volume(there, serving, READY, since))
        latest = datetime.now(UTC) + timedelta(seconds=self.graph.api.clock_ahead)
        return Standing(
            serves,
            earliest=latest - WINDOW if moments else None,
            latest=latest if moments else None,
            backups=backups,
            places=[*siblings, *volumes],
        )

    def _backups(self, there: There) -> list[Backup]:
        """Of what is mounted, kept or prepared: nothing says with which of them Railway lists a backup after a restore."""
        ours = [volume for volume in there.volumes if self._ours(there, volume)]
        return list({backup.id: backup for volume in ours for backup in self.volumes.backups(volume)}.values())

    def prepare(self, point: Point, name: str) -> None:
        there = self._look()
        if there.mounted is None:
            raise errors.Refused("no volume is mounted", "Mount it at Railway, or let one that is kept serve with place.")
        if not point.backup:
            self.volumes.recover(there.mounted, point.at, name)
            return
        if there.patch:
            staged = there.staged.name if there.staged else "a change"
            raise errors.Refused(f"{staged} is staged for this service", "Let it serve with place, or discard it at Railway.")
        if self.options["emergency_backup"]:
            self.volumes.back_up(there.mounted, f"before {name}")
        self.volumes.restore(there.mounted, point.backup, name)

    def url(self, place: Place) -> str | None:
        """A volume can be looked into only through its service."""
        there = self._look()
        mounted = there.mounted
        service = place.id if place.id in there.services else self.service if mounted and mounted.id == place.id else None
        address = service and source(self.graph, service, "").addresses.get("DATABASE_PUBLIC_URL")
        return address if address and "@:" not in address else None

    def serve(self, place: Place, keep_as: str) -> None:
        there = self._look()
        home = self.repointing.home(there)
        if place.id in there.services or home != self.service:
            self.repointing.turn(there, place.id if place.id in there.services else self.service, keep_as)
        else:
            self.mounting.serve(there, place.id, keep_as)

    def serving(self, place: Place) -> bool:
        there = self._look()
        if self.repointing.turned:
            return self.repointing.settled(there, place.id if place.id in there.services else self.service)
        return self.mounting.settled(there, place.id)

    def remove(self, place: Place) -> None:
        """Only a service that a recovery made, and that nobody refers to."""
        there = self._look()
        name = (there.services.get(place.id) or {"name": ""})["name"]
        if database_places.moment_in(name) is None or place.id == self.repointing.home(there):
            raise errors.Refused(f"{place.name} is not one that was only prepared", "Look at it at Railway.")
        self.graph.send(documents.REMOVE_SERVICE, service=place.id)

    def _look(self) -> There:
        there = self.volumes.look()
        roles = [config for id, config in there.config.items() if id == self.service or config.get("parentServiceId") == self.service]
        if any(config.get("clusterRole") or config.get("parentServiceId") for config in roles):
            raise errors.Refused("this database is a cluster, whose replicas would not follow", "Restore it at Railway's dashboard.")
        return there

    def _possible(self, there: There, moments: bool) -> None:
        """Refused, in check mode too, where what is staged would go live with it, or clients would not be told."""
        if others := there.others_staged():
            raise errors.Refused(
                f"changes are staged in this environment ({', '.join(others)}), which would be applied together with the restore",
                "Apply or discard them at Railway, then run the same command again.",
            )
        if there.staged and database_places.base(there.staged.name) != there.name:
            raise errors.Refused(
                f"the volume {there.staged.name} is staged for this service, by somebody else or by a run that was cut off",
                f"Let it serve with place: {there.staged.name}, or discard the staged changes at Railway.",
            )
        if self.options["good_at"] and moments and self.options["serve"] and not self.clients:
            raise errors.Refused(
                "a moment comes back in a service of its own, and no clients are named that should use it",
                "Name them with clients, prepare only (serve: false), or choose a backup with backup.",
            )

    def _say_what_goes(self, backups: list[Backup], moments: bool) -> None:
        wanted, at = self.options["backup"], self.options["good_at"]
        if self._said or not backups or not (wanted or (at and not moments)):
            return
        known = [one.at for one in backups if (one.id == wanted if wanted else one.at <= moment.parse(at))]
        newer = [one for one in backups if known and one.at > max(known)]
        if newer:
            self._said = True
            self.run.tell(f"Railway deletes the {len(newer)} backups that are newer than that one; what serves now stays, as a volume")

    def _ours(self, there: There, volume: Volume) -> bool:
        named = {volume.id, volume.name} & {self.options["place"], self.options["keep_as"]}
        known = database_places.base(volume.name) == there.name or volume in (there.staged, there.mounted)
        return volume.service in (None, self.service) and bool(named or known)

    def _unmounted(self, there: There, volume: Volume) -> Place:
        kept, undone = database_places.kept_since(volume.name)
        prepared = volume.name if kept is None and database_places.base(volume.name) == there.name else ""
        state = FAILED if volume.state in BROKEN else READY if volume.state == "READY" else PENDING
        return Place(volume.id, volume.name, prepared, state, f"its state is {volume.state}", kept, undone)

    def _volume(self, there: There, volume: Volume | None, state: str, kept_at: datetime | None = None) -> Place:
        """The one that serves, or would when clients referred to this service."""
        if volume is None:
            return Place("", there.name, "", FAILED, "no volume is mounted")
        ours = database_places.base(volume.name) == there.name
        prepared = volume.name if ours and database_places.kept_since(volume.name)[0] is None else ""
        return Place(volume.id, volume.name if ours else there.name, prepared, state, kept_at=kept_at)

    def _sibling(self, there: There, id: str, home: str) -> Place:
        name = there.services[id]["name"]
        kept, undone = database_places.kept_since(name)
        state, problem = self.mounting.state_of(id)
        return Place(id, name, name if kept is None else "", state, problem, None if id == home else kept, undone)
