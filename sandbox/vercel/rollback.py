"""Instant rollback and promotion: accepted at once with an empty 201, done later, domain after domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.state import Row
from sandbox.vercel import production, rolling
from sandbox.vercel.book import USER, can_roll_back_to

if TYPE_CHECKING:
    from sandbox.vercel import Vercel

_HOBBY = "To roll back further than the previous production deployment, upgrade to pro"


def request_rollback(vercel: Vercel, call: Call) -> Reply:
    book = vercel.book
    project = book.project(call.match["projectId"])
    deployment = book.deployments.get(call.match["deploymentId"])
    if deployment is None or deployment["projectId"] != project["id"]:
        raise Refusal(404, "The deployment could not be found.", "not_found")
    if deployment["deletedAt"]:
        raise Refusal(410, "The deployment has been deleted and can no longer be rolled back to.", "deployment_deleted")
    if not can_roll_back_to(deployment):
        raise Refusal(422, "The deployment is not eligible for rollback.", "not_rollback_candidate")
    _refuse_when_busy_or_current(project, deployment)
    if project["plan"] == "hobby" and deployment["id"] != _previously_served(project):
        raise Refusal(402, _HOBBY, "payment_required")
    description = call.query.get("description", "")
    if len(description) > 250:
        raise Refusal(400, "Invalid request: `description` should NOT be longer than 250 characters.", "bad_request")
    project["autoAssignCustomDomains"] = False
    project["rollbackDescription"] = _description(description) if description else None
    _begin(vercel, project, deployment, "rollback")
    return Reply(201)


def request_promote(vercel: Vercel, call: Call) -> Reply:
    book = vercel.book
    project = book.project(call.match["projectId"])
    deployment = book.deployment(call.match["deploymentId"])
    if deployment["projectId"] != project["id"]:
        raise Refusal(404, "The deployment could not be found.", "not_found")
    if deployment["target"] != "production" or deployment["readyState"] != "READY":
        raise Refusal(400, "Only a ready production deployment can be promoted.", "bad_request")
    _refuse_when_busy_or_current(project, deployment)
    project["autoAssignCustomDomains"] = True
    project["rollbackDescription"] = None
    if rolling.applies(project):
        waits = rolling.active(project) is not None
        rolling.begin(vercel, project, deployment)
        return Reply(202 if waits else 201)
    _begin(vercel, project, deployment, "promote")
    return Reply(201)


def _refuse_when_busy_or_current(project: Row, deployment: Row) -> None:
    job = project["lastAliasRequest"]
    if job and job["jobStatus"] in ("pending", "in-progress"):
        raise Refusal(409, f"A {job['type']} is already in progress for this project.", "conflict")
    if project["production"] == deployment["id"] and not rolling.active(project):
        raise Refusal(409, "The deployment is already the current production deployment.", "conflict")


def _previously_served(project: Row) -> str | None:
    earlier = [id for id in project["served"] if id != project["production"]]
    return earlier[-1] if earlier else None


def _description(text: str) -> Row:
    return {"userId": USER["uid"], "username": USER["username"], "description": text, "createdAt": now_ms()}


def _begin(vercel: Vercel, project: Row, deployment: Row, kind: str) -> None:
    project["lastAliasRequest"] = {
        "fromDeploymentId": project["production"],
        "toDeploymentId": deployment["id"],
        "jobStatus": "pending",
        "requestedAt": now_ms(),
        "type": kind,
        **({"fromRollingReleaseId": run["canary"]} if (run := rolling.active(project)) else {}),
    }
    project["aliasStatus"] = dict.fromkeys(project["domains"], "pending")
    project["updatedAt"] = now_ms()
    seconds = vercel.state.latency("vercel.settle")
    name, count = project["name"], len(project["domains"])
    vercel.state.later(seconds * 0.1, "vercel.job_begins", name)
    for number, domain in enumerate(project["domains"], 1):
        vercel.state.later(seconds * (0.2 + 0.7 * number / count), "vercel.domain_moves", name, domain=domain)
    vercel.state.later(seconds, "vercel.job_ends", name)


def job_begins(vercel: Vercel, target: str) -> None:
    """A job that is bound to fail does so before it has moved its last domain."""
    project = vercel.book.project(target)
    project["lastAliasRequest"]["jobStatus"] = "in-progress"
    if vercel.state.fails_now(target):
        project["aliasStatus"][project["domains"][-1]] = "failed"


def domain_moves(vercel: Vercel, target: str, domain: str) -> None:
    project = vercel.book.project(target)
    if project["aliasStatus"][domain] == "failed":
        return
    production.move(vercel.book, domain, vercel.book.deployments[project["lastAliasRequest"]["toDeploymentId"]])
    project["aliasStatus"][domain] = "completed"


def job_ends(vercel: Vercel, target: str) -> None:
    """The project's production changes only when the job has succeeded."""
    project = vercel.book.project(target)
    job = project["lastAliasRequest"]
    if "failed" in project["aliasStatus"].values():
        job["jobStatus"] = "failed"
        return
    job["jobStatus"] = "succeeded"
    rolling.abort(vercel, project)
    production.make_current(vercel.book, project, vercel.book.deployments[job["toDeploymentId"]])


def list_job_aliases(vercel: Vercel, call: Call) -> Row:
    """How far the last job got, for each domain."""
    project = vercel.book.project(call.match["projectId"])
    job = project["lastAliasRequest"]
    if job is None or job["type"] != call.match["kind"]:
        raise Refusal(404, f"No {call.match['kind']} was requested for this project.", "not_found")
    to, aliases = job["toDeploymentId"], vercel.book.aliases
    rows = [
        {"alias": domain, "status": status, "id": aliases[domain]["uid"], "deploymentId": to}
        for domain, status in project["aliasStatus"].items()
        if call.query.get("failedOnly") != "true" or status == "failed"
    ]
    return {"aliases": rows, "pagination": {"count": len(rows), "next": None, "prev": None}}


def update_description(vercel: Vercel, call: Call) -> Reply:
    project = vercel.book.project(call.match["projectId"])
    text = (call.body or {}).get("description", "")
    if project["production"] != call.match["deploymentId"] or project["autoAssignCustomDomains"]:
        raise Refusal(409, "The project is not rolled back to this deployment.", "conflict")
    if len(text) > 250:
        raise Refusal(400, "Invalid request: `description` should NOT be longer than 250 characters.", "bad_request")
    project["rollbackDescription"] = _description(text)
    return Reply(200)


_JOB = "/{version:v1|v9}/projects/{projectId}"
ROUTES: list[Route] = [
    ("GET", _JOB + "/{kind:rollback|promote}/aliases", list_job_aliases),
    ("POST", _JOB + "/rollback/{deploymentId}", request_rollback),
    ("PATCH", "/v1/projects/{projectId}/rollback/{deploymentId}/update-description", update_description),
    ("POST", "/v10/projects/{projectId}/promote/{deploymentId}", request_promote),
]
STEPS: dict[str, Callable[..., None]] = {"job_begins": job_begins, "domain_moves": domain_moves, "job_ends": job_ends}
