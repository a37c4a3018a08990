"""Vendors of monitoring, fed by hand: what was recorded is what they answer with. Each runs in a thread of the test that asks it."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Query = Mapping[str, list[str]]


class Refusal(Exception):
    """A status, and the vendor's words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Monitoring(ABC):
    """One vendor on a loopback port of its own, from C(with) on."""

    def __init__(self) -> None:
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                try:
                    status, body = 200, vendor.answer(parts.path, parse_qs(parts.query, keep_blank_values=True), self.headers)
                except Refusal as refusal:
                    status, body = refusal.status, vendor.error(refusal.words)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @abstractmethod
    def answer(self, path: str, query: Query, headers: Any) -> Any:
        """The JSON of the answer; raises Refusal."""

    @abstractmethod
    def error(self, words: str) -> Any:
        """The JSON of an error."""


def first(query: Query, name: str, default: str = "") -> str:
    return query.get(name, [default])[0]
