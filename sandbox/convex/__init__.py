"""Convex: a deployment runs what was pushed last, and the vendor remembers no commit and rolls nothing back."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from aiohttp import web

from sandbox.artifacts import KINDS, Serving
from sandbox.clock import iso, now_ms
from sandbox.convex import data, pushes, repository, seed, settings
from sandbox.convex.book import NOTE, Book
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.state import Row, State


class Convex(Emulator):
    """A deployment's API as far as pushes, variables, the audit log and pausing go, for the vendor's own program, too."""

    name = "convex"
    served = ("bookings",)
    tokens = ("sandbox-convex-key",)
    routes: ClassVar = [*pushes.ROUTES, *settings.ROUTES]
    steps: ClassVar = {"checked": pushes.checked}
    limits: ClassVar = {"all": (1000, 60.0)}
    latencies: ClassVar = {"http": 0.0, "schema": 1.5, "export": 0.1, "import": 0.1}

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.uploads: dict[str, dict[int, bytes]] = {}
        repository.write(self.folder, self.book.commits)

    def application(self) -> web.Application:
        app = super().application()
        data.attach(self, app)
        return app

    @property
    def book(self) -> Book:
        return Book(self.state)

    @property
    def folder(self) -> Path:
        """Where the repository is that `bookings` is deployed from."""
        return self.state.path.parent / "bookings.git"

    def authorize(self, call: Call) -> None:
        if call.path == "/api/query":
            return
        if call.headers.get("Authorization", "").removeprefix("Convex ") not in self.tokens:
            raise Refusal(401, "The provided admin key was invalid for this instance", "BadAdminKey")

    def bucket_name(self, call: Call) -> str:
        return "all"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {}

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Too many requests", "TooManyRequests")

    def error_body(self, refusal: Refusal) -> Row:
        return {"code": refusal.code or "BadRequest", "message": refusal.message}

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def forget(self, name: str = "") -> None:
        repository.write(self.folder, self.book.commits, afresh=True)

    def targets(self) -> list[str]:
        return [self.book.deployment["name"]]

    def ship(self, target: str, kind: str, message: str) -> Row:
        """A commit on `main`, which the pipeline deploys at once and notes down, unless it cannot be deployed."""
        number = len(self.book.commits) + 1
        commit = {"number": number, "kind": kind, "message": message or KINDS[kind].message, "at": now_ms() // 1000 * 1000}
        self.book.commits.append(commit)
        repository.named(self.book.commits)
        repository.write(self.folder, self.book.commits)
        behaviour = KINDS[kind]
        if deployed := behaviour.builds and behaviour.starts:
            self.book.deployment.update(serving=number, pushes={})
            self.book.record("push_config_with_components", {"component_diffs": []})
            self.book.set_variable(NOTE, f"{commit['id']} {iso(now_ms())}")
        return {"release": commit["id"] if deployed else None, "commit": commit["id"], "at": now_ms(), "held": False}

    def expire(self, target: str, release: str) -> None:
        """The data has outgrown that release's schema."""
        self.book.deployment["outgrown"].append(next(c["number"] for c in self.book.commits if c["id"] == release))

    def set_plan(self, target: str, plan: str) -> None:
        self.book.deployment["plan"] = plan

    def serving(self, address: str) -> Serving:
        deployment = self.book.deployment
        if deployment["paused"]:
            return Serving(address, unavailable="PAUSED")
        commit = self.book.served_commit()
        return Serving(address, commit["id"], commit["id"], commit["kind"])
