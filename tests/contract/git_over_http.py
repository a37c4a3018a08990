"""A Git host on loopback: Git's own C(http-backend) behind a token, and whatever goes wrong between."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOKEN = "planted-git-token"


class Host(ThreadingHTTPServer):
    """C(fault) is what happens to every request, C(fault_on_push) to those that push: a status, C(lost), C(cut) or C(elsewhere)."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.root = root
        self.fault: str | int = ""
        self.fault_on_push: str | int = ""
        self.elsewhere = ""
        self.authorisations: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/shop.git"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""


class _Answer(BaseHTTPRequestHandler):
    server: Host
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        given = self.headers.get("Authorization", "")
        self.server.authorisations.append(given)
        pushes = self.path.endswith("git-receive-pack") and self.command == "POST"
        fault = (self.server.fault_on_push if pushes else "") or self.server.fault
        if fault == "cut":
            self.close_connection = True
            return
        if fault == "elsewhere":
            self._send(302, {"Location": self.server.elsewhere + self.path}, b"")
            return
        if isinstance(fault, int):
            self._send(fault, {}, b"no")
            return
        if given != f"Basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}":
            self._send(401, {"WWW-Authenticate": "Basic realm=git"}, b"no")
            return
        status, headers, content = self._backend(body)
        if fault == "lost":
            self.close_connection = True
            return
        self._send(status, headers, content)

    def _backend(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path, _, query = self.path.partition("?")
        variables = {
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "somebody",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        out = subprocess.run(["git", "http-backend"], input=body, env={**os.environ, **variables}, capture_output=True, check=False).stdout
        head, _, content = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        return int(headers.pop("Status", "200").split()[0]), headers, content

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def hosting(root: Path) -> Iterator[Host]:
    host = Host(root)
    thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        host.server_close()
        thread.join()
