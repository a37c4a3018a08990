"""Railway: GraphQL; a rollback is a new deployment of an old image, which the answer does not name."""

from __future__ import annotations

import math
import secrets
import time
from typing import ClassVar

from sandbox.artifacts import KINDS, Serving
from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.railway import answers, edge, rollout, seed, volumes
from sandbox.railway.access import ACCOUNT_TOKEN, PROJECT_TOKEN, WITHOUT_2FA
from sandbox.railway.book import Book
from sandbox.state import Row


class Railway(Emulator):
    """The API of backboard.railway.com/graphql/v2 as far as schema.graphql goes."""

    name = "railway"
    served = ("stock",)
    tokens = (PROJECT_TOKEN, ACCOUNT_TOKEN, WITHOUT_2FA)
    routes: ClassVar = [("POST", "/graphql/v2", answers.answer)]
    steps: ClassVar = {**rollout.STEPS, **volumes.STEPS}
    # One limit for everything, as the Pro plan has it.
    limits: ClassVar = {"calls": (10_000, 3600.0)}
    latencies: ClassVar = {"http": 0.0, "build": 2.5, "deploy": 2.0, "rollback": 4.0, "drain": 1.0, "backup": 2.0, "copy": 8.0}

    @property
    def book(self) -> Book:
        return Book(self.state)

    def authorize(self, call: Call) -> None:
        """Each field says for itself who may ask for it: see `access.caller`."""

    def bucket_name(self, call: Call) -> str:
        return "calls"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        left = str(max(1, math.ceil(bucket.resets_at - time.time())))
        refused = {"Retry-After": left} if bucket.used > bucket.limit else {}
        return {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(bucket.remaining),
            "X-RateLimit-Reset": str(math.ceil(bucket.resets_at)),
            "X-Railway-Request-Id": secrets.token_urlsafe(12),
            **refused,
        }

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "You have exceeded the rate limit")

    def error_body(self, refusal: Refusal) -> Row:
        return {"errors": [{"message": refusal.message}]}

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def targets(self) -> list[str]:
        return [service["name"] for service in self.book.services.values()]

    def ship(self, target: str, kind: str, message: str) -> Row:
        instance = self.book.named(target)
        commit = {"id": secrets.token_hex(20), "message": message or KINDS[kind].message}
        instance["head"] = {"commit": commit, "kind": kind}
        held = not instance["autoDeploy"]
        deployment = None if held else rollout.start(self, instance, **instance["head"], reason="deploy")
        self.state.run_due()
        return {"release": deployment and deployment["id"], "commit": commit["id"], "at": now_ms(), "held": held}

    def expire(self, target: str, release: str) -> None:
        self.book.deployments[release]["image"] = None

    def set_plan(self, target: str, plan: str) -> None:
        self.book.named(target)["plan"] = plan

    def serving(self, address: str) -> Serving:
        instance = self.book.named(address)
        if edge.blocks(instance):
            return Serving(address, unavailable="BLOCKED_AT_THE_EDGE")
        if active := self.book.active(instance):
            deployment = active[0]
            if deployment["stopped"]:
                return Serving(address, unavailable="DEPLOYMENT_STOPPED")
            variables = deployment["snapshot"]["variables"]
            return Serving(address, deployment["id"], deployment["commit"]["id"], deployment["kind"], variables=variables)
        newest = next(iter(self.book.of_instance(instance)), None)
        crashed = newest and newest["status"] == "CRASHED"
        return Serving(address, unavailable="APPLICATION_FAILED_TO_RESPOND" if crashed else "NO_ACTIVE_DEPLOYMENT")
