"""What every emulated vendor shares: one gate in front of plain functions that answer calls."""

from __future__ import annotations

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from aiohttp import web

from sandbox.artifacts import Serving
from sandbox.state import Row, State


@dataclass(frozen=True)
class Call:
    """One request, as a vendor's function sees it."""

    method: str
    path: str
    match: Mapping[str, str]
    query: Mapping[str, str]
    repeated: Callable[[str], list[str]]
    headers: Mapping[str, str]
    body: Any = None

    @property
    def bearer(self) -> str:
        """The token, empty without one."""
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def number(self, name: str, default: int) -> int:
        """An integer of the query; the default when it is missing, a refusal when it is no number."""
        try:
            return int(self.query.get(name, default))
        except ValueError:
            raise Refusal(400, f"Invalid request: `{name}` should be a number.", "bad_request") from None


@dataclass(frozen=True)
class Reply:
    """An answer with a status of its own; `body=None` sends none, a text is sent as plain text."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False
    """The text is followed by silence: only the client ends it."""


class Refusal(Exception):
    """The vendor says no; `extra` goes into the vendor's error body."""

    def __init__(self, status: int, message: str, code: str = "", **extra: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.extra = status, message, code, extra


@dataclass
class Bucket:
    """A fixed window of calls."""

    limit: int
    seconds: float
    opened: float = field(default_factory=time.time)
    used: int = 0

    def take(self) -> bool:
        """Count one call; False when the window is used up."""
        if time.time() - self.opened >= self.seconds:
            self.opened, self.used = time.time(), 0
        self.used += 1
        return self.used <= self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def resets_at(self) -> float:
        """Epoch seconds."""
        return self.opened + self.seconds


Handler = Callable[[Any, Call], Any]
Route = tuple[str, str, Handler]


class Emulator(ABC):
    """One vendor. A subclass names its routes, its limits, its error shape and how its targets behave."""

    name: ClassVar[str]
    served: ClassVar[tuple[str, ...]]  # addresses of `addresses.SERVED` where its releases answer
    tokens: ClassVar[tuple[str, ...]]
    routes: ClassVar[Iterable[Route]]
    steps: ClassVar[Mapping[str, Callable[..., None]]]  # what happens later, see `State.later`
    limits: ClassVar[Mapping[str, tuple[int, float]]]  # bucket -> (calls, seconds)
    latencies: ClassVar[Mapping[str, float]]  # what takes time -> seconds; `http` is every answer
    bucket: ClassVar[type[Bucket]] = Bucket

    def __init__(self, state: State) -> None:
        self.state = state
        self.asked = 0
        self._buckets: dict[str, Bucket] = {}
        state.steps.update({f"{self.name}.{name}": partial(step, self) for name, step in self.steps.items()})

    # What a vendor defines -------------------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def history(cls, friday: int) -> Row:
        """Its slice of the state on a fresh sandbox, up to that Friday (ms since the epoch)."""

    def keep(self, name: str) -> None:
        """Called when its slice of the state is remembered under a name."""
        return

    def forget(self, name: str = "") -> None:
        """Called when its slice is an earlier one again, the one of that name or the first: whatever it keeps elsewhere has to follow."""
        return

    @abstractmethod
    def authorize(self, call: Call) -> None:
        """Raise the vendor's own refusal when the token or the scope is wrong."""

    @abstractmethod
    def bucket_name(self, call: Call) -> str:
        """The limit this call counts against, a key of `limits`."""

    @abstractmethod
    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        """The headers that tell a client how many calls are left."""

    @abstractmethod
    def too_many(self, bucket: Bucket) -> Refusal:
        """The refusal of a call over the limit."""

    @abstractmethod
    def error_body(self, refusal: Refusal) -> Any:
        """The JSON of an error."""

    @abstractmethod
    def targets(self) -> list[str]:
        """Names of the targets that live at this vendor."""

    @abstractmethod
    def ship(self, target: str, kind: str, message: str) -> Row:
        """Behave as on a git push of a release of this kind; what the vendor made of it."""

    @abstractmethod
    def expire(self, target: str, release: str) -> None:
        """Lose a release as the vendor's retention would: it is listed or gone, but cannot be served again."""

    @abstractmethod
    def set_plan(self, target: str, plan: str) -> None:
        """Put a target on the plan `hobby` or `pro`."""

    @abstractmethod
    def serving(self, address: str) -> Serving:
        """What the address (a domain, a service) serves now."""

    def answering(self, address: str) -> Serving:
        """What answers the next call to the address, where not every visitor gets the same."""
        return self.serving(address)

    # What all vendors share ------------------------------------------------------------------------------------

    def application(self) -> web.Application:
        """The aiohttp application that answers on this vendor's port."""
        app = web.Application(client_max_size=4 * 1024**2)
        for method, path, handler in self.routes:
            app.router.add_route(method, path, self._gate(handler))
        app.router.add_route("*", "/{path:.*}", self._gate(_no_such_path))
        return app

    def _gate(self, handler: Handler) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.asked += 1
            if seconds := self.state.latency(f"{self.name}.http"):
                await asyncio.sleep(seconds)
            headers: dict[str, str] = {}
            try:
                if self.out(request.path):
                    raise Refusal(503, "Service Unavailable", "service_unavailable")
                reply = self._answer(handler, await _call(request), headers)
            except Refusal as refusal:
                reply = Reply(refusal.status, self.error_body(refusal))
            return await _stay(request, reply, headers) if reply.endless else _response(reply, headers)

        return answer

    def out(self, path: str) -> bool:
        """Whether an outage lets this path answer 503."""
        return self.name in self.state.settings["outage"]

    def _answer(self, handler: Handler, call: Call, headers: dict[str, str]) -> Reply:
        self.state.run_due()
        self.authorize(call)
        bucket = self._bucket(self.bucket_name(call))
        allowed = bucket.take() or not self.state.settings["limits"]["enabled"]
        headers.update(self.limit_headers(bucket))
        if not allowed:
            raise self.too_many(bucket)
        result = handler(self, call)
        if call.method != "GET" and not self.state.run_due():
            self.state.save()
        return result if isinstance(result, Reply) else Reply(200, result)

    def open_windows(self) -> None:
        """Forget the calls counted so far."""
        self._buckets.clear()

    def _bucket(self, name: str) -> Bucket:
        set_by_hand = self.state.settings["limits"]["buckets"].get(f"{self.name}.{name}")
        limit, seconds = set_by_hand or self.limits[name]
        known = self._buckets.get(name)
        if known is None or (known.limit, known.seconds) != (limit, seconds):
            known = self._buckets[name] = self.bucket(limit, seconds)
        return known


def _no_such_path(emulator: Emulator, call: Call) -> None:
    raise Refusal(404, f"not found: {call.method} {call.path}", "not_found")


async def _call(request: web.Request) -> Call:
    body = None
    if request.content_type == "application/x-www-form-urlencoded":
        body = {name: str(value) for name, value in (await request.post()).items()}
    elif text := await request.text():
        try:
            body = json.loads(text)
        except ValueError:
            raise Refusal(400, "Invalid JSON", "bad_request") from None
    return Call(
        request.method,
        request.path,
        request.match_info,
        request.query,
        lambda name: [part for value in request.query.getall(name, []) for part in value.split(",") if part],
        request.headers,
        body,
    )


def _response(reply: Reply, headers: dict[str, str]) -> web.Response:
    headers = {**headers, **reply.headers}
    if reply.body is None or isinstance(reply.body, str):
        return web.Response(status=reply.status, headers=headers, text=reply.body)
    body = json.dumps(reply.body).encode()
    return web.Response(status=reply.status, body=body, headers={**headers, "Content-Type": _JSON})


async def _stay(request: web.Request, reply: Reply, headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers={**headers, **reply.headers})
    await response.prepare(request)
    await response.write(reply.body.encode())
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(0.2)
    return response


_JSON = "application/json; charset=utf-8"
