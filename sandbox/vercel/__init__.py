"""Vercel: a project points its production domains at one deployment; a rollback moves the pointer, not the build."""

from __future__ import annotations

from typing import ClassVar

from sandbox.artifacts import Serving
from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.state import Row, State
from sandbox.vercel import accounts, aliases, builds, caching, deployments, edge_config, logs, projects, rollback, rolling, seed, variables
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
        *rolling.ROUTES,
        *variables.ROUTES,
        *projects.ROUTES,
        *aliases.ROUTES,
        *caching.ROUTES,
        *logs.ROUTES,
        *edge_config.ROUTES,
        *edge_config.READS,
    ]
    steps: ClassVar = {**builds.STEPS, **rollback.STEPS, **rolling.STEPS, **edge_config.STEPS}
    # The vendor publishes no numbers per endpoint; these are of the order that its headers show.
    limits: ClassVar = {"read": (1000, 60.0), "write": (120, 60.0), "deploy": (60, 60.0)}
    # `settle` covers a whole rollback or promotion, the steps inside are shares of it; `minute` is one of a rolling release's stage.
    latencies: ClassVar = {"http": 0.0, "build": 2.5, "settle": 3.0, "minute": 2.0, "edge": edge_config.LATENCY}

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._asked: dict[str, int] = {}
        """Calls to each project's domains while a rolling release was under way."""

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

    def reconfigure(self, target: str, values: dict[str, str]) -> None:
        """Behave as when somebody changes variables in the dashboard and redeploys what serves."""
        project = self.book.project(target)
        for row in project["env"].values():
            if row["key"] in values:
                row.update(value=values[row["key"]], updatedAt=now_ms())
        serving = self.book.deployments[project["production"]]
        kind, message = serving["kind"], serving["message"]
        fresh = builds.start(self, project, kind=kind, message=message, target="production", source="redeploy")
        fresh.update(commit=serving["commit"], ref=serving["ref"], meta={"originalDeploymentId": serving["id"]})

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
        return self._serving(project, self.book.deployments.get(alias["deploymentId"]))

    def answering(self, address: str) -> Serving:
        """While a rolling release is under way its canary answers a share of the calls; the vendor keeps a visitor at one of the two."""
        alias = self.book.aliases[address]
        project = self.book.projects[alias["projectId"]]
        run = rolling.active(project)
        if run is None or alias["manual"] or project["paused"]:
            return self.serving(address)
        share, before = run["stages"][run["active"]]["targetPercentage"], self._asked.get(project["id"], 0)
        self._asked[project["id"]] = before + 1
        canary = (before + 1) * share // 100 > before * share // 100
        return self._serving(project, self.book.deployments[run["canary"]]) if canary else self.serving(address)

    @staticmethod
    def _serving(project: Row, deployment: Row | None) -> Serving:
        if deployment is None or deployment["deletedAt"]:
            return Serving(project["name"], unavailable="DEPLOYMENT_NOT_FOUND")
        return Serving(project["name"], deployment["id"], deployment["commit"], deployment["kind"], variables=deployment["env"])
