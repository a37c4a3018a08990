"""Clients of the emulators for tests: plain ones, and ones that check every exchange against the specification."""

from __future__ import annotations

from typing import Any, Protocol

import requests

from sandbox.client import Client
from sandbox.heroku import Heroku
from sandbox.neon import Neon
from sandbox.netlify import Netlify
from sandbox.render import Render
from sandbox.vercel import Vercel
from tests.sandbox.spec import Specification


class Judge(Protocol):
    """Whatever knows how a vendor describes its API."""

    def check(self, method: str, url: str, sent: Any, status: int, received: Any) -> None:
        """Fail when the request or the answer is not as described."""


class Api:
    """Calls below one base URL; `call` returns the response, the shortcuts its JSON after checking the status."""

    def __init__(
        self, base: str, token: str, query: dict[str, str], specification: Judge | None = None
    ) -> None:
        self._base, self._specification = base, specification
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.query = query

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        answer = self.session.request(method, self._base + path, json=body, params={**self.query, **query}, timeout=10)
        if self._specification:
            received = answer.json() if answer.content else None
            self._specification.check(method, str(answer.request.url), body, answer.status_code, received)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        return self._json(self.call("GET", path, **query), 200)

    def send(self, method: str, path: str, body: Any = None, status: int = 200, **query: Any) -> Any:
        return self._json(self.call(method, path, body, **query), status)

    def _json(self, answer: requests.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


def vercel(box: Client, specification: Specification | None = None) -> Api:
    return Api(box.vendor_url("vercel"), Vercel.tokens[0], {"teamId": "team_lastgood"}, specification)


def render(box: Client, specification: Specification | None = None) -> Api:
    return Api(f"{box.vendor_url('render')}/v1", Render.tokens[0], {}, specification)


def netlify(box: Client, specification: Specification | None = None) -> Api:
    return Api(f"{box.vendor_url('netlify')}/api/v1", Netlify.tokens[0], {}, specification)


def neon(box: Client, specification: Specification | None = None) -> Api:
    return Api(f"{box.vendor_url('neon')}/api/v2", Neon.tokens[0], {}, specification)


def heroku(box: Client, specification: Judge | None = None) -> Api:
    api = Api(box.vendor_url("heroku"), Heroku.tokens[0], {}, specification)
    api.session.headers["Accept"] = "application/vnd.heroku+json; version=3.sdk"
    return api


def production(api: Api, project: str = "storefront") -> str:
    """The deployment that the project's production points at."""
    current: str = api.get(f"/v9/projects/{project}")["targets"]["production"]["id"]
    return current


def last_request(api: Api, project: str = "storefront") -> Any:
    return api.get(f"/v9/projects/{project}", rollbackInfo="true")["lastAliasRequest"]


def candidates(api: Api, project: str = "storefront") -> list[str]:
    """Deployments that can be rolled back to, newest first, the current one left out."""
    rows = api.get("/v6/deployments", projectId=project, target="production", rollbackCandidate="true")["deployments"]
    return [row["uid"] for row in rows if row["uid"] != production(api, project)]


def deploys(api: Api, service: str = "srv-api", **query: Any) -> list[Any]:
    return [item["deploy"] for item in api.get(f"/services/{service}/deploys", **query)]
