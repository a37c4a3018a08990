"""Netlify: a site serves one published deploy; a rollback publishes an old one again, and takes off the lock that kept pushes away."""

from __future__ import annotations

import math
import secrets
from typing import ClassVar

from sandbox.artifacts import KINDS, Serving
from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.netlify import builds, deploys, publishing, seed, sites, variables
from sandbox.netlify.book import Book, touch
from sandbox.state import Row


class Netlify(Emulator):
    """The API of api.netlify.com/api/v1 as far as sites, deploys, builds, variables and the cache go."""

    name = "netlify"
    served = ("blog.rachelfoods.test",)
    tokens = ("sandbox-netlify-token",)
    routes: ClassVar = [*sites.ROUTES, *deploys.ROUTES, *builds.ROUTES, *variables.ROUTES]
    steps: ClassVar = publishing.STEPS
    limits: ClassVar = {"read": (500, 60.0), "write": (500, 60.0), "deploy": (3, 60.0), "purge": (2, 5.0)}
    latencies: ClassVar = {"http": 0.0, "build": 2.5, "restore": 0.5}

    @property
    def book(self) -> Book:
        return Book(self.state)

    def authorize(self, call: Call) -> None:
        if call.bearer not in self.tokens:
            raise Refusal(401, "Access Denied")

    def bucket_name(self, call: Call) -> str:
        if call.method == "GET":
            return "read"
        return {"builds": "deploy", "purge": "purge"}.get(call.path.rsplit("/", 1)[-1], "write")

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(bucket.remaining),
            "X-RateLimit-Reset": str(math.ceil(bucket.resets_at)),  # an instant, in seconds
        }

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Too Many Requests")

    def error_body(self, refusal: Refusal) -> Row | str:
        if refusal.code == "not_found":  # no such path
            return "Not Found"
        return {"code": refusal.status, "message": refusal.message}

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def targets(self) -> list[str]:
        return [site["name"] for site in self.book.sites.values()]

    def ship(self, target: str, kind: str, message: str) -> Row:
        site = self.book.named(target)
        site["head"] = {"commit": secrets.token_hex(20), "title": message or KINDS[kind].message, "kind": kind}
        stopped = site["build_settings"]["stop_builds"]
        held = stopped or self.book.is_locked(site)
        deploy = None if stopped else publishing.start(self, site, **site["head"])
        return {"release": deploy and deploy["id"], "commit": site["head"]["commit"], "at": now_ms(), "held": held}

    def expire(self, target: str, release: str) -> None:
        touch(self.book.deploy(release, self.book.named(target)), state="deleted")

    def set_plan(self, target: str, plan: str) -> None:
        self.book.named(target)["plan"] = plan

    def serving(self, address: str) -> Serving:
        site = self.book.site(address)
        deploy = self.book.published(site)
        if site["disabled"]:
            return Serving(address, unavailable="SITE_DISABLED")
        if deploy is None:
            return Serving(address, unavailable="SITE_NOT_FOUND")
        return Serving(address, deploy["id"], deploy["commit"] or deploy["id"], deploy["kind"], variables=deploy["env"])
