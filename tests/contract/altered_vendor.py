"""Between a module and an emulator: refuses a call, or does something the moment after one was answered."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

Refuse = Callable[[str, str], int | None]
Afterwards = Callable[[str, str], None]


@contextmanager
def altered(upstream: str, refuse: Refuse = lambda method, path: None, afterwards: Afterwards = lambda method, path: None) -> Iterator[str]:
    """The address of a vendor that answers C(refuse(method, path)) where that is a status, and otherwise what C(upstream) answers."""

    class Between(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if status := refuse(self.command, self.path):
                self._answer(status, {"Content-Type": "application/json"}, b'{"code": %d, "message": "refused"}' % status)
                return
            vendor = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=10)
            vendor.request(self.command, self.path, body or None, dict(self.headers))
            answer = vendor.getresponse()
            content = answer.read()
            vendor.close()
            afterwards(self.command, self.path)
            self._answer(answer.status, {name: value for name, value in answer.getheaders() if name.startswith(("C", "L", "X"))}, content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name != "Content-Length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{urlsplit(upstream).path}"
    finally:
        server.shutdown()
        server.server_close()
