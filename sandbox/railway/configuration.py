"""An environment's configuration: what its services have for their next deployment, and patches of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import connection, instant, new_id, problem
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway

MOST = 50
"""Replicas of a service, in all regions."""


def regions(instance: Row) -> Row:
    """Replicas by region, in the vendor's form."""
    settings: Row = instance["settings"]
    single = {settings["region"]: {"numReplicas": settings["numReplicas"]}}
    found: Row = settings.get("multiRegionConfig") or single
    return found


def set_regions(instance: Row, wanted: Row) -> None:
    """For the next deployment; a region that is null, or has none left, is forgotten."""
    left = {region: config for region, config in wanted.items() if config and config["numReplicas"]}
    total = sum(config["numReplicas"] for config in left.values())
    if not 1 <= total <= MOST:
        problem(f"Replicas must be between 1 and {MOST}")
    instance["settings"].update(multiRegionConfig=left, numReplicas=total)


def written(railway: Railway, environment: str) -> Row:
    """The configuration as the API writes it; of a variable that is sealed only that it is there."""
    services = {}
    for instance in railway.book.instances:
        if instance["environmentId"] == environment:
            sealed = instance["sealed"]
            variables = {n: {"isSealed": True} if n in sealed else {"value": v} for n, v in instance["variables"].items()}
            services[instance["serviceId"]] = {"deploy": {"multiRegionConfig": regions(instance)}, "variables": variables}
    shared = {name: {"value": value} for name, value in railway.book.environments[environment]["variables"].items()}
    return {"services": services, "sharedVariables": shared}


def variables(railway: Railway, environment: str, page: Row) -> Row:
    """Every variable of every service, and the shared ones, without values."""
    created = instant(railway.book.project["createdAt"])
    owners = [(instance["serviceId"], instance) for instance in railway.book.instances if instance["environmentId"] == environment]
    owners.append((None, railway.book.environments[environment]))
    rows = [
        {
            "id": f"{service or environment}-{name}",
            "name": name,
            "isSealed": name in place.get("sealed", ()),
            "environmentId": environment,
            "serviceId": service,
            "references": [],
            "createdAt": created,
            "updatedAt": created,
        }
        for service, place in owners
        for name in place["variables"]
    ]
    return connection(rows, page, lambda row: row)


def commit_patch(railway: Railway, caller: Caller, *, environmentId: str, patch: Row | None = None, commitMessage: str = "") -> str:
    """Replicas take effect without a deployment; nothing else can be patched here."""
    caller.may_touch(environmentId)
    for service, config in ((patch or {}).get("services") or {}).items():
        if set(config) != {"deploy"} or set(config["deploy"]) != {"multiRegionConfig"}:
            problem("Invalid environment config")
        instance = railway.book.instance(environmentId, service)
        set_regions(instance, {**regions(instance), **config["deploy"]["multiRegionConfig"]})
        for deployment in [*railway.book.active(instance), *railway.book.working(instance)]:
            deployment["replicas"] = instance["settings"]["numReplicas"]
    return new_id()


MUTATIONS: Resolvers = {"environmentPatchCommit": commit_patch}
