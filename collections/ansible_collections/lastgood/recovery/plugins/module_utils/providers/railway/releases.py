# SPDX-License-Identifier: GPL-3.0-or-later
"""Railway: a rollback is a new deployment of an old image and its variables, and automatic deploys stay on."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import documents, history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import HINTS, Graph
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

PAGE, PAGES = 50, 2
"""Deployments a page, and pages read at most: the newest 100."""
TOGETHER = 15
"""Deployments whose events are asked for in one call."""
NEWEST = 20
"""Deployments among which a new one is looked for."""
APPEARS = 60.0
"""The most seconds from an accepted rollback until its deployment is listed."""
WORKING = ("INITIALIZING", "QUEUED", "WAITING", "NEEDS_APPROVAL", "BUILDING", "DEPLOYING")
DEAD = ("CANCELLED", "SKIPPED", "FAILED")

Row = dict[str, Any]


class Railway(Provider):
    """A rollback is answered with C(true) alone: the deployment that it makes has to be found among the new ones by what it runs."""

    name = "Railway"
    pins = False
    holds = True
    comes_back = ("image", "variables of that deployment")
    stays = ("service settings", "replicas", "volumes", "database")

    def __init__(self, options: Options, run: Run) -> None:
        self.graph = Graph(options, run)
        self.api = self.graph.api
        self.run = run

    def releases(self) -> list[Release]:
        rows: list[Row] = []
        after: str | None = None
        for _page in range(PAGES):
            data = self.graph.ask(documents.DEPLOYMENTS, first=PAGE, after=after, status=None)
            rows += [edge["node"] for edge in data["deployments"]["edges"]]
            page = data["deployments"]["pageInfo"]
            if not page["hasNextPage"]:
                break
            after = page["endCursor"]
        active = {row["id"] for row in data["serviceInstance"]["activeDeployments"]}
        events = self._events([row["id"] for row in rows if row.get("status") in history.HAS_SERVED])
        return history.after_rollbacks([history.release(row, events.get(row["id"], []), row["id"] in active) for row in rows])

    def current(self) -> Release | None:
        active = self.graph.ask(documents.SERVING)["serviceInstance"]["activeDeployments"]
        serving = [row for row in active if row["status"] in history.SERVING and not row["deploymentStopped"]]
        if not serving:
            return None
        row = max(serving, key=_age)
        return history.release(row, self._events([row["id"]])[row["id"]], active=True)

    def retention(self) -> dict[str, Any] | None:
        return {"days": 1, "from": "removal", "sure": False}  # of the free plan; 3, 5 or 15 days on others

    def ready_for(self, release: Release) -> None:
        row = _about(release, self.graph.ask(documents.DEPLOYMENT_AND_SERVING, id=release.id))
        if row["canRollback"] is not True:
            raise errors.NotRestorable(f"Railway does not offer {release} for a rollback ({row['status']})", HINTS[errors.NotRestorable])

    def underway(self, release: Release) -> Release | None:
        for row in self.newest(WORKING):
            reason = (row.get("meta") or {}).get("reason")
            if reason not in ("deploy", "redeploy") and history.artifact(row) == release.artifact:
                return history.release(row, [], active=False)
        return None

    def activate(self, release: Release) -> Release:
        for row in self.newest(WORKING):  # it would hold the rollback up, and go live after it
            self.cancel(row["id"])
        before = self.newest()
        if self.graph.send(documents.ROLLBACK, id=release.id)["deploymentRollback"] is not True:
            raise errors.VendorError(
                f"Railway did not accept the rollback to {release}", "Look at the deployment at Railway, or name another release."
            )
        return self._started(release, before)

    def settled(self, release: Release) -> bool:
        data = self.graph.ask(documents.DEPLOYMENT_AND_SERVING, id=release.id)
        row, active = _about(release, data), [one["id"] for one in data["serviceInstance"]["activeDeployments"]]
        if row["status"] in history.SERVING:
            return row["id"] in active and not row["deploymentStopped"]
        if row["status"] in WORKING:
            return False
        raise errors.ActivationFailed(  # a status that is not in Railway's schema counts as one of these
            f"Railway's deployment {row['id']} ended as {row['status']}, {'another one keeps serving' if active else 'nothing is serving'}",
            "Look at the deployment's log and health check, then name another release.",
        )

    def held(self) -> bool:
        return self.graph.ask(documents.AUTO_DEPLOY)["serviceInstanceAutoDeployStatus"]["enabled"] is False

    def hold(self) -> None:
        self.graph.send(documents.SET_AUTO_DEPLOY, enabled=False)

    def release_hold(self, trigger: str = "") -> None:
        self.graph.send(documents.SET_AUTO_DEPLOY, enabled=True)

    def deploy_again(self, deployment: str) -> Release:
        """The image that it has, as a new deployment with the service's variables and settings of today."""
        # Railway's other call for this takes the newest deployment, which may be one that failed, and names none.
        return history.release(self.graph.send(documents.REDEPLOY, id=deployment)["deploymentRedeploy"], [], active=False)

    def _started(self, release: Release, before: list[Row]) -> Release:
        """The deployment that was not there before and runs what was asked for, as soon as it is listed."""
        known, newest = {row["id"] for row in before}, max((row["createdAt"] for row in before), default="")
        tick = clock("rollback accepted, waiting until Railway lists its deployment", APPEARS, 1.0, self.run.tell)
        while True:
            # An older one may move into the list, so that not every unknown one is new.
            fresh = [row for row in self.newest() if row["id"] not in known and row["createdAt"] >= newest]
            ours = [row for row in fresh if history.artifact(row) == release.artifact]
            if ours:
                return history.release(max(ours, key=lambda row: (row["status"] not in DEAD, _age(row))), [], active=False)
            tick()

    def cancel(self, deployment: str) -> None:
        """Stop it from going live; nothing happens to one that has ended."""
        try:
            self.graph.send(documents.CANCEL, id=deployment)
        except errors.Unavailable:
            raise
        except errors.VendorError:  # it may have ended by itself meanwhile, and then there is nothing to cancel
            if any(row["id"] == deployment for row in self.newest(WORKING)):
                raise

    def newest(self, statuses: tuple[str, ...] = ()) -> list[Row]:
        """The newest deployments, in those states or in any."""
        status = {"in": list(statuses)} if statuses else None
        data = self.graph.ask(documents.DEPLOYMENTS, first=NEWEST, after=None, status=status)
        return [edge["node"] for edge in data["deployments"]["edges"]]

    def _events(self, deployments: list[str]) -> dict[str, list[Row]]:
        """The events of each deployment."""
        found: dict[str, list[Row]] = {}
        for start in range(0, len(deployments), TOGETHER):
            ids = deployments[start : start + TOGETHER]
            data = self.graph.ask(documents.events(ids), **{f"e{number}": one for number, one in enumerate(ids)})
            found |= {one: [edge["node"] for edge in data[f"e{number}"]["edges"]] for number, one in enumerate(ids)}
        return found


def _age(row: Row) -> str:
    """Railway writes all times in the same form, so that texts sort as times do."""
    return row["createdAt"]


def _about(release: Release, data: Row) -> Row:
    """The deployment in an answer; one that is not of this release would be read as one that failed."""
    row: Row = data["deployment"]
    if row["id"] != release.id:
        raise ValueError("an answer about another deployment")
    return row
