# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes at Railway: which is mounted, what is staged, and the workflows that copy one from a backup."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import Backup
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import database_documents as documents
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import Graph
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

MEGABYTE = 1_000_000
Row = dict[str, Any]


@dataclass(frozen=True)
class Volume:
    """C(id) is the volume's; its instance in this environment has another one, which backups belong to."""

    id: str
    instance: str
    name: str
    service: str | None
    state: str
    created_at: datetime


@dataclass(frozen=True)
class There:
    """What there is in the environment. C(services) are rows by id, C(config) each one's configuration, C(patch) what is staged."""

    service: str
    services: dict[str, Row]
    config: dict[str, Row]
    volumes: list[Volume]
    patch: Row

    @property
    def name(self) -> str:
        """The database's, which is its service's."""
        name: str = self.services[self.service]["name"]
        return name

    @property
    def mounted(self) -> Volume | None:
        return next((volume for volume in self.volumes if volume.service == self.service), None)

    @property
    def staged(self) -> Volume | None:
        """The volume whose mounting is staged."""
        part = (self.patch.get("services") or {}).get(self.service) or {}
        wanted = [id for id, mount in (part.get("volumeMounts") or {}).items() if mount]
        return next((one for one in self.volumes if one.id in wanted and one.service != self.service), None)

    def others_staged(self) -> list[str]:
        """What is staged beside another volume for this service, in words."""
        found = [part for part, content in self.patch.items() if content and part not in ("services", "volumes")]
        for service, config in (self.patch.get("services") or {}).items():
            name = (self.services.get(service) or {"name": service})["name"]
            found += [f"{part} of {name}" for part in config if service != self.service or part != "volumeMounts"]
        return found


class Volumes:
    """Those of one environment, and what can be done with them."""

    def __init__(self, options: Options, run: Run) -> None:
        self.graph, self.options, self.run = Graph(options, run), options, run

    def look(self) -> There:
        data = self.graph.ask(documents.LOOK)
        services = {edge["node"]["id"]: edge["node"] for edge in data["project"]["services"]["edges"]}
        service, config = self.options["service"], data["environment"]["config"]["services"]
        if service not in services or service not in config:
            raise errors.NotFound(f"there is no service {service} in this environment", "Check the ids of environment and service.")
        rows = [edge["node"] for edge in data["environment"]["volumeInstances"]["edges"]]
        volumes = [_volume(row) for row in rows if not row["isPendingDeletion"]]
        return There(service, services, config, volumes, data["environmentStagedChanges"]["patch"] or {})

    def backups(self, volume: Volume) -> list[Backup]:
        return [
            Backup(row["id"], moment.parse(row["createdAt"]), row["usedMB"] and row["usedMB"] * MEGABYTE) for row in self._backups(volume)
        ]

    def back_up(self, volume: Volume, name: str) -> None:
        """As it is now; once for each name."""
        if any(row["name"] == name for row in self._backups(volume)):
            return
        self._follow(self.graph.send(documents.BACK_UP, volume=volume.instance, name=name), f"the backup {name}")

    def restore(self, volume: Volume, backup: str, name: str) -> None:
        """A copy beside, whose mounting is staged when this returns; it is called C(name)."""
        try:
            answer = self.graph.send(documents.RESTORE, volume=volume.instance, backup=backup)
        except errors.Unanswered as lost:  # asked for again it could be made twice: nothing shows that a copy is under way
            raise errors.VendorError(lost.message, "See at Railway whether a volume is staged; then run the same command again.") from None
        self._follow(answer, name)
        staged = self.look().staged
        if staged is None:
            raise errors.ActivationFailed(f"Railway has copied {name} and staged nothing", "Look at the environment at Railway.")
        self.rename(staged, name)

    def recover(self, volume: Volume, at: datetime, name: str) -> None:
        """A service of that name beside, with what there was then."""
        try:
            answer = self.graph.send(documents.RECOVER, volume=volume.instance, at=moment.iso(at), name=name)
        except errors.Unanswered as lost:
            tick = clock(f"looking whether Railway makes {name}", min(60.0, self.options["timeout"]), self.options["poll"], self.run.tell)
            while name not in [row["name"] for row in self.look().services.values()]:
                try:
                    tick()
                except errors.TimedOut:
                    raise errors.VendorError(lost.message, f"See at Railway whether it makes {name}; then run it again.") from None
            return
        self._follow(answer, name)

    def rename(self, volume: Volume, name: str) -> None:
        self.graph.send(documents.NAME_VOLUME, volume=volume.id, name=name)

    def commit(self) -> None:
        """All that is staged, which is looked at once more right before; it deploys."""
        there = self.look()
        if others := there.others_staged():
            raise errors.Locked(
                f"somebody has staged {', '.join(others)} meanwhile, which would be applied together with the volume",
                "Apply or discard that at Railway, then run the same command again.",
            )
        self.graph.send(documents.COMMIT)

    def mount(self, volume: Volume, service: str | None) -> None:
        """It has an effect with the service's next deployment."""
        if self.graph.send(documents.MOUNT, volume=volume.id, service=service)["volumeInstanceUpdate"] is not True:
            raise errors.VendorError(f"Railway did not accept another place for {volume.name}", "Look at the volume at Railway.")

    def _backups(self, volume: Volume) -> list[Row]:
        rows: list[Row] = self.graph.ask(documents.BACKUPS, volume=volume.instance)["volumeInstanceBackupList"]
        return rows

    def _follow(self, answer: Row, what: str) -> None:
        """Wait until the workflow is through."""
        (told,) = answer.values()
        if not told["workflowId"]:
            return
        tick = clock(f"Railway makes {what}", self.options["timeout"], self.options["poll"], self.run.tell)
        while True:
            found = self.graph.ask(documents.WORKFLOW, id=told["workflowId"])["workflowStatus"]
            status = str(found["status"]).lower()
            if status == "complete":
                return
            if status == "error":  # NotFound may be said for a moment after the workflow was begun
                why = found["error"] or "it does not say why"
                raise errors.ActivationFailed(
                    f"Railway could not make {what}: {why}; nothing was made of it, and what serves is as it was",
                    "Look at the service's backups at Railway, then run the same command again.",
                )
            tick()


def _volume(row: Row) -> Volume:
    return Volume(
        row["volumeId"], row["id"], row["volume"]["name"], row["serviceId"], row["state"] or "READY", moment.parse(row["createdAt"])
    )
