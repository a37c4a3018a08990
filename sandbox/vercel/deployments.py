"""Deployments: list, read, redeploy, cancel, delete, build log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Route
from sandbox.state import Row
from sandbox.vercel import builds
from sandbox.vercel.book import can_roll_back_to, detailed, listed, page, state_of

if TYPE_CHECKING:
    from sandbox.vercel import Vercel


def list_deployments(vercel: Vercel, call: Call) -> Row:
    book, query = vercel.book, call.query
    kept = (d for d in book.deployments.values() if not d["deletedAt"] or d.get("softDeletedByRetention"))
    rows = sorted(kept, key=lambda d: -d["createdAt"])
    if wanted := call.repeated("projectId") + call.repeated("projectIds"):
        ids = {book.project(name)["id"] for name in wanted}
        rows = [d for d in rows if d["projectId"] in ids]
    if name := query.get("app"):
        rows = [d for d in rows if d["name"] == name]
    if target := query.get("target"):
        rows = [d for d in rows if (d["target"] or "preview") == target]
    if states := call.repeated("state"):
        rows = [d for d in rows if state_of(d) in states]
    if candidate := query.get("rollbackCandidate"):
        rows = [d for d in rows if can_roll_back_to(d) == (candidate == "true")]
    if branch := query.get("branch"):
        rows = [d for d in rows if d["ref"] == branch]
    if sha := query.get("sha"):
        rows = [d for d in rows if d["commit"] == sha]
    shown, pagination = page(rows, call)
    return {"deployments": [listed(d) for d in shown], "pagination": pagination}


def get_deployment(vercel: Vercel, call: Call) -> Row:
    return detailed(vercel.book, vercel.book.deployment(call.match["idOrUrl"]))


def create_deployment(vercel: Vercel, call: Call) -> Row:
    """Build again: an earlier deployment (`deploymentId`) or a commit (`gitSource.sha`), with today's variables."""
    body = call.body or {}
    if not body.get("name"):
        raise Refusal(400, "Invalid request: missing required property `name`.", "bad_request")
    book = vercel.book
    sha = (body.get("gitSource") or {}).get("sha")
    if earlier := body.get("deploymentId"):
        origin = book.deployment(earlier)
    else:
        project = book.project(body.get("project") or body["name"])
        known = [d for d in book.of_project(project) if d["commit"] == sha]
        if not known:
            raise Refusal(400, "The given git commit does not exist.", "incorrect_git_source_info")
        origin = known[0]
    target = "production" if body.get("target") == "production" else None
    fresh = builds.start(
        vercel,
        book.projects[origin["projectId"]],
        kind=origin["kind"],
        message=origin["message"],
        target=target,
        source="redeploy" if earlier else "api-trigger-git-deploy",
    )
    fresh.update(commit=origin["commit"], ref=origin["ref"], meta=dict(body.get("meta") or {}))
    if earlier:
        fresh["meta"]["originalDeploymentId"] = origin["id"]
    return detailed(book, fresh)


def cancel_deployment(vercel: Vercel, call: Call) -> Row:
    deployment = vercel.book.deployment(call.match["id"])
    if deployment["readyState"] not in ("QUEUED", "INITIALIZING", "BUILDING"):
        raise Refusal(400, "The deployment is not building and cannot be canceled.", "bad_request")
    vercel.state.forget_steps(deployment=deployment["id"])
    deployment.update(readyState="CANCELED")
    return detailed(vercel.book, deployment)


def delete_deployment(vercel: Vercel, call: Call) -> Row:
    deployment = vercel.book.deployment(call.match["id"])
    deployment["deletedAt"] = now_ms()
    return {"uid": deployment["id"], "state": "DELETED"}


def list_builds(vercel: Vercel, call: Call) -> Row:
    """The CLI's `inspect` asks for them; what they are made of is not known here."""
    vercel.book.deployment(call.match["idOrUrl"])
    return {"builds": []}


ROUTES: list[Route] = [
    ("GET", "/{version:v6|v7}/deployments", list_deployments),
    ("POST", "/v13/deployments", create_deployment),
    ("GET", "/v13/deployments/{idOrUrl}", get_deployment),
    ("DELETE", "/v13/deployments/{id}", delete_deployment),
    ("PATCH", "/v12/deployments/{id}/cancel", cancel_deployment),
    ("GET", "/v11/deployments/{idOrUrl}/builds", list_builds),
]
