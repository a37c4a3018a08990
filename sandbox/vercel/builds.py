"""A deployment's life: QUEUED, BUILDING, READY or ERROR, then the domains unless they are held."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.artifacts import KINDS
from sandbox.clock import now_ms
from sandbox.state import Row
from sandbox.vercel import production, rolling
from sandbox.vercel.book import TEAM, new_id

if TYPE_CHECKING:
    from sandbox.vercel import Vercel


def deployment_row(project: Row, *, kind: str, message: str, target: str | None, source: str, at: int) -> Row:
    """A deployment as it is when it was just asked for."""
    id = new_id("dpl_")
    return {
        "id": id,
        "name": project["name"],
        "projectId": project["id"],
        "url": f"{project['name']}-{id[-9:].lower()}-{TEAM['slug']}.vercel.app",
        "kind": kind,
        "commit": secrets.token_hex(20),
        "message": message or KINDS[kind].message,
        "ref": "main" if target == "production" else "preview",
        "meta": {},
        "env": {v["key"]: v["value"] for v in project["env"].values() if "production" in v["target"]},
        "target": target,
        "source": source,
        "createdAt": at,
        "buildingAt": None,
        "ready": None,
        "readyState": "QUEUED",
        "readySubstate": None,
        "aliasAssigned": None,
        "errorCode": None,
        "errorMessage": None,
        "deletedAt": None,
    }


def start(vercel: Vercel, project: Row, *, kind: str, message: str, target: str | None, source: str) -> Row:
    """Queue a build."""
    row = deployment_row(project, kind=kind, message=message, target=target, source=source, at=now_ms())
    vercel.book.deployments[row["id"]] = row
    seconds = vercel.state.latency("vercel.build") * KINDS[kind].build_factor
    vercel.state.later(seconds * 0.2, "vercel.building", project["name"], deployment=row["id"])
    vercel.state.later(seconds, "vercel.built", project["name"], deployment=row["id"])
    return row


def building(vercel: Vercel, target: str, deployment: str) -> None:
    vercel.book.deployments[deployment].update(readyState="BUILDING", buildingAt=now_ms())


def built(vercel: Vercel, target: str, deployment: str) -> None:
    """End the build; a production build takes the domains, at once or in stages, unless the project is held."""
    row = vercel.book.deployments[deployment]
    if not KINDS[row["kind"]].builds:
        error = {"errorCode": "BUILD_FAILED", "errorMessage": 'Command "npm run build" exited with 1'}
        row.update(readyState="ERROR", **error)
        return
    row.update(readyState="READY", ready=now_ms())
    if row["target"] != "production":
        return
    project = vercel.book.projects[row["projectId"]]
    row["readySubstate"] = "STAGED"
    if project["autoAssignCustomDomains"]:
        if rolling.applies(project):
            rolling.begin(vercel, project, row)
        else:
            production.publish(vercel.book, project, row)


STEPS: dict[str, Callable[..., None]] = {"building": building, "built": built}
