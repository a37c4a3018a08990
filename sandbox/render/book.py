"""Render's rows, how to find one, and how the API writes them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from typing import Any

from sandbox.clock import from_iso, iso, now_ms
from sandbox.emulator import Call, Refusal
from sandbox.state import Row, State

OWNER = {"id": "tea-lastgood", "name": "Lastgood", "email": "oncall@lastgood.test", "type": "team"}
ACTIVE = ("created", "queued", "build_in_progress", "update_in_progress")
# The vendor keeps the builds of a fixed number of recent deploys; the numbers are the sandbox's own.
RETAINED = {"hobby": 5, "pro": 20}
_ALPHABET = string.ascii_lowercase + string.digits
# What only the emulator knows of a service.
_INWARD = ("head", "env", "plan")


def new_id(prefix: str) -> str:
    """An identifier in the vendor's form, such as `dep-ct6vmmlj0q5s700ckes0`."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(20))


class Book:
    """Render's slice of the state."""

    def __init__(self, state: State) -> None:
        self._rows = state.data["render"]

    @property
    def services(self) -> dict[str, Row]:
        services: dict[str, Row] = self._rows["services"]
        return services

    @property
    def databases(self) -> dict[str, Row]:
        databases: dict[str, Row] = self._rows["databases"]
        return databases

    @property
    def deploys(self) -> dict[str, Row]:
        deploys: dict[str, Row] = self._rows["deploys"]
        return deploys

    @property
    def events(self) -> list[Row]:
        events: list[Row] = self._rows["events"]
        return events

    def service(self, id: str) -> Row:
        """The service, or the vendor's 404."""
        if id not in self.services:
            raise Refusal(404, f"not found: {id}")
        return self.services[id]

    def named(self, name: str) -> Row:
        """The service of that name; raises KeyError."""
        for service in self.services.values():
            if service["name"] == name:
                return service
        raise KeyError(name)

    def deploy(self, service: Row, id: str) -> Row:
        """A deploy of this service, or the vendor's 404."""
        deploy = self.deploys.get(id)
        if deploy is None or deploy["serviceId"] != service["id"]:
            raise Refusal(404, f"not found: {id}")
        return deploy

    def of_service(self, service: Row) -> list[Row]:
        """Its deploys, newest first."""
        mine = [d for d in self.deploys.values() if d["serviceId"] == service["id"]]
        return sorted(mine, key=lambda d: -d["createdAt"])

    def serving(self, service: Row) -> Row | None:
        """The one live deploy."""
        return next((d for d in self.of_service(service) if d["status"] == "live"), None)

    def active(self, service: Row) -> list[Row]:
        """Deploys that are waiting or under way, oldest first."""
        return [d for d in reversed(self.of_service(service)) if d["status"] in ACTIVE]

    def has_artifact(self, deploy: Row) -> bool:
        """Whether the build can still be rolled back to under the workspace's plan."""
        service = self.services[deploy["serviceId"]]
        recent = self.of_service(service)[: RETAINED[service["plan"]]]
        return deploy["artifact"] and deploy in recent

    def record(self, service: Row, type: str, **details: Any) -> None:
        """Add an event to the service's history."""
        event = {"id": new_id("evt-"), "serviceId": service["id"], "type": type, "details": details}
        self.events.append({**event, "timestamp": now_ms()})


def deploy_row(deploy: Row) -> Row:
    """A deploy as the API writes it; `finishedAt` is null until it ended, whatever the published schema says."""
    return {
        "id": deploy["id"],
        "commit": {**deploy["commit"], "createdAt": iso(deploy["commit"]["createdAt"])},
        "status": deploy["status"],
        "trigger": deploy["trigger"],
        "createdAt": iso(deploy["createdAt"]),
        "updatedAt": iso(deploy["updatedAt"]),
        "finishedAt": iso(deploy["finishedAt"]),
        **({"startedAt": iso(deploy["startedAt"])} if deploy["startedAt"] else {}),
    }


def service_row(service: Row) -> Row:
    """A service as the API writes it."""
    row = {key: value for key, value in service.items() if key not in _INWARD}
    return row | {"createdAt": iso(service["createdAt"]), "updatedAt": iso(service["updatedAt"])}


def wrapped(noun: str, rows: list[Row], call: Call, write: Callable[[Row], Row], key: str = "id") -> list[Row]:
    """Render's lists: `[{noun: row, "cursor": …}]`, continued after `cursor`, ended by a short page."""
    cursors = [f"cur{row[key]}" for row in rows]
    start = 0
    if cursor := call.query.get("cursor"):
        if cursor not in cursors:
            raise Refusal(400, "invalid cursor")
        start = cursors.index(cursor) + 1
    limit = call.number("limit", 20)
    if not 1 <= limit <= 100:
        raise Refusal(400, "invalid limit: must be between 1 and 100")
    end = start + limit
    return [{noun: write(row), "cursor": at} for row, at in zip(rows[start:end], cursors[start:end], strict=True)]


def within(rows: list[Row], call: Call, field: str, name: str) -> list[Row]:
    """The rows whose instant lies between the query's `<name>After` and `<name>Before`."""
    try:
        after, before = (call.query.get(f"{name}{side}") for side in ("After", "Before"))
        low = from_iso(after) if after else None
        high = from_iso(before) if before else None
    except ValueError:
        raise Refusal(400, f"invalid time for {name}") from None
    if low is None and high is None:
        return rows
    rows = [r for r in rows if r[field] is not None]
    return [r for r in rows if (low is None or r[field] > low) and (high is None or r[field] < high)]
