# SPDX-License-Identifier: GPL-3.0-or-later
"""Which volume a database's service runs on, and how it comes to run on another one."""
from __future__ import annotations

from datetime import datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils import database_places, errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import FAILED, PENDING, READY
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import WORKING, Railway
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.volumes import There, Volume, Volumes


class Mounting:
    """A volume is in use from the deployment on that follows its mounting. What goes is renamed first: its name tells since when."""

    def __init__(self, volumes: Volumes, releases: Railway) -> None:
        self.volumes, self.releases = volumes, releases
        self._asked = False

    def serving(self, there: There) -> Volume | None:
        """The one that is in use: while it changes, and when a run was cut off then, the one from before."""
        mounted, leaving = there.mounted, self._leaving(there, there.mounted.id if there.mounted else "")
        if mounted and (leaving is None or self._deployed_since(leaving)):
            return mounted
        return leaving or mounted

    def serve(self, there: There, id: str, keep_as: str) -> None:
        mounted, wanted = there.mounted, next(volume for volume in there.volumes if volume.id == id)
        if mounted == wanted:
            leaving = self._leaving(there, id)
            if leaving and not self._deployed_since(leaving):
                self._deploy()
            elif not self._asked:
                raise errors.Locked(f"somebody else has just let {wanted.name} serve", "Run the same command again: it looks first.")
            return
        self._asked = True
        if mounted and mounted.name != keep_as:
            self.volumes.rename(mounted, keep_as)
        if there.staged == wanted:
            self.volumes.commit()
            return
        self._swap(mounted, wanted)

    def settled(self, there: There, id: str) -> bool:
        """ActivationFailed when the deployment fails, once the old volume is mounted again."""
        mounted, leaving = there.mounted, self._leaving(there, id)
        if mounted is None or mounted.id != id or leaving is None:
            return bool(mounted and mounted.id == id)
        rows = [row for row in self.releases.newest() if moment.parse(row["createdAt"]) >= self._since(leaving)]
        if not rows or rows[0]["status"] in WORKING:
            return False
        if rows[0]["status"] in history.SERVING:
            return True
        self._swap(mounted, leaving)
        raise errors.ActivationFailed(
            f"Railway's deployment {rows[0]['id']} with {mounted.name} ended as {rows[0]['status']}; {leaving.name} is mounted again and "
            "is being deployed",
            "Look at the deployment's log at Railway.",
        )

    def state_of(self, service: str) -> tuple[str, str]:
        """Of another service's newest deployment, and why it is FAILED."""
        rows = Railway({**self.releases.graph.options, "service": service}, self.releases.run).newest()
        status = rows[0]["status"] if rows else "QUEUED"
        if status in WORKING:
            return PENDING, ""
        return (READY, "") if status in history.SERVING else (FAILED, f"its deployment ended as {status}")

    def _swap(self, mounted: Volume | None, wanted: Volume) -> None:
        if mounted:
            self.volumes.mount(mounted, None)
        self.volumes.mount(wanted, self.releases.graph.place["serviceId"])
        self._deploy()

    def _deploy(self) -> None:
        rows = self.releases.newest()
        if rows and rows[0]["status"] in WORKING:
            return
        serving = self.releases.current()
        known = serving.id if serving else next((row["id"] for row in rows if row["status"] in history.HAS_SERVED), None)
        if known is None:
            raise errors.Refused("Railway knows no deployment of this database that could be started again", "Deploy it at Railway.")
        self.releases.deploy_again(known)

    def _leaving(self, there: There, staying: str) -> Volume | None:
        """The one that was taken out of service last, as its name tells."""
        stamped = [one for one in there.volumes if one.id != staying and one.service in (None, there.service) and _since(one)]
        ours = [one for one in stamped if database_places.base(one.name) == there.name]
        return max(ours, key=lambda one: _since(one) or one.created_at, default=None)

    def _deployed_since(self, leaving: Volume) -> bool:
        alive = (*WORKING, *history.SERVING)
        return any(row["status"] in alive and moment.parse(row["createdAt"]) >= self._since(leaving) for row in self.releases.newest())

    def _since(self, leaving: Volume) -> datetime:
        return (_since(leaving) or leaving.created_at) + timedelta(seconds=self.volumes.graph.api.clock_ahead)


def _since(volume: Volume) -> datetime | None:
    return database_places.kept_since(volume.name)[0]
