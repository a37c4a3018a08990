"""A deployment's life: QUEUED, BUILDING, READY or ERROR, then the domains unless they are held."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.artifacts import KINDS
from sandbox.clock import now_ms
from sandbox.state import Row
from sandbox.vercel.book import TEAM, Book, new_id, point

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
    """End the build; a production build takes the domains at once, unless the project is held."""
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
        for domain in project["domains"]:
            move(vercel.book, domain, row)
        make_current(vercel.book, project, row)


def move(book: Book, domain: str, deployment: Row) -> None:
    """Point a domain at a deployment; one that was aliased by hand stays where it is, as at the vendor."""
    if not book.aliases[domain]["manual"]:
        point(book.aliases[domain], deployment)


def make_current(book: Book, project: Row, deployment: Row) -> None:
    """The project's production is this deployment from now on; `aliasAssigned` keeps its first instant."""
    deployment["readySubstate"] = "PROMOTED"
    deployment["aliasAssigned"] = deployment["aliasAssigned"] or now_ms()
    project["production"] = deployment["id"]
    project["served"].append(deployment["id"])
    project["updatedAt"] = now_ms()


STEPS: dict[str, Callable[..., None]] = {"building": building, "built": built}
