"""Vercel: a project points its production domains at one deployment; a rollback moves the pointer, not the build."""

from __future__ import annotations

from typing import ClassVar

from sandbox.artifacts import Serving
from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.state import Row
from sandbox.vercel import accounts, aliases, builds, caching, deployments, edge_config, projects, rollback, seed, variables
from sandbox.vercel.book import TEAM, Book, point


class Vercel(Emulator):
    """The API of api.vercel.com as far as releases, domains and variables go."""

    name = "vercel"
    served = (*seed.SHOP_DOMAINS, *seed.BACKOFFICE_DOMAINS)
    # The vendor's own CLI sends no token that has a dash in it.
    tokens = ("sandbox-vercel-token", "sandboxVercelToken")
    routes: ClassVar = [
        *accounts.ROUTES,
        *deployments.ROUTES,
        *rollback.ROUTES,
        *variables.ROUTES,
        *projects.ROUTES,
        *aliases.ROUTES,
        *caching.ROUTES,
        *edge_config.ROUTES,
        *edge_config.READS,
    ]
    steps: ClassVar = {**builds.STEPS, **rollback.STEPS, **edge_config.STEPS}
    # The vendor publishes no numbers per endpoint; these are of the order that its headers show.
    limits: ClassVar = {"read": (1000, 60.0), "write": (120, 60.0), "deploy": (60, 60.0)}
    # `settle` covers a whole rollback or promotion; the steps inside are shares of it.
    latencies: ClassVar = {"http": 0.0, "build": 2.5, "settle": 3.0, "edge": edge_config.LATENCY}

    @property
    def book(self) -> Book:
        return Book(self.state)

    def authorize(self, call: Call) -> None:
        if edge_config.is_read(call):
            edge_config.authorize_read(call)
            return
        if call.bearer not in self.tokens:
            raise Refusal(403, "Not authorized", "forbidden", invalidToken=True)
        scope = call.query.get("teamId") or call.query.get("slug")
        if scope not in (None, TEAM["id"], TEAM["slug"]):
            raise Refusal(403, "Not authorized", "forbidden")
        if scope is None and not call.path.startswith(accounts.WITHOUT_TEAM):
            raise Refusal(404, "Not found in your personal account: pass `teamId` or `slug`.", "not_found")

    def bucket_name(self, call: Call) -> str:
        if call.method == "GET":
            return "read"
        return "deploy" if call.path.endswith("/deployments") else "write"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(bucket.remaining),
            "X-RateLimit-Reset": str(int(bucket.resets_at)),
        }

    def too_many(self, bucket: Bucket) -> Refusal:
        reset_ms = int(bucket.resets_at * 1000)
        limit = {"remaining": 0, "reset": reset_ms // 1000, "resetMs": reset_ms, "total": bucket.limit}
        return Refusal(429, "Rate limited: too many requests", "rate_limited", limit=limit)

    def error_body(self, refusal: Refusal) -> Row:
        return {"error": {"code": refusal.code, "message": refusal.message, **refusal.extra}}

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def targets(self) -> list[str]:
        return [project["name"] for project in self.book.projects.values()]

    def ship(self, target: str, kind: str, message: str) -> Row:
        project = self.book.project(target)
        deployment = builds.start(self, project, kind=kind, message=message, target="production", source="git")
        self.state.run_due()
        held = not project["autoAssignCustomDomains"]
        return {"release": deployment["id"], "commit": deployment["commit"], "at": now_ms(), "held": held}

    def expire(self, target: str, release: str) -> None:
        self.book.deployment(release).update(deletedAt=now_ms(), softDeletedByRetention=True)

    def set_plan(self, target: str, plan: str) -> None:
        self.book.project(target)["plan"] = plan

    def pin(self, domain: str, release: str | None) -> None:
        """Alias a domain by hand, to a release or to what it shows now; `follow` undoes it."""
        if release:
            point(self.book.aliases[domain], self.book.deployment(release))
        self.book.aliases[domain]["manual"] = True

    def follow(self, domain: str) -> None:
        """Let a domain follow its project's production again."""
        alias = self.book.aliases[domain]
        alias["manual"] = False
        project = self.book.projects[alias["projectId"]]
        point(alias, self.book.deployments[project["production"]])

    def serving(self, address: str) -> Serving:
        alias = self.book.aliases[address]
        project = self.book.projects[alias["projectId"]]
        if project["paused"]:
            return Serving(project["name"], unavailable="DEPLOYMENT_PAUSED")
        deployment = self.book.deployments.get(alias["deploymentId"])
        if deployment is None or deployment["deletedAt"]:
            return Serving(project["name"], unavailable="DEPLOYMENT_NOT_FOUND")
        return Serving(project["name"], deployment["id"], deployment["commit"], deployment["kind"], variables=deployment["env"])
