"""The frame around every service of the shop: it answers as the release that is served would."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.artifacts import Serving
from sandbox.shop.metrics import Metrics

Handler = Callable[[web.Request, Serving], Awaitable[web.StreamResponse]]
_STATUS = {"DEPLOYMENT_NOT_FOUND": 404}


class Site:
    """One service at one address. `lookup` says what the vendor serves there; `delay` how many seconds late it answers."""

    def __init__(self, metrics: Metrics, lookup: Callable[[], Serving], delay: Callable[[Serving], float]) -> None:
        self._metrics, self._lookup, self._delay = metrics, lookup, delay
        self._checkouts = itertools.count(1)
        self.app = web.Application()
        self.route("GET", "/health", _health)
        self.route("GET", "/version", _version)

    def route(self, method: str, path: str, handler: Handler) -> None:
        """Answer a path with a function of the request and of what is served."""

        async def answer(request: web.Request) -> web.StreamResponse:
            started = time.perf_counter()
            serving = self._lookup()
            response = await self._respond(request, serving, handler)
            if serving.commit:
                response.headers["x-release"] = serving.commit
            self._metrics.worked(serving)
            self._metrics.requests.labels(serving.service, path, str(response.status)).inc()
            self._metrics.seconds.labels(serving.service, path).observe(time.perf_counter() - started)
            return response

        self.app.router.add_route(method, path, answer)

    async def _respond(self, request: web.Request, serving: Serving, handler: Handler) -> web.StreamResponse:
        if serving.unavailable:
            return web.Response(status=_STATUS.get(serving.unavailable, 503), text=serving.unavailable)
        if not serving.behaviour.starts:
            return web.Response(status=500, text="FUNCTION_INVOCATION_FAILED")
        if late := self._delay(serving):
            await asyncio.sleep(late)
        return await handler(request, serving)

    def still(self, serving: Serving) -> bool:
        """Whether the vendor serves that release now."""
        return self._lookup().release == serving.release

    def checkout_breaks(self, serving: Serving) -> bool:
        """Whether this checkout is one of those that the release breaks: all, one in three, none."""
        one_in = serving.behaviour.checkout_fails_one_in
        return bool(one_in) and next(self._checkouts) % one_in == 0


async def _health(request: web.Request, serving: Serving) -> web.Response:
    return web.json_response({"status": "ok"})


async def _version(request: web.Request, serving: Serving) -> web.Response:
    return web.json_response({"service": serving.service, "release": serving.release, "commit": serving.commit})
