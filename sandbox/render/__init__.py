"""Render: a service runs its newest successful deploy; a rollback is a new deploy of an old build."""

from __future__ import annotations

import math
import secrets
import time
from typing import ClassVar

from sandbox.artifacts import KINDS, Serving
from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.render import databases, deploys, logs, owners, rollout, scaling, seed, services, variables
from sandbox.render.book import Book
from sandbox.state import Row


class Render(Emulator):
    """The API of api.render.com/v1 as far as services, deploys, variables and databases go."""

    name = "render"
    served = ("api", "payments")
    tokens = ("sandbox-render-token",)
    routes: ClassVar = [
        *owners.ROUTES,
        *deploys.ROUTES,
        *variables.ROUTES,
        *scaling.ROUTES,
        *services.ROUTES,
        *logs.ROUTES,
        *databases.ROUTES,
    ]
    steps: ClassVar = {**rollout.STEPS, **databases.STEPS}
    # As recorded from the vendor: settings, deploys and scaling of all services share ten calls a minute.
    limits: ClassVar = {"read": (400, 60.0), "write": (100, 60.0), "deploy": (10, 60.0)}
    latencies: ClassVar = {"http": 0.0, "build": 2.5, "update": 2.0, "rollback": 6.0, "recovery": 8.0, "export": 3.0}

    @property
    def book(self) -> Book:
        return Book(self.state)

    def authorize(self, call: Call) -> None:
        if call.bearer not in self.tokens:
            raise Refusal(401, "Unauthorized")

    def bucket_name(self, call: Call) -> str:
        if call.method == "GET":
            return "read"
        changes_service = call.method == "PATCH" and call.path.count("/") == 3
        starts_deploy = call.method == "POST" and call.path.endswith(("/deploys", "/scale"))
        return "deploy" if changes_service or starts_deploy else "write"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {
            "Ratelimit-Limit": str(bucket.limit),
            "Ratelimit-Remaining": str(bucket.remaining),
            "Ratelimit-Reset": str(max(1, math.ceil(bucket.resets_at - time.time()))),  # seconds left, not an instant
            "Render-Request-Id": f"sandbox/{secrets.token_hex(5)}",
        }

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "rate limit exceeded")

    def error_body(self, refusal: Refusal) -> Row:
        return {"message": refusal.message}

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def targets(self) -> list[str]:
        return [row["name"] for row in (*self.book.services.values(), *self.book.databases.values())]

    def ship(self, target: str, kind: str, message: str) -> Row:
        service = self.book.named(target)
        commit = {"id": secrets.token_hex(20), "message": message or KINDS[kind].message, "createdAt": now_ms()}
        service["head"] = {"commit": commit, "kind": kind}
        held = service["autoDeploy"] == "no"
        deploy = None if held else rollout.start(self, service, **service["head"], trigger="new_commit")
        self.state.run_due()
        return {"release": deploy and deploy["id"], "commit": commit["id"], "at": now_ms(), "held": held}

    def reconfigure(self, target: str, values: dict[str, str]) -> None:
        """Behave as when somebody changes variables in the dashboard and lets it deploy."""
        service = self.book.named(target)
        service["env"].update(values)
        if serving := self.book.serving(service):
            rollout.start(self, service, commit=serving["commit"], kind=serving["kind"], trigger="service_updated")

    def expire(self, target: str, release: str) -> None:
        self.book.deploy(self.book.named(target), release)["artifact"] = False

    def set_plan(self, target: str, plan: str) -> None:
        self.book.named(target)["plan"] = plan

    def serving(self, address: str) -> Serving:
        service = self.book.named(address)
        if service["suspended"] == "suspended":
            return Serving(address, unavailable="SERVICE_SUSPENDED")
        if service["serviceDetails"]["maintenanceMode"]["enabled"]:
            return Serving(address, unavailable="MAINTENANCE")
        deploy = self.book.serving(service)
        if deploy is None:
            return Serving(address, unavailable="NO_LIVE_DEPLOY")
        running = {"variables": deploy["env"], "instances": service["serviceDetails"]["numInstances"]}
        return Serving(address, deploy["id"], deploy["commit"]["id"], deploy["kind"], **running)
