"""A plain HTTP proxy between a module and a vendor: a test decides what a call is answered."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests


@dataclass(frozen=True)
class Answer:
    """What the module is told; without a status the connection breaks."""

    status: int | None
    body: bytes = b""

    @classmethod
    def of(cls, status: int, body: Any) -> Answer:
        return cls(status, json.dumps(body).encode())


Forward = Callable[[], Answer]
Disturb = Callable[[bool, Forward], Answer]
"""Whether the call asks for a change, and what passes it on to the vendor."""


@dataclass
class Between:
    """In front of C(upstream); counts the calls that ask for a change."""

    upstream: str
    disturb: Disturb
    changes: int = 0
    server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Between:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Passing", (_Passing,), {"between": self}))
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


class _Passing(BaseHTTPRequestHandler):
    between: Between

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        changes = self.command != "GET"
        self.between.changes += changes

        def forward() -> Answer:
            headers = {name: self.headers[name] for name in self.headers if name not in ("Host", "Content-Length")}
            answer = requests.request(self.command, self.between.upstream + self.path, data=body, headers=headers, timeout=10)
            return Answer(answer.status_code, answer.content)

        answer = self.between.disturb(changes, forward)
        if answer.status is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""
