"""Vercel's rows, how to find one, and how the API writes them."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime
from typing import Any

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal
from sandbox.state import Row, State

TEAM = {"id": "team_lastgood", "slug": "lastgood", "name": "Lastgood"}
USER = {"uid": "usr_sandbox", "email": "oncall@lastgood.test", "username": "oncall"}
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 28) -> str:
    """An identifier in the vendor's form, such as `dpl_4tX…`."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Book:
    """Vercel's slice of the state."""

    def __init__(self, state: State) -> None:
        self._rows = state.data["vercel"]

    @property
    def projects(self) -> dict[str, Row]:
        projects: dict[str, Row] = self._rows["projects"]
        return projects

    @property
    def deployments(self) -> dict[str, Row]:
        deployments: dict[str, Row] = self._rows["deployments"]
        return deployments

    @property
    def aliases(self) -> dict[str, Row]:
        """Keyed by domain."""
        aliases: dict[str, Row] = self._rows["aliases"]
        return aliases

    def project(self, id_or_name: str) -> Row:
        """The project, or the vendor's 404."""
        for project in self.projects.values():
            if id_or_name in (project["id"], project["name"]):
                return project
        raise Refusal(404, "Project not found.", "not_found")

    def deployment(self, id_or_url: str) -> Row:
        """The deployment, or the vendor's 404; a deleted one is not found either."""
        for deployment in self.deployments.values():
            if id_or_url in (deployment["id"], deployment["url"]) and not deployment["deletedAt"]:
                return deployment
        raise Refusal(404, "The deployment could not be found.", "not_found")

    def of_project(self, project: Row) -> list[Row]:
        """Its deployments, newest first, deleted ones left out."""
        mine = [d for d in self.deployments.values() if d["projectId"] == project["id"] and not d["deletedAt"]]
        return sorted(mine, key=lambda d: -d["createdAt"])

    def aliases_of(self, deployment: Row) -> list[Row]:
        return [alias for alias in self.aliases.values() if alias["deploymentId"] == deployment["id"]]


def page(rows: list[Row], call: Call, created: str = "createdAt", default: int = 20) -> tuple[list[Row], Row]:
    """The part of the rows (newest first) that the query asks for, and Vercel's `pagination` object."""
    until, since = call.number("until", 0), call.number("since", 0)
    rows = [r for r in rows if (not until or r[created] < until) and r[created] >= since]
    shown = rows[: max(1, min(call.number("limit", default), 100))]
    more = shown[-1][created] if len(shown) < len(rows) else None
    return shown, {"count": len(shown), "next": more, "prev": shown[0][created] if shown else None}


def state_of(deployment: Row) -> str:
    """The state that is shown: retention deletes what was built and leaves the row."""
    return "DELETED" if deployment["deletedAt"] else str(deployment["readyState"])


def can_roll_back_to(deployment: Row) -> bool:
    """Only what has served production can be rolled back to; a STAGED build never did."""
    facts = (deployment["target"], state_of(deployment), deployment["readySubstate"])
    return facts == ("production", "READY", "PROMOTED")


def _both(deployment: Row) -> Row:
    row = {
        "name": deployment["name"],
        "projectId": deployment["projectId"],
        "url": deployment["url"],
        "createdAt": deployment["createdAt"],
        "source": deployment["source"],
        "readyState": state_of(deployment),
        "type": "LAMBDAS",
        "target": deployment["target"],
        "inspectorUrl": f"https://vercel.com/{TEAM['slug']}/{deployment['name']}/{deployment['id'][4:]}",
        "meta": {
            "githubCommitSha": deployment["commit"],
            "githubCommitMessage": deployment["message"],
            "githubCommitRef": deployment["ref"],
            "githubOrg": TEAM["slug"],
            "githubRepo": deployment["name"],
            **deployment["meta"],
        },
        "aliasError": None,
    }
    for optional in ("buildingAt", "ready", "readySubstate", "errorCode", "errorMessage", "softDeletedByRetention"):
        if deployment.get(optional) is not None:
            row[optional] = deployment[optional]
    return row


def listed(deployment: Row) -> Row:
    """A row of the deployment list: `uid`, and `aliasAssigned` as the instant it first got the domains (ms)."""
    return _both(deployment) | {
        "uid": deployment["id"],
        "created": deployment["createdAt"],
        "creator": {**USER, "githubLogin": USER["username"]},
        "state": state_of(deployment),
        "aliasAssigned": deployment["aliasAssigned"],
        "isRollbackCandidate": can_roll_back_to(deployment),
    }


