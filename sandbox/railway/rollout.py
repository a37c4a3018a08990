"""A deployment's life: queued, built, deployed behind a health check, active, removed; or one of the failures."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.artifacts import KINDS
from sandbox.clock import now_ms
from sandbox.railway.book import new_id
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway


def start(
    railway: Railway,
    instance: Row,
    *,
    commit: Row,
    kind: str,
    reason: str,
    image: str | None = None,
    variables: Row | None = None,
) -> Row:
    """Add a deployment, with an `image` that was built before or none. Behind another one it waits; only the newest waits."""
    busy = railway.book.working(instance)
    shared = railway.book.references(instance["environmentId"])
    deployment = deployment_record(instance, commit=commit, kind=kind, reason=reason, at=now_ms(), shared=shared)
    deployment["image"] = image
    if variables is not None:
        deployment["snapshot"]["variables"] = dict(variables)
    for waiting in busy:
        if waiting["status"] == "QUEUED":
            _become(waiting, "CANCELLED")
    deployment["status"] = "QUEUED" if busy else "INITIALIZING"
    railway.book.deployments[deployment["id"]] = deployment
    if not busy:
        _begin(railway, deployment)
    return deployment


def deployment_record(instance: Row, *, commit: Row, kind: str, reason: str, at: int, shared: Row) -> Row:
    """A deployment as it is when it was just asked for; instants in ms."""
    return {
        "id": new_id(),
        "environmentId": instance["environmentId"],
        "serviceId": instance["serviceId"],
        "commit": commit,
        "kind": kind,
        "reason": reason,
        "status": "INITIALIZING",
        "createdAt": at,
        "statusUpdatedAt": at,
        "image": None,
        "stopped": False,
        "replicas": instance["settings"]["numReplicas"],
        "snapshot": {"id": new_id(), "variables": dict(instance["variables"]), "shared": dict(shared)},
        "events": [],
    }


def _become(deployment: Row, status: str) -> None:
    deployment.update(status=status, statusUpdatedAt=now_ms())


def step(deployment: Row, name: str, at: int, until: int | None = None, error: str | None = None) -> None:
    """Something that happens to it, ended or not."""
    payload = {"error": error} if error else None
    deployment["events"].append({"id": new_id(), "step": name, "createdAt": at, "completedAt": until, "payload": payload})


def _end_step(deployment: Row, error: str | None = None) -> None:
    for event in deployment["events"]:
        if event["completedAt"] is None:
            event.update(completedAt=now_ms(), payload={"error": error} if error else None)


def _begin(railway: Railway, deployment: Row) -> None:
    target = railway.book.services[deployment["serviceId"]]["name"]
    if deployment["image"]:
        _become(deployment, "DEPLOYING")
        step(deployment, "CREATE_CONTAINER", now_ms())
        railway.state.later(railway.state.latency("railway.rollback"), "railway.checked", target, deployment=deployment["id"])
        return
    _become(deployment, "BUILDING")
    step(deployment, "SNAPSHOT_CODE", now_ms(), now_ms())
    step(deployment, "BUILD_IMAGE", now_ms())
    seconds = railway.state.latency("railway.build") * KINDS[deployment["kind"]].build_factor
    railway.state.later(seconds, "railway.built", target, deployment=deployment["id"])


def rolled_back(railway: Railway, target: str, deployment: str) -> None:
    """The deployment that a rollback makes appears only after the answer was given."""
    old = railway.book.deployments[deployment]
    what = {"commit": old["commit"], "kind": old["kind"], "image": old["image"], "variables": old["snapshot"]["variables"]}
    start(railway, railway.book.instance_of(old), reason="rollback", **what)


def built(railway: Railway, target: str, deployment: str) -> None:
    row = railway.book.deployments[deployment]
    if not KINDS[row["kind"]].builds:
        _end_step(row, "Build failed: exit code 1")
        end(railway, row, "FAILED")
        return
    _end_step(row)
    step(row, "PUBLISH_IMAGE", now_ms(), now_ms())
    row["image"] = f"sha256:{secrets.token_hex(32)}"
    _become(row, "DEPLOYING")
    step(row, "CREATE_CONTAINER", now_ms())
    railway.state.later(railway.state.latency("railway.deploy"), "railway.checked", target, deployment=deployment)


def checked(railway: Railway, target: str, deployment: str) -> None:
    """Without a health check whatever has a container serves, and crashes in service."""
    row = railway.book.deployments[deployment]
    checks = bool(railway.book.instance_of(row)["settings"]["healthcheckPath"])
    starts, fails = KINDS[row["kind"]].starts, railway.state.fails_now(target)
    _end_step(row)
    if checks:
        failed = not starts or fails
        step(row, "HEALTHCHECK", now_ms(), now_ms(), error="1/1 replicas never became healthy" if failed else None)
    if fails or (checks and not starts):
        end(railway, row, "FAILED")
    else:
        end(railway, row, "SUCCESS")
        if not starts:
            _become(row, "CRASHED")


def end(railway: Railway, deployment: Row, status: str) -> None:
    """Finish a deployment; the one before it goes when this one is live, and the next that waits begins."""
    instance = railway.book.instance_of(deployment)
    before = railway.book.active(instance)
    _become(deployment, status)
    if status == "SUCCESS":
        step(deployment, "DRAIN_INSTANCES", now_ms(), now_ms())
        for old in before:
            _become(old, "REMOVING")
            name = railway.book.services[old["serviceId"]]["name"]
            railway.state.later(railway.state.latency("railway.drain"), "railway.removed", name, deployment=old["id"])
    waiting = railway.book.working(instance)
    if waiting and waiting[0]["status"] == "QUEUED":
        _begin(railway, waiting[0])


def removed(railway: Railway, target: str, deployment: str) -> None:
    _become(railway.book.deployments[deployment], "REMOVED")


def cancel(railway: Railway, deployment: Row) -> None:
    """The vendor marks it REMOVED, as if it had served."""
    railway.state.forget_steps(deployment=deployment["id"])
    deployment["image"] = None
    end(railway, deployment, "REMOVED")


def reuse(railway: Railway, deployment: Row, builds: bool = False) -> Row:
    """The same code again, with the variables of today."""
    what: Row = {"commit": deployment["commit"], "kind": deployment["kind"], "image": None if builds else deployment["image"]}
    return start(railway, railway.book.instance_of(deployment), reason="redeploy", **what)


STEPS: dict[str, Callable[..., Any]] = {"rolled_back": rolled_back, "built": built, "checked": checked, "removed": removed}
