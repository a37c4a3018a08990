"""The project, its environments and services, and who looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.railway import configuration, volumes
from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import connection, instant, problem
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway


def environment_row(railway: Railway, id: str) -> Row:
    """An environment as the API writes it, or the vendor's error."""
    if id not in railway.book.environments:
        problem("Environment not found")
    def config(info: object, decryptVariables: bool = False) -> Row:
        return configuration.written(railway, id)

    def variables(info: object, **page: object) -> Row:
        return configuration.variables(railway, id, dict(page))

    def volume_instances(info: object, **page: object) -> Row:
        rows = [volume for volume in railway.book.volumes if volume["environmentId"] == id]
        return connection(rows, dict(page), lambda volume: volumes.row(railway, volume))

    about = {"canAccess": True, "isEphemeral": False, "unmergedChangesCount": 0, "config": config, "variables": variables}
    about["volumeInstances"] = volume_instances
    return {"id": id, "name": railway.book.environments[id]["name"], **_of_project(railway), **about}


def service_row(railway: Railway, service: Row) -> Row:
    """A service as the API writes it."""
    about = {"name": service["name"], "hasHiddenRegistryCredentialsFromTemplate": False}
    own = {"createdAt": instant(service["createdAt"])} if "createdAt" in service else {}
    return {"id": service["id"], **about, **_of_project(railway), **own}


def _of_project(railway: Railway) -> Row:
    created = instant(railway.book.project["createdAt"])
    return {"projectId": railway.book.project["id"], "createdAt": created, "updatedAt": created, "deletedAt": None}


def me(railway: Railway, caller: Caller) -> Row:
    if caller.environment:
        problem("Not Authorized")
    return {"id": "user-oncall", "email": "oncall@lastgood.test", "name": "On call", "has2FA": True}


def project_token(railway: Railway, caller: Caller) -> Row:
    if not caller.environment:
        problem("Project Token not found")
    return {
        "id": "token-production",
        "name": "on call",
        "displayToken": "sand****oken",
        **_of_project(railway),
        "environmentId": caller.environment,
        "project": project(railway, caller, id=railway.book.project["id"]),
        "environment": environment_row(railway, caller.environment),
    }


def project(railway: Railway, caller: Caller, *, id: str) -> Row:
    row = railway.book.project
    if id != row["id"]:
        problem("Project not found")
    created = instant(row["createdAt"])

    def services(info: object, **page: object) -> Row:
        return connection(list(railway.book.services.values()), dict(page), lambda service: service_row(railway, service))

    def environments(info: object, **page: object) -> Row:
        rows = [e for e in railway.book.environments.values() if caller.environment in (None, e["id"])]
        return connection(rows, dict(page), lambda environment: environment_row(railway, environment["id"]))

    return {
        "id": id,
        "name": row["name"],
        "baseEnvironmentId": row["baseEnvironmentId"],
        "createdAt": created,
        "updatedAt": created,
        **dict.fromkeys(("isPublic", "isTempProject", "prDeploys", "botPrEnvironments", "focusedPrEnvironments"), False),
        "subscriptionPlanLimit": {},
        "services": services,
        "environments": environments,
    }


def environment(railway: Railway, caller: Caller, *, id: str, projectId: str = "") -> Row:
    caller.may_touch(id)
    return environment_row(railway, id)


def service(railway: Railway, caller: Caller, *, id: str) -> Row:
    if id not in railway.book.services:
        problem("Service not found")
    return service_row(railway, railway.book.services[id])


def update_service(railway: Railway, caller: Caller, *, id: str, input: Row) -> Row:
    railway.book.services[id]["name"] = input.get("name") or railway.book.services[id]["name"]
    return service(railway, caller, id=id)


def delete_service(railway: Railway, caller: Caller, *, id: str, environmentId: str | None = None) -> bool:
    """In all environments; its volume is left without a service."""
    service(railway, caller, id=id)
    del railway.book.services[id]
    railway.book.instances[:] = [one for one in railway.book.instances if one["serviceId"] != id]
    for deployment in [one for one in railway.book.deployments.values() if one["serviceId"] == id]:
        del railway.book.deployments[deployment["id"]]
    for volume in railway.book.volumes:
        volume["serviceId"] = None if volume["serviceId"] == id else volume["serviceId"]
    return True


MUTATIONS: Resolvers = {"serviceUpdate": update_service, "serviceDelete": delete_service}
QUERIES: Resolvers = {"me": me, "projectToken": project_token, "project": project, "environment": environment, "service": service}
