"""A point of presence: answers as the configuration says that has reached it, from its cache, the origins and the functions."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.aws.cloudfront.rules import MANAGED, behaviours
from sandbox.aws.edge import events
from sandbox.aws.edge.cache import Answer, Cache, Headers, seconds
from sandbox.aws.edge.functions import FunctionError
from sandbox.aws.edge.origins import fetch
from sandbox.aws.rest_xml import service
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

_KEPT_ERRORS = (404, 405, 410, 414, 500, 501, 502, 503, 504)
_LEGACY = (0, 86400, 31536000)


class PointOfPresence:
    """One place of the edge."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.name, self.cache = name, Cache()
        self._aws = aws
        self._via = f"1.1 {hashlib.sha256(name.encode()).hexdigest()[:32]}.cloudfront.net (CloudFront)"

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", r"/{path:[\s\S]*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        self._aws.state.run_due()
        id = secrets.token_urlsafe(42)
        found = self._distribution(request.host.partition(":")[0])
        if found is None:
            answer, cache = _error(403, "The request could not be satisfied."), "Error"
        else:
            try:
                answer, cache = await Visit(self, self._aws, *found, id).answer(request)
            except FunctionError as failed:
                self._aws.function_failed(self.name, str(failed))
                words = (
                    "The Lambda function associated with the CloudFront distribution is invalid or doesn't have the required permissions."
                )
                answer, cache = _error(failed.status, words), failed.kind
        self._aws.traffic.count(found[0]["id"] if found else "", answer.status, cache == "Hit", len(answer.body))
        own = [("x-cache", f"{cache} from cloudfront"), ("via", self._via), ("x-amz-cf-pop", self.name), ("x-amz-cf-id", id)]
        if cache == "Hit":
            own.append(("age", str(answer.age)))
        reply = web.Response(status=answer.status, body=b"" if request.method == "HEAD" else answer.body)
        for name, value in [*answer.headers, *own]:
            if name.lower() == "content-type":
                reply.headers[name] = value
            elif name.lower() != "content-length":
                reply.headers.add(name, value)
        return reply

    def _distribution(self, host: str) -> tuple[Row, Row] | None:
        """The distribution of that host name (any other name is the shop's), and its configuration as it is here."""
        rows = list(self._aws.rows["distributions"].values())
        named = [row for row in rows if host in (row["domain"], *row["config"]["Aliases"].get("Items", []))]
        for row in named or rows[:1]:
            config = row["configs"].get(row["at"].get(self.name, ""))
            if config and config["Enabled"]:
                return row, config
        return None


class Visit:
    """One request on its way through."""

    def __init__(self, pop: PointOfPresence, aws: Aws, distribution: Row, config: Row, id: str) -> None:
        self._pop, self._aws, self._row, self._config, self._id = pop, aws, distribution, config, id

    async def answer(self, request: web.Request) -> tuple[Answer, str]:
        """The answer, and what `x-cache` says."""
        path, _, query = request.raw_path.partition("?")
        if path == "/" and self._config.get("DefaultRootObject"):
            path += self._config["DefaultRootObject"]
        behaviour = next(one for pattern, one in behaviours(self._config) if _matches(pattern, path))
        if request.method not in behaviour.get("AllowedMethods", {}).get("Items", ["GET", "HEAD"]):
            return _error(403, "This distribution is not configured to allow the HTTP request method."), "Error"
        passed: Headers = [
            (name, value) for name, value in request.headers.items() if name.lower() not in ("connection", "transfer-encoding")
        ]
        asked: Row = events.request_of(request.method, path, query, passed, request.remote or "")
        for arn in _functions(behaviour, "viewer-request"):
            returned = await self._run(arn, "viewer-request", asked)
            if events.asked(returned) is None:
                return events.answered(returned, None), "LambdaGeneratedResponse"
            asked = returned
        least, default, most, with_query = await self._policy(behaviour)
        key = asked["uri"] + (f"?{asked['querystring']}" if with_query and asked["querystring"] else "")
        cached = self._pop.cache.get(self._row["id"], key) if request.method in ("GET", "HEAD") else None
        answer = cached or await self._fetched(behaviour, asked, await request.read())
        if cached is None and request.method == "GET":
            self._pop.cache.keep(self._row["id"], key, answer, self._kept_for(answer, least, default, most))
        if answer.status >= 400:
            return answer, "Error"
        told = answer
        for arn in _functions(behaviour, "viewer-response"):
            told = events.answered(await self._run(arn, "viewer-response", asked, answer), answer)
            told.kept_at = answer.kept_at
        return told, "Hit" if cached else "Miss"

    def _kept_for(self, answer: Answer, least: int, default: int, most: int) -> float:
        if answer.status == 200:
            return seconds(answer, least, default, most)
        return self._aws.state.latency("aws.errors") if answer.status in _KEPT_ERRORS else 0

    async def _fetched(self, behaviour: Row, asked: Row, body: bytes) -> Answer:
        for arn in _functions(behaviour, "origin-request"):
            returned = await self._run(arn, "origin-request", asked)
            if events.asked(returned) is None:
                return events.answered(returned, None)
            asked = returned
        origin = next(one for one in self._config["Origins"]["Items"] if one["Id"] == behaviour["TargetOriginId"])
        answer = await fetch(self._aws, origin, asked, body)
        for arn in _functions(behaviour, "origin-response"):
            answer = events.answered(await self._run(arn, "origin-response", asked, answer), answer)
        return answer

    async def _run(self, arn: str, kind: str, asked: Row, answer: Answer | None = None) -> Any:
        return await self._aws.functions.run(arn, events.event(kind, self._row, self._id, asked, answer), kind)

    async def _policy(self, behaviour: Row) -> tuple[int, int, int, bool]:
        """Seconds that answers are kept at least, by default, at most; whether the query counts."""
        id = behaviour.get("CachePolicyId")
        if id is None:
            query = behaviour.get("ForwardedValues", {}).get("QueryString", False)
            given = (behaviour.get("MinTTL"), behaviour.get("DefaultTTL"), behaviour.get("MaxTTL"))
            least, default, most = (value if said is None else said for said, value in zip(given, _LEGACY, strict=True))
            return least, default, most, query
        if id in MANAGED:
            return *(MANAGED[id] or _LEGACY), False
        from sandbox.aws import signed

        async with self._aws.http.get(f"{self._aws.kept.url}/2020-05-31/cache-policy/{id}", headers=signed("cloudfront")) as answer:
            policy = service("cloudfront").shaped("CachePolicy", await answer.read())["CachePolicyConfig"]
        query = policy.get("ParametersInCacheKeyAndForwardedToOrigin", {}).get("QueryStringsConfig", {}).get("QueryStringBehavior", "none")
        return policy["MinTTL"], policy.get("DefaultTTL", 86400), policy.get("MaxTTL", 31536000), query != "none"


def _matches(pattern: str, path: str) -> bool:
    """As path patterns do: `*` is anything, `?` one character; a slash at the beginning may be left out."""
    parts = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern.removeprefix("/"))
    return re.fullmatch(parts, path.removeprefix("/"), re.DOTALL) is not None


def _functions(behaviour: Row, kind: str) -> list[str]:
    rows = behaviour.get("LambdaFunctionAssociations", {}).get("Items", [])
    return [row["LambdaFunctionARN"] for row in rows if row["EventType"] == kind]


def _error(status: int, words: str) -> Answer:
    text = f"<html><title>ERROR: The request could not be satisfied</title><h1>{status} ERROR</h1><p>{words}</p></html>"
    return Answer(status, [("Server", "CloudFront"), ("Content-Type", "text/html")], text.encode())


async def ending(aws: Aws, app: web.Application) -> AsyncIterator[None]:
    """The functions' processes end with the edge."""
    yield
    await aws.functions.end()
