# SPDX-License-Identifier: GPL-3.0-or-later
"""Vercel: a rollback moves a pointer and pins the project; promoting, or unpausing, un-pins it."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel import rolling
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.access import api
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release

PAGE, PAGES = 100, 5
"""Deployments a page, and pages read at most: the newest 500."""
WORKING = ("pending", "in-progress")


class Vercel(Provider):
    """Deployments are immutable and production domains point at one of them; a rollback moves every domain but hand-set aliases."""

    name = "Vercel"
    pins = True
    holds = True
    comes_back = ("code", "build-time variables", "cron jobs")
    stays = ("project variables", "data cache", "aliases set by hand")

    def __init__(self, options: Options, run: Run) -> None:
        self.project_id = options["project"]
        self.api = api(options, run)
        self._seen: dict[str, Any] = {}

    def releases(self) -> list[Release]:
        project = self._known()
        rows: list[dict[str, Any]] = []
        until: int | None = None
        for _page in range(PAGES):
            answer = self.api.get("/v6/deployments", projectId=project["id"], target="production", limit=PAGE, until=until)
            rows += answer["deployments"]
            until = answer["pagination"]["next"]
            if until is None:
                break
        rollout = self._rollout(project, rows)
        found = [rolling.told(_release(row, serving=row["uid"] == _serving(project)), rollout) for row in rows]
        return _after_rollback(project, found)

    def current(self) -> Release | None:
        """While a rolling release is under way that is its canary: some visitors get it, and only a rollback to the base ends that."""
        project = self._project()
        rollout = self._rollout(project)
        if rollout and rollout.active:
            return rolling.told(self.deployment(rollout.canary), rollout)
        serving = _serving(project)
        return self.deployment(serving, serving=True) if serving else None

    def retention(self) -> dict[str, Any] | None:
        policy = self._known().get("deploymentExpiration") or {}
        days = policy.get("expirationDaysProduction")
        return {"days": days, "at_least": policy.get("deploymentsToKeep") or 0, "sure": True} if days else None

    def underway(self, release: Release) -> Release | None:
        request = self._project().get("lastAliasRequest") or {}
        return release if request.get("jobStatus") in WORKING and request.get("toDeploymentId") == release.id else None

    def activate(self, release: Release) -> Release:
        self.api.send("POST", f"/v1/projects/{self._known()['id']}/rollback/{release.id}", {})
        return release

    def settled(self, release: Release) -> bool:
        project = self._project()
        request = project.get("lastAliasRequest") or {}
        status = request.get("jobStatus")
        if request.get("toDeploymentId") == release.id and status in ("failed", "skipped"):
            raise errors.ActivationFailed(
                f"Vercel gave up moving domains to {release} ({status}){self._domains_left(project['id'])}",
                "Run the same command again, or name another release.",
            )
        rollout = self._rollout(project)
        if rollout and rollout.active:
            if release.id in (rollout.canary, rollout.queued):
                raise errors.NotLive(
                    f"Vercel rolls {release} out in stages, and not everybody gets it yet",
                    "Advance or complete it with vercel_rolling_release.",
                )
            return False
        return _serving(project) == release.id and status not in WORKING

    def held(self) -> bool:
        return {True: False, False: True}[self._project().get("autoAssignCustomDomains", True)]

    def hold(self) -> None:
        self._assign_domains(False)

    def release_hold(self, trigger: str = "") -> None:
        self._assign_domains(True)

    def deployment(self, deployment_id: str, serving: bool = False) -> Release:
        """One of them, by its id."""
        return _release(self.api.get(f"/v13/deployments/{deployment_id}"), serving)

    def deploy_again(self, serving: Release, since: datetime | None) -> Release:
        """The same code with the variables of today; a build of it that was started after they changed (C(since)) has them, too."""
        rollout = self._rollout(self._known())
        if rollout and rollout.active:
            raise errors.Refused("a rolling release is under way", "Complete or abort it with vercel_rolling_release first.")
        for row in self._building():
            started = _release(row, serving=False)
            if started.artifact == serving.artifact and started.created_at > (since or serving.created_at):
                return started
        name = self._known()["name"]
        row = self.api.send("POST", "/v13/deployments", {"deploymentId": serving.id, "name": name, "target": "production"}, forceNew=1)
        return replace(_release(row, serving=False), artifact=serving.artifact)

    def promoted(self, release: Release) -> bool:
        """Whether production serves it. A pinned project keeps its domains: they are moved by a promotion, and the pin is put back."""
        row = self.api.get(f"/v13/deployments/{release.id}")
        if row["readyState"] in ("ERROR", "CANCELED", "DELETED", "BLOCKED"):
            raise errors.ActivationFailed(
                f"Vercel's deployment {release.id} ended as {row['readyState']}, the release before it keeps serving",
                "Look at its build log, correct the variables, then run the same command again.",
            )
        if row["readyState"] != "READY":
            return False
        if self.held() and _serving(self._known()) != release.id and not self.underway(release):
            self.api.send("POST", f"/v10/projects/{self._known()['id']}/promote/{release.id}", {})
            self.hold()
        return self.settled(release)

    def _building(self) -> list[dict[str, Any]]:
        states = "QUEUED,INITIALIZING,BUILDING,READY"
        query = {"projectId": self._project()["id"], "target": "production", "state": states, "limit": 20}
        return [row for row in self.api.get("/v6/deployments", **query)["deployments"] if not _release(row, serving=False).live_from]

    def _assign_domains(self, automatically: bool) -> None:
        self.api.send("PATCH", f"/v9/projects/{self._known()['id']}", {"autoAssignCustomDomains": automatically})

    def _domains_left(self, project_id: str) -> str:
        try:
            answer = self.api.get(f"/v9/projects/{project_id}/rollback/aliases", failedOnly="true", limit=20)
        except errors.VendorError:  # this only adds to an error that must not get lost
            return ""
        return ": " + ", ".join(row["alias"] for row in answer["aliases"])

    def _rollout(self, project: dict[str, Any], rows: list[dict[str, Any]] | None = None) -> rolling.Rollout | None:
        return rolling.newest(self.api, project["id"]) if rolling.used_by(project, rows or []) else None

    def _project(self) -> dict[str, Any]:
        """The project as it is now."""
        project = self.api.get(f"/v9/projects/{self.project_id}", rollbackInfo="true")
        if not project["id"]:
            raise ValueError("an answer without a project would be read as a project that serves and holds nothing")
        self._seen = project
        return project

    def _known(self) -> dict[str, Any]:
        """The project as it was last read: its id never changes, and what it served a moment ago belongs to the same look."""
        return self._seen or self._project()


def _serving(project: dict[str, Any]) -> str | None:
    return ((project.get("targets") or {}).get("production") or {}).get("id")


def _release(row: dict[str, Any], serving: bool) -> Release:
    state = row.get("readyState") or row.get("state") or "UNKNOWN"
    meta = row.get("meta") or {}
    served = serving or row.get("readySubstate") == "PROMOTED"
    deployment_id = row.get("id") or row["uid"]
    # The list has the time in aliasAssigned; a single deployment has a boolean there, and the time in aliasAssignedAt.
    times = (row.get("aliasAssigned"), row.get("aliasAssignedAt"), row.get("ready"))
    went_live = next((time for time in times if isinstance(time, int | float) and not isinstance(time, bool)), None)
    return Release(
        id=deployment_id,
        artifact=meta.get("githubCommitSha") or meta.get("gitlabCommitSha") or meta.get("bitbucketCommitSha") or deployment_id,
        created_at=moment.from_epoch_ms(row.get("createdAt") or row["created"]),
        live_from=moment.from_epoch_ms(went_live) if served and went_live else None,
        good=state == "READY" and served and (serving or row.get("isRollbackCandidate") is not False),
        title=meta.get("githubCommitMessage", ""),
        state=state if state != "READY" or served else "STAGED, never served production",
    )


def _after_rollback(project: dict[str, Any], releases: list[Release]) -> list[Release]:
    """The releases, with those marked that the project's newest rollback, whoever asked for it, took out of service."""
    request = project.get("lastAliasRequest") or {}
    target = next((r for r in releases if r.id == request.get("toDeploymentId")), None)
    if request.get("type") != "rollback" or request.get("jobStatus") != "succeeded" or not target or not target.live_from:
        return releases
    when = moment.from_epoch_ms(request["requestedAt"])
    start = target.live_from
    return [replace(r, taken_out_at=when) if r.live_from and start < r.live_from <= when else r for r in releases]
