# SPDX-License-Identifier: GPL-3.0-or-later
"""Render: a rollback is a new deploy of an old artifact, and through the API it leaves automatic deploys on."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.access import HINTS, api
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release, is_commit

PAGE, PAGES = 100, 5
"""Deploys a page, and pages read at most: the newest 500."""
WORKING = ("created", "queued", "build_in_progress", "pre_deploy_in_progress", "update_in_progress")
WAITING = ("created", "queued")
SERVED = ("live", "deactivated")


class Render(Provider):
    """Ids change with every rollback and only artifacts stay, so the release to wait for is never the one that was asked for."""

    name = "Render"
    pins = False
    holds = True
    comes_back = ("code", "start command", "environment variables of that deploy", "instance count")
    stays = ("service settings", "environment groups", "disks", "database")

    def __init__(self, options: Options, run: Run) -> None:
        self.path = f"/services/{options['service']}"
        self.api = api(options, run)

    def releases(self) -> list[Release]:
        found: list[Release] = []
        cursor: str | None = None
        for _page in range(PAGES):
            rows = self.api.get(f"{self.path}/deploys", limit=PAGE, cursor=cursor)
            found += (_release(row["deploy"]) for row in rows)
            if len(rows) < PAGE:
                break
            cursor = rows[-1]["cursor"]
        return found

    def current(self) -> Release | None:
        rows = self.api.get(f"{self.path}/deploys", status="live", limit=1)
        return _release(rows[0]["deploy"]) if rows else None

    def underway(self, release: Release) -> Release | None:
        for row in self.working():
            deploy = _release(row)
            if row.get("trigger") == "rollback" and deploy.artifact == release.artifact:
                return deploy
        return None

    def activate(self, release: Release) -> Release:
        if self.api.get(self.path).get("suspended") == "suspended":
            raise errors.Refused(f"{self.path.rsplit('/', 1)[-1]} is suspended", "Resume it at Render, then run the same command again.")
        for row in self.working():  # a deploy that is still building would hold the rollback up, and go live after it
            self.api.send("POST", f"{self.path}/deploys/{row['id']}/cancel")
        try:
            row = self.api.send("POST", f"{self.path}/rollback", {"deployId": release.id})
        except errors.BadRequest as error:  # Render's answer for an artifact it no longer keeps
            raise errors.NotRestorable(error.message, HINTS[errors.NotRestorable]) from None
        started = _release(row) if row else self.underway(release)  # a queued deploy is answered with 202 and no body
        if started is None:
            raise errors.Unanswered("Render queued the rollback without naming the deploy", "Run the same command again.")
        return started

    def settled(self, release: Release) -> bool:
        deploy = _release(self.api.get(f"{self.path}/deploys/{release.id}"))
        if deploy.state == "live":
            return True
        if deploy.state in WORKING:
            return False
        raise errors.ActivationFailed(
            f"Render's deploy {deploy.id} ended as {deploy.state}, the release before it keeps serving",
            "Look at the deploy's log and health check, then name another release.",
        )

    def held(self) -> bool:
        return {"no": True, "yes": False}[self.api.get(self.path)["autoDeploy"]]

    def hold(self) -> None:
        self.api.send("PATCH", self.path, {"autoDeploy": "no"})  # the type is the string yes or no, whatever the guide says

    def trigger(self) -> str:
        return str(self.api.get(self.path).get("autoDeployTrigger") or "")

    def release_hold(self, trigger: str = "") -> None:
        self.api.send("PATCH", self.path, {"autoDeployTrigger": trigger} if trigger else {"autoDeploy": "yes"})

    def deploy_again(self, serving: Release, since: datetime | None) -> Release:
        """The same code with the service's settings of today; a deploy of it that waits for its turn will have them, too.

        So will one that was asked for after they were changed (C(since)).
        """
        for row in self.working():
            deploy = _release(row)
            has_them = row["status"] in WAITING or (since is not None and deploy.created_at >= since)
            if row.get("trigger") == "api" and has_them and deploy.artifact == serving.artifact:
                return deploy
        # Without a commit Render builds the newest push, which after a rollback is the bad one.
        body = {"commitId": serving.artifact} if is_commit(serving.artifact) else {"imageUrl": serving.title}
        row = self.api.send("POST", f"{self.path}/deploys", {**body, "clearCache": "do_not_clear"})
        if row:
            return _release(row)
        queued = [_release(row) for row in self.working()]  # queued: 202 and no body
        if not queued:
            raise errors.Unanswered("Render queued the deploy without naming it", "Run the same command again.")
        return max(queued, key=lambda release: release.created_at)

    def working(self) -> list[dict[str, Any]]:
        """Deploys that have not ended."""
        rows = self.api.get(f"{self.path}/deploys", status=list(WORKING), limit=20)
        return [row["deploy"] for row in rows]


def _release(row: dict[str, Any]) -> Release:
    commit, image = row.get("commit") or {}, row.get("image") or {}
    state = row.get("status") or "unknown"
    served = state in SERVED and row.get("finishedAt")
    return Release(
        id=row["id"],
        artifact=commit.get("id") or image.get("sha") or row["id"],
        created_at=moment.parse(row["createdAt"]),
        live_from=moment.parse(row["finishedAt"]) if served else None,
        good=bool(served),
        title=commit.get("message") or image.get("ref") or "",
        state=state,
    )
