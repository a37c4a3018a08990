"""A plain HTTP proxy that stands between a module and a vendor, remembers every call, and can disturb it on the wire.

`with Proxy(url, answering(Answer(502), to=lambda call: call.changes, times=1, heard=True)) as proxy:` and ask C(proxy.url).
"""

from __future__ import annotations

import http.client
import itertools
import json
import math
import re
import select
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self
from urllib.parse import urlsplit

Delivery = Literal["whole", "never", "closed", "reset", "cut off", "drips", "drips in chunks"]
DRIP = 0.02
"""Seconds between two bytes of an answer that drips."""
HOP = ("connection", "keep-alive", "transfer-encoding", "content-length")


@dataclass(frozen=True)
class Answer:
    """What a client is told, and how it gets there."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = "whole"
    length: int | None = None
    """Of the body that the answer to a HEAD is about."""

    def json(self) -> Any:
        """The body; raises ValueError when it is no JSON."""
        return json.loads(self.body)

    def with_json(self, body: Any) -> Answer:
        return replace(self, body=json.dumps(body).encode(), status=200 if self.status == 204 else self.status)


@dataclass
class Exchange:
    """One call, as it passed by."""

    number: int
    method: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    """By their names in small letters."""
    forwarded: int = 0
    """How often the vendor heard of it."""
    answer: Answer | None = None
    """What the client was sent."""
    disturbed: bool = False

    @property
    def changes(self) -> bool:
        """Whether it asks for a change: by the method, or by the operation where every call is a POST."""
        query = self.graphql
        return query.startswith("mutation") if query else self.method not in ("GET", "HEAD")

    @property
    def graphql(self) -> str:
        """The GraphQL document; empty when it is none."""
        try:
            return str(json.loads(self.body)["query"]).strip()
        except (ValueError, KeyError, TypeError):
            return ""

    @property
    def operation(self) -> str:
        """What GraphQL calls it; empty when that has no name."""
        named = re.match(r"(?:query|mutation) (\w+)", self.graphql)
        return named[1] if named else ""

    @property
    def intent(self) -> tuple[str, str, str]:
        """The same for two calls that ask for the same change."""
        return self.method, self.path, self.graphql and self.body.decode()

    @property
    def outline(self) -> str:
        """The same in every run, whatever the ids are."""
        return re.sub(r"(?=[\w-]*\d)[\w-]{12,}", "…", f"{self.method} {self.path} {self.body.decode()}")

    @property
    def answered(self) -> bool:
        """Whether the client got a usable answer."""
        return self.answer is not None and self.answer.delivery == "whole" and 200 <= self.answer.status < 300

    def __str__(self) -> str:
        what = re.split(r"[({]", self.graphql)[0].strip() or self.path.split("?")[0]
        return f"call {self.number} ({self.method} {what})"


Forward = Callable[[], Answer]
Disturb = Callable[[Exchange, Forward], Answer]
Kind = Callable[[Exchange], bool]
LOST = Answer(delivery="closed")


def answering(answer: Answer, to: Kind = lambda call: True, times: float = math.inf, heard: bool = False) -> Disturb:
    """C(answer) to the first so many calls of that kind; C(heard): after the vendor did what was asked."""
    numbers = itertools.count(1)

    def disturb(exchange: Exchange, forward: Forward) -> Answer:
        if not to(exchange) or next(numbers) > times:
            return forward()
        if heard:
            forward()
        return answer

    return disturb


def afterwards(to: Kind, act: Callable[[], object]) -> Disturb:
    """Something happens the moment after the vendor did what a call of that kind asked."""

    def disturb(exchange: Exchange, forward: Forward) -> Answer:
        answer = forward()
        if to(exchange):
            act()
        return answer

    return disturb


class Proxy:
    """In front of one vendor. `disturb` decides what a call is answered; None lets everything through."""

    def __init__(self, upstream: str, disturb: Disturb | None = None) -> None:
        parts = urlsplit(upstream)
        self.upstream = parts.netloc
        self.disturb = disturb
        self._log: list[Exchange] = []
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{parts.path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def begin(self, disturb: Disturb | None = None) -> None:
        """Forget what passed by, and disturb like this from now on."""
        with self._lock:
            self._log, self.disturb = [], disturb

    @property
    def log(self) -> list[Exchange]:
        """The calls since `begin`, in order."""
        with self._lock:
            return list(self._log)

    @property
    def changes(self) -> list[Exchange]:
        """Those that ask for a change."""
        return [exchange for exchange in self.log if exchange.changes]

    def note(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[Exchange, Disturb | None]:
        with self._lock:
            exchange = Exchange(len(self._log) + 1, method, path, body, headers)
            self._log.append(exchange)
            return exchange, self.disturb


class Stranger(Proxy):
    """Another host: whoever calls here has followed a redirect that nobody should follow."""

    def __init__(self) -> None:
        super().__init__("http://nowhere.invalid", answering(Answer(200, b"{}")))

    def begin(self, disturb: Disturb | None = None) -> None:
        super().begin(disturb or self.disturb)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Connection)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Connection(socketserver.StreamRequestHandler):
    """One connection of a client, and one of its own to the vendor."""

    disable_nagle_algorithm = True
    request: socket.socket
    server: _Server

    def handle(self) -> None:
        self.vendor: http.client.HTTPConnection | None = None
        try:
            while self._call():
                pass
        except OSError:  # the client has had enough
            pass
        finally:
            if self.vendor:
                self.vendor.close()

    def _call(self) -> bool:
        """Pass one call on; False when the connection is over."""
        line = self.rfile.readline().decode("latin-1").split()
        if len(line) != 3:
            return False
        headers: dict[str, str] = {}
        while (header := self.rfile.readline().decode("latin-1")).strip():
            name, _colon, value = header.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        exchange, disturb = self.server.proxy.note(line[0], line[1], body, headers)

        def forward() -> Answer:
            exchange.forwarded += 1
            return self._ask(exchange, headers)

        exchange.answer = disturb(exchange, forward) if disturb else forward()
        return self._deliver(exchange.answer)

    def _ask(self, exchange: Exchange, headers: dict[str, str]) -> Answer:
        self.vendor = self.vendor or http.client.HTTPConnection(self.server.proxy.upstream, timeout=10)
        passed = {name: value for name, value in headers.items() if name not in HOP}
        self.vendor.request(exchange.method, exchange.path, exchange.body or None, passed)
        response = self.vendor.getresponse()
        received = {name.title(): value for name, value in response.getheaders() if name.lower() not in HOP}
        length = int(response.headers.get("Content-Length", 0)) if exchange.method == "HEAD" else None
        return Answer(response.status, response.read(), received, length=length)

    def _deliver(self, answer: Answer) -> bool:
        if answer.delivery == "whole":
            self.request.sendall(_head(answer, len(answer.body) if answer.length is None else answer.length) + answer.body)
            return True
        if answer.delivery == "cut off":
            self.request.sendall(_head(answer, len(answer.body) + 99) + answer.body)
        elif answer.delivery == "never":
            self._left_within(60)
        elif answer.delivery == "reset":
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()  # it shares the socket, and after an orderly shutdown the client would see no reset
            self.request.close()
        elif answer.delivery != "closed":
            self._drip(answer)
        return False

    def _drip(self, answer: Answer) -> None:
        """Blanks before the JSON, one at a time, until the client leaves."""
        chunked = answer.delivery == "drips in chunks"
        self.request.sendall(_head(answer, None if chunked else 1_000_000))
        while not self._left_within(DRIP):
            self.request.sendall(b"1\r\n \r\n" if chunked else b" ")

    def _left_within(self, seconds: float) -> bool:
        """Whether the client hangs up in that time."""
        readable, _writable, _exceptional = select.select([self.request], [], [], seconds)
        return bool(readable)


def _head(answer: Answer, length: int | None) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    if answer.status == 204:
        size = "Connection: keep-alive"
    rest = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    reason = http.client.responses.get(answer.status, "Odd")
    return f"HTTP/1.1 {answer.status} {reason}\r\n{rest}{size}\r\n\r\n".encode()
