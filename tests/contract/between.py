"""Something between a module and a vendor's API that answers one path in the vendor's place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


class Between(ThreadingHTTPServer):
    """Passes everything on to C(behind) but what goes to C(path): that gets C(status) and C(body), or no answer after it was passed on."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.behind = behind
        self.path = ""
        self.status = 200
        self.body: bytes | None = b""
        self.times = 1_000
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self, path: str, status: int, body: bytes | None, times: int = 1_000) -> None:
        """C(None) as the body: passed on, and the answer is lost."""
        self.path, self.status, self.body, self.times = path, status, body, times

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""


class _Answer(BaseHTTPRequestHandler):
    server: Between

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(f"{self.command} {self.path.partition('?')[0]}")
        faulty = self.server.path and self.server.path in self.path and self.server.times > 0
        self.server.times -= bool(faulty)
        if faulty and self.server.body is not None:
            self._send(self.server.status, self.server.body)
            return
        headers = {name: value for name, value in self.headers.items() if name in ("Authorization", "Content-Type", "Content-Encoding")}
        answer = requests.request(self.command, self.server.behind + self.path, data=sent, headers=headers, timeout=10)
        if faulty:
            self.close_connection = True
            return
        self._send(answer.status_code, answer.content)

    def _send(self, status: int, body: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def between(behind: str) -> Iterator[Between]:
    server = Between(behind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
