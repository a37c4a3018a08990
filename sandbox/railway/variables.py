"""Variables of a service, or shared by an environment: a change deploys again unless it is told not to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.railway import volumes
from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import problem, rendered
from sandbox.railway.instances import deploy_again, instance_of
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway


def _place(railway: Railway, caller: Caller, environment: str, project: str, service: str | None) -> Row:
    """What the variables belong to: a service in the environment, or all of the environment."""
    if service:
        return instance_of(railway, caller, environment, service, project)
    caller.may_touch(environment)
    if environment not in railway.book.environments:
        problem("Environment not found")
    return railway.book.environments[environment]


def get_variables(
    railway: Railway, caller: Caller, *, environmentId: str, projectId: str, serviceId: str | None = None, unrendered: bool = False
) -> Row:
    """Without the sealed ones, whose values nobody gets back; rendered, together with those that Railway provides."""
    place = _place(railway, caller, environmentId, projectId, serviceId)
    known = {name: value for name, value in place["variables"].items() if name not in place.get("sealed", ())}
    if unrendered:
        return known
    provided = railway.book.provided(place) if serviceId else {}
    reached = volumes.reached(railway, place) if serviceId else {}
    return provided | rendered(known, provided, railway.book.references(environmentId)) | reached


def get_effective(railway: Railway, caller: Caller, *, environmentId: str, projectId: str, serviceId: str) -> Row:
    """The same, rendered, and null for each sealed one."""
    shown = get_variables(railway, caller, environmentId=environmentId, projectId=projectId, serviceId=serviceId)
    place = _place(railway, caller, environmentId, projectId, serviceId)
    return shown | {name: None for name in place["sealed"] if name in place["variables"]}


def upsert_collection(railway: Railway, caller: Caller, *, input: Row) -> bool:
    """All of them or none; `replace` forgets the others."""
    service = input.get("serviceId")
    place = _place(railway, caller, input["environmentId"], input["projectId"], service)
    wanted = {name: str(value) for name, value in input["variables"].items()}
    if any(not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in wanted):
        problem("Invalid variable name")
    before = {} if input.get("replace") else place["variables"]
    _set(railway, place, {**before, **wanted}, bool(service and not input.get("skipDeploys")))
    return True


def upsert(railway: Railway, caller: Caller, *, input: Row) -> bool:
    return upsert_collection(railway, caller, input={**input, "variables": {input["name"]: input["value"]}})


def delete(railway: Railway, caller: Caller, *, input: Row) -> bool:
    """Always deploys again: there is no field to say otherwise."""
    place = _place(railway, caller, input["environmentId"], input["projectId"], input.get("serviceId"))
    if input["name"] not in place["variables"]:
        problem("Variable not found")
    left = {name: value for name, value in place["variables"].items() if name != input["name"]}
    _set(railway, place, left, bool(input.get("serviceId")))
    return True


def _set(railway: Railway, place: Row, variables: Row, deploys: bool) -> None:
    changed = place["variables"] != variables
    place["variables"] = variables
    place["sealed"] = [name for name in place.get("sealed", ()) if name in variables]
    if changed and deploys and railway.book.of_instance(place):
        deploy_again(railway, place)


QUERIES: Resolvers = {"variables": get_variables, "variablesForServiceDeployment": get_effective}
MUTATIONS: Resolvers = {"variableUpsert": upsert, "variableCollectionUpsert": upsert_collection, "variableDelete": delete}