def detailed(book: Book, deployment: Row) -> Row:
    """One deployment: `id`, and `aliasAssigned` as a yes or no, with `aliasAssignedAt` (ms) beside it."""
    started = deployment.get("buildingAt") or deployment["createdAt"]
    return _both(deployment) | {
        "id": deployment["id"],
        "status": deployment["readyState"],
        "creator": {"uid": USER["uid"], "username": USER["username"]},
        "team": {"id": TEAM["id"], "name": TEAM["name"], "slug": TEAM["slug"]},
        "ownerId": TEAM["id"],
        "alias": [alias["alias"] for alias in book.aliases_of(deployment)],
        "aliasAssigned": deployment["aliasAssigned"] is not None,
        "aliasAssignedAt": deployment["aliasAssigned"],
        "bootedAt": started,
        "buildingAt": started,
        "buildSkipped": False,
        "build": {"env": []},
        "env": [],
        "isInConcurrentBuildsQueue": False,
        "isInSystemBuildsQueue": deployment["readyState"] == "QUEUED",
        "projectSettings": {"framework": "nextjs"},
        "public": False,
        "regions": ["iad1"],
        "routes": None,
        "version": 2,
        "plan": book.projects[deployment["projectId"]]["plan"],
        "createdIn": "iad1",
    }


def _target(book: Book, deployment: Row) -> Row:
    return {
        "id": deployment["id"],
        "name": deployment["name"],
        "url": deployment["url"],
        "deploymentHostname": deployment["url"].removesuffix(".vercel.app"),
        "alias": [alias["alias"] for alias in book.aliases_of(deployment)],
        "aliasAssigned": deployment["aliasAssigned"],
        "createdAt": deployment["createdAt"],
        "createdIn": "iad1",
        "creator": dict(USER),
        "meta": _both(deployment)["meta"],
        "plan": book.projects[deployment["projectId"]]["plan"],
        "private": True,
        "readyState": deployment["readyState"],
        "readySubstate": deployment["readySubstate"] or "STAGED",
        "target": deployment["target"],
        "teamId": TEAM["id"],
        "type": "LAMBDAS",
        "userId": USER["uid"],
    }


def project_row(book: Book, project: Row, rollback_info: bool = False) -> Row:
    """A project; `lastAliasRequest` is there only for those who ask with `rollbackInfo=true`, as the CLI does."""
    regions = {"functionDefaultRegions": ["iad1"]}
    current = book.deployments.get(project["production"] or "")
    row: dict[str, Any] = {
        "accountId": TEAM["id"],
        "id": project["id"],
        "name": project["name"],
        "framework": "nextjs",
        "nodeVersion": "22.x",
        "directoryListing": False,
        "resourceConfig": regions,
        "defaultResourceConfig": regions,
        "createdAt": project["createdAt"],
        "updatedAt": project["updatedAt"],
        "paused": project["paused"],
        "autoAssignCustomDomains": project["autoAssignCustomDomains"],
        "targets": {"production": _target(book, current)} if current else {},
        "latestDeployments": [_target(book, d) for d in book.of_project(project)[:1]],
        "lastRollbackTarget": None,
        "rollingRelease": project.get("rollingRelease"),
    }
    if project["rollbackDescription"]:
        row["rollbackDescription"] = project["rollbackDescription"]
    if rollback_info:
        row["lastAliasRequest"] = project["lastAliasRequest"]
    return row


def alias_row(book: Book, alias: Row) -> Row:
    """A domain and the deployment that it shows."""
    deployment = book.deployments[alias["deploymentId"]]
    return {
        "uid": alias["uid"],
        "alias": alias["alias"],
        "created": datetime.fromtimestamp(alias["createdAt"] / 1000, UTC).isoformat(),
        "createdAt": alias["createdAt"],
        "updatedAt": alias["updatedAt"],
        "creator": dict(USER),
        "deploymentId": deployment["id"],
        "deployment": {"id": deployment["id"], "url": deployment["url"]},
        "projectId": alias["projectId"],
        "redirect": None,
    }


def point(alias: Row, deployment: Row) -> None:
    """Make a domain show a deployment; a manual alias must be pointed by hand, see `rollback`."""
    alias.update(deploymentId=deployment["id"], updatedAt=now_ms())
