"""Deployments: list, read, roll back, redeploy, cancel, stop, restart, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.railway import rollout
from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import WORKING, connection, instant, new_id, problem, rendered
from sandbox.railway.places import environment_row, service_row
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway


def deployment_row(railway: Railway, deployment: Row) -> Row:
    """A deployment as the API writes it."""
    status, commit = deployment["status"], deployment["commit"]
    meta = {
        "reason": deployment["reason"],
        "repo": "lastgood/stock",
        "branch": "main",
        "commitHash": commit["id"],
        "commitMessage": commit["message"],
        **({"imageDigest": deployment["image"]} if deployment["image"] else {}),
    }
    running = {"SUCCESS": "RUNNING", "CRASHED": "CRASHED", "DEPLOYING": "INITIALIZING", "REMOVING": "REMOVING"}.get(status)
    if running == "RUNNING" and deployment["stopped"]:
        running = "STOPPED"
    instances = [{"id": f"{deployment['id']}-{n}", "status": running} for n in range(deployment["replicas"] if running else 0)]
    service = railway.book.services[deployment["serviceId"]]
    return {
        "id": deployment["id"],
        "status": status,
        "createdAt": instant(deployment["createdAt"]),
        "updatedAt": instant(deployment["statusUpdatedAt"]),
        "statusUpdatedAt": instant(deployment["statusUpdatedAt"]),
        "canRollback": railway.book.can_roll_back(deployment),
        "canRedeploy": status not in ("QUEUED", "INITIALIZING", "BUILDING", "DEPLOYING", "SKIPPED", "REMOVING", "REMOVED"),
        "deploymentStopped": deployment["stopped"],
        "meta": meta,
        "snapshotId": deployment["snapshot"]["id"],
        "diagnosis": None,
        "creator": None,
        "instances": instances,
        "sockets": [],
        "projectId": railway.book.project["id"],
        "environmentId": deployment["environmentId"],
        "environment": environment_row(railway, deployment["environmentId"]),
        "serviceId": deployment["serviceId"],
        "service": service_row(railway, service),
        "staticUrl": f"{service['name']}-production.up.railway.app",
        "url": None,
        "suggestAddServiceDomain": False,
    }


def _mine(railway: Railway, caller: Caller, id: str) -> Row:
    deployment = railway.book.deployment(id)
    caller.may_touch(deployment["environmentId"])
    return deployment


def list_deployments(railway: Railway, caller: Caller, *, input: Row, **page: object) -> Row:
    environment = input.get("environmentId") or caller.environment
    caller.may_touch(environment)
    rows = [d for instance in railway.book.instances for d in railway.book.of_instance(instance)]
    if environment:
        rows = [d for d in rows if d["environmentId"] == environment]
    if input.get("serviceId"):
        rows = [d for d in rows if d["serviceId"] == input["serviceId"]]
    if input.get("projectId") not in (None, railway.book.project["id"]):
        problem("Project not found")
    status = input.get("status") or {}
    if status.get("in") is not None:
        rows = [d for d in rows if d["status"] in status["in"]]
    rows = [d for d in rows if d["status"] not in (status.get("notIn") or ())]
    return connection(rows, dict(page), lambda row: deployment_row(railway, row))


def get_deployment(railway: Railway, caller: Caller, *, id: str) -> Row:
    return deployment_row(railway, _mine(railway, caller, id))


def list_events(railway: Railway, caller: Caller, *, id: str, **page: object) -> Row:
    def write(event: Row) -> Row:
        return {**event, "createdAt": instant(event["createdAt"]), "completedAt": instant(event["completedAt"])}

    return connection(_mine(railway, caller, id)["events"], dict(page), write)


def get_snapshot(railway: Railway, caller: Caller, *, deploymentId: str) -> Row:
    """Its own variables, rendered as they were, without the sealed ones."""
    deployment = _mine(railway, caller, deploymentId)
    created = instant(deployment["createdAt"])
    instance, snapshot = railway.book.instance_of(deployment), deployment["snapshot"]
    variables = rendered(snapshot["variables"], railway.book.provided(instance), snapshot.get("shared", {}))
    shown = {name: value for name, value in variables.items() if name not in instance["sealed"]}
    return {"id": snapshot["id"], "createdAt": created, "updatedAt": created, "variables": shown}


def roll_back(railway: Railway, caller: Caller, *, id: str) -> bool:
    """Says yes and names nothing; the new deployment appears a little later. Automatic deploys stay as they are."""
    deployment = _mine(railway, caller, id)
    if not railway.book.can_roll_back(deployment):
        problem("Deployment cannot be rolled back to")
    name = railway.book.services[deployment["serviceId"]]["name"]
    railway.state.later(railway.state.latency("railway.rollback") * 0.05, "railway.rolled_back", name, deployment=id)
    return True


def redeploy(railway: Railway, caller: Caller, *, id: str, usePreviousImageTag: bool = False) -> Row:
    """Builds its commit again, unless the image that it has is asked for."""
    row = _mine(railway, caller, id)
    if not deployment_row(railway, row)["canRedeploy"]:
        problem("Deployment cannot be redeployed")
    return deployment_row(railway, rollout.reuse(railway, row, builds=not usePreviousImageTag))


def cancel(railway: Railway, caller: Caller, *, id: str) -> bool:
    deployment = _mine(railway, caller, id)
    if deployment["status"] not in WORKING:
        problem("Deployment cannot be cancelled")
    rollout.cancel(railway, deployment)
    return True


def restart(railway: Railway, caller: Caller, *, id: str) -> bool:
    deployment = _active(railway, caller, id)
    deployment["restarts"] = [*deployment.get("restarts", []), new_id()]
    return True


def stop(railway: Railway, caller: Caller, *, id: str) -> bool:
    """Its status stays SUCCESS."""
    _active(railway, caller, id)["stopped"] = True
    return True


def remove(railway: Railway, caller: Caller, *, id: str) -> bool:
    _active(railway, caller, id)
    rollout.removed(railway, "", id)
    return True


def _active(railway: Railway, caller: Caller, id: str) -> Row:
    deployment = _mine(railway, caller, id)
    if deployment not in railway.book.active(railway.book.instance_of(deployment)):
        problem("Deployment is not active")
    return deployment


QUERIES: Resolvers = {
    "deployments": list_deployments,
    "deployment": get_deployment,
    "deploymentEvents": list_events,
    "deploymentSnapshot": get_snapshot,
}
MUTATIONS: Resolvers = {
    "deploymentRollback": roll_back,
    "deploymentRedeploy": redeploy,
    "deploymentCancel": cancel,
    "deploymentRestart": restart,
    "deploymentStop": stop,
    "deploymentRemove": remove,
}
