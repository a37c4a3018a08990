"""Neon: branches of one history; a restore gives a branch another past and keeps its address."""

from __future__ import annotations

from typing import ClassVar

from sandbox.artifacts import Serving
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.neon import branches, operations, restore, seed
from sandbox.neon.book import Book, new_uuid
from sandbox.state import Row


class Neon(Emulator):
    """The API v2 of console.neon.tech as far as branches, their restore and operations go."""

    name = "neon"
    served = ()
    tokens = ("sandbox-neon-key",)
    routes: ClassVar = [*branches.ROUTES, *operations.ROUTES, *restore.ROUTES]
    steps: ClassVar = {**branches.STEPS, **restore.STEPS}
    limits: ClassVar = {"account": (700, 60.0)}
    latencies: ClassVar = {"http": 0.0, "branch": 1.0, "restore": 2.0}

    @property
    def book(self) -> Book:
        return Book(self.state)

    def authorize(self, call: Call) -> None:
        if call.bearer not in self.tokens:
            raise Refusal(401, "This request requires an authentication.")

    def bucket_name(self, call: Call) -> str:
        return "account"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {}

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "you are exceeding the rate limit, please retry later")

    def error_body(self, refusal: Refusal) -> Row:
        return {"request_id": new_uuid(), "code": refusal.code, "message": refusal.message}

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def targets(self) -> list[str]:
        return [self.book.project["name"]]

    def ship(self, target: str, kind: str, message: str) -> Row:
        raise KeyError(target)

    def expire(self, target: str, release: str) -> None:
        raise KeyError(target)

    def set_plan(self, target: str, plan: str) -> None:
        """The free plan can go back six hours, a paid one thirty days at most; it is set to seven here."""
        self.book.project["history_retention_seconds"] = 6 * 3600 if plan == "hobby" else 7 * 86400

    def serving(self, address: str) -> Serving:
        raise KeyError(address)
