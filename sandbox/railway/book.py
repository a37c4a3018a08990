"""Railway's rows, how to find one, and how the API writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import uuid4

from graphql import GraphQLError

from sandbox.clock import now_ms
from sandbox.state import Row, State

WORKING = ("INITIALIZING", "QUEUED", "BUILDING", "DEPLOYING")
ACTIVE = ("SUCCESS", "SLEEPING")
# Hours that an image is kept after its deployment was removed, by plan.
RETAINED = {"hobby": 72, "pro": 120, "enterprise": 360}
HOUR = 3_600_000


def new_id() -> str:
    return str(uuid4())


def problem(message: str, **extensions: Any) -> NoReturn:
    """The vendor says no: HTTP 200 with this among the `errors`."""
    raise GraphQLError(message, extensions={"code": "INTERNAL_SERVER_ERROR", **extensions})


class Book:
    """Railway's slice of the state: one project, its environments, its services, and each service in each environment."""

    def __init__(self, state: State) -> None:
        self._rows = state.data["railway"]

    @property
    def project(self) -> Row:
        project: Row = self._rows["project"]
        return project

    @property
    def environments(self) -> dict[str, Row]:
        environments: dict[str, Row] = self._rows["environments"]
        return environments

    @property
    def services(self) -> dict[str, Row]:
        services: dict[str, Row] = self._rows["services"]
        return services

    @property
    def instances(self) -> list[Row]:
        instances: list[Row] = self._rows["instances"]
        return instances

    @property
    def deployments(self) -> dict[str, Row]:
        deployments: dict[str, Row] = self._rows["deployments"]
        return deployments

    @property
    def volumes(self) -> list[Row]:
        """Each in one environment."""
        volumes: list[Row] = self._rows["volumes"]
        return volumes

    @property
    def workflows(self) -> dict[str, Row]:
        workflows: dict[str, Row] = self._rows["workflows"]
        return workflows

    def staged(self, environment: str) -> Row:
        """The changes that are staged there, by `services`."""
        patch: Row = self.environments[environment]["staged"]
        return patch

    def stage(self, environment: str, patch: Row) -> None:
        """Add to what is staged there already."""
        services = self.staged(environment).setdefault("services", {}) if patch.get("services") else {}
        for service, config in (patch.get("services") or {}).items():
            for part, given in config.items():
                services.setdefault(service, {}).setdefault(part, {}).update(given)

    def references(self, environment: str) -> Row:
        """What variables may refer to: the shared ones, and with its name in front each one of each service."""
        found = dict(self.environments[environment]["variables"])
        for instance in self.instances:
            if instance["environmentId"] == environment:
                name = self.services[instance["serviceId"]]["name"]
                found |= {f"{name}.{key}": value for key, value in instance["variables"].items()}
        return found

    def instance(self, environment: str, service: str) -> Row:
        """The service in that environment, or the vendor's error."""
        for instance in self.instances:
            if (instance["environmentId"], instance["serviceId"]) == (environment, service):
                return instance
        problem("ServiceInstance not found")

    def named(self, name: str) -> Row:
        """The service of that name in production; raises KeyError."""
        for instance in self.instances:
            if self.services[instance["serviceId"]]["name"] == name:
                return instance
        raise KeyError(name)

    def deployment(self, id: str) -> Row:
        """The deployment, or the vendor's error."""
        if id not in self.deployments:
            problem("Deployment not found")
        return self.deployments[id]

    def instance_of(self, deployment: Row) -> Row:
        return self.instance(deployment["environmentId"], deployment["serviceId"])

    def of_instance(self, instance: Row) -> list[Row]:
        """Its deployments, newest first."""
        place = (instance["environmentId"], instance["serviceId"])
        mine = [d for d in self.deployments.values() if (d["environmentId"], d["serviceId"]) == place]
        mine.reverse()  # of two in the same millisecond the later one is newer
        return sorted(mine, key=lambda d: -d["createdAt"])

    def provided(self, place: Row) -> Row:
        """What Railway gives a service beside its own variables, and an environment."""
        given = {"RAILWAY_ENVIRONMENT_NAME": self.environments[place["environmentId"]]["name"]}
        name = self.services[place["serviceId"]]["name"]
        return given | {"RAILWAY_SERVICE_NAME": name, "RAILWAY_PUBLIC_DOMAIN": f"{name}-production.up.railway.app"}

    def active(self, instance: Row) -> list[Row]:
        return [d for d in self.of_instance(instance) if d["status"] in ACTIVE]

    def working(self, instance: Row) -> list[Row]:
        """Deployments that wait or are under way, oldest first."""
        return [d for d in reversed(self.of_instance(instance)) if d["status"] in WORKING]

    def can_roll_back(self, deployment: Row) -> bool:
        """A deployment that is out of service, as long as the plan keeps its image."""
        if not deployment["image"] or deployment["status"] not in ("REMOVING", "REMOVED"):
            return False
        hours = RETAINED[self.instance_of(deployment)["plan"]]
        return now_ms() - deployment["statusUpdatedAt"] < hours * HOUR


def instant(ms: int | None) -> str | None:
    """Railway's way of writing an instant: `2026-08-21T13:35:43.840Z`."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rendered(variables: Row, provided: Row, shared: Row) -> Row:
    """The values with their references resolved; a reference to nothing is empty."""
    known = {**provided, **variables, **{name if "." in name else f"shared.{name}": value for name, value in shared.items()}}
    return {name: re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda match: known.get(match[1], ""), value) for name, value in variables.items()}


def connection(rows: list[Row], given: Row, write: Callable[[Row], Row]) -> Row:
    """One page of a list: `first` after `after`, or `last` before `before`; the cursors are ids."""
    ids = [row["id"] for row in rows]
    start, end = 0, len(rows)
    for side in ("after", "before"):
        if given.get(side) and given[side] not in ids:
            problem("Invalid cursor")
    if given.get("after"):
        start = ids.index(given["after"]) + 1
    if given.get("before"):
        end = ids.index(given["before"])
    if given.get("last"):
        start = max(start, end - given["last"])
    else:
        end = min(end, start + (given.get("first") or 20))
    page = rows[start:end]
    edges = [{"cursor": row["id"], "node": write(row)} for row in page]
    info = {"hasNextPage": end < len(rows), "hasPreviousPage": start > 0}
    cursors = {"startCursor": page[0]["id"] if page else None, "endCursor": page[-1]["id"] if page else None}
    return {"edges": edges, "pageInfo": info | cursors}
