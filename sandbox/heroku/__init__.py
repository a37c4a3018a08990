"""Heroku: a release is a slug with variables; a rollback is a new release, and only its dynos serve it."""

from __future__ import annotations

import secrets
from typing import ClassVar

from sandbox.artifacts import KINDS, Serving
from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.heroku import addons, apps, attachments, config_vars, databases, dynos, releases, rollout, seed, transfers
from sandbox.heroku.book import Book, new_id
from sandbox.heroku.limits import Refilled
from sandbox.state import Row


class Heroku(Emulator):
    """The API of api.heroku.com as far as releases, variables, dynos, logs and databases go; the data API answers here, too."""

    name = "heroku"
    served = ("accounts",)
    tokens = ("sandbox-heroku-token",)
    routes: ClassVar = [
        *apps.ROUTES,
        *addons.ROUTES,
        *attachments.ROUTES,
        *databases.ROUTES,
        *releases.ROUTES,
        *config_vars.ROUTES,
        *dynos.ROUTES,
        *releases.STREAMS,
        *apps.STREAMS,
        *databases.DATA,
        *transfers.DATA,
    ]
    steps: ClassVar = {**rollout.STEPS, **databases.STEPS, **transfers.STEPS}
    # 4,500 calls an account, 75 of them given back each minute.
    limits: ClassVar = {"account": (4500, 3600.0), "free": (100_000, 60.0)}
    bucket: ClassVar = Refilled
    # `rounding` is no wait: the vendor shows whole seconds, which it cuts off to; 0 shows what happened in which order.
    latencies: ClassVar = {"http": 0.0, "build": 2.5, "phase": 1.5, "dyno": 3.0, "addon": 4.0, "transfer": 2.0, "rounding": 0.0}

    @property
    def book(self) -> Book:
        return Book(self.state)

    def authorize(self, call: Call) -> None:
        if call.path.startswith(("/streams/", "/logplex/")):
            return
        if call.bearer not in self.tokens:
            raise Refusal(401, "Invalid credentials provided.", "unauthorized")
        if "application/vnd.heroku+json" not in call.headers.get("Accept", ""):
            raise Refusal(404, "The requested API endpoint was not found. Did you specify your intended version?", "not_found")

    def bucket_name(self, call: Call) -> str:
        return "free" if call.path.startswith(("/account/rate-limits", "/streams/", "/logplex/")) else "account"

    def remaining(self) -> int:
        return self._bucket("account").remaining

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {"RateLimit-Remaining": str(bucket.remaining), "Request-Id": new_id()}

    def too_many(self, bucket: Bucket) -> Refusal:
        words = "Your account reached the API rate limit. Please wait a few minutes before making new requests"
        return Refusal(429, words, "rate_limit")

    def error_body(self, refusal: Refusal) -> Row:
        return {"id": refusal.code or "bad_request", "message": refusal.message, **refusal.extra}

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def targets(self) -> list[str]:
        return [app["name"] for app in self.book.apps.values()]

    def addon_plans(self, app: Row) -> list[str]:
        return [addon["plan"] for addon in self.book.of_app("addons", app)]

    def ship(self, target: str, kind: str, message: str) -> Row:
        app, commit = self.book.app(target), secrets.token_hex(20)
        build = rollout.build(self, app, kind, commit, message or KINDS[kind].message)
        self.state.run_due()
        return {"release": build["release"], "build": build["id"], "commit": commit, "at": now_ms(), "held": False}

    def expire(self, target: str, release: str) -> None:
        row = self.book.release(self.book.app(target), release)
        self.book.slugs[row["slug"]]["deleted_at"] = now_ms()

    def set_plan(self, target: str, plan: str) -> None:
        """Its databases, too: those of hobby plans cannot be rolled back."""
        app = self.book.app(target)
        app["plan"] = plan
        for addon in self.book.of_app("addons", app):
            addon["plan"] = f"{databases.SERVICE}:{'essential-0' if plan == 'hobby' else 'standard-0'}"

    def serving(self, address: str) -> Serving:
        """What the web dynos run that are up; the router's error where none is."""
        app = self.book.app(address)
        if app["maintenance"]:
            return Serving(address, unavailable="MAINTENANCE")
        web = [dyno for dyno in self.book.of_app("dynos", app) if dyno["type"] == "web"]
        up = next((dyno for dyno in web if dyno["state"] == "up"), None)
        if up is None:
            crashed = any(dyno["state"] == "crashed" for dyno in web)
            return Serving(address, unavailable="H10" if crashed else "H20" if web else "H14")
        release = self.book.releases[up["release"]]
        slug = self.book.slugs[release["slug"]]
        return Serving(address, release["id"], slug["commit"], slug["kind"], variables=release["config"])
