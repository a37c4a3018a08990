"""A real site on a loopback port, with a login, orders, and every way to misbehave."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

PASSWORD = "correct horse & battery"
TOKEN = "tok-8c1f77ab52"
COOKIE = "cookie-55d0e1c2"


class TroubledSite(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.asked: Counter[str] = Counter()
        self.closing = threading.Event()
        self.meeting = threading.Barrier(3, timeout=5)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Visitors who gave up waiting are part of the tests."""


class Visit(BaseHTTPRequestHandler):
    server: TroubledSite
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.sent = self.rfile.read(length).decode()
        self.server.asked[f"{self.command} {self.path}"] += 1
        self.ROUTES.get(self.path.partition("?")[0], Visit.missing)(self)

    do_HEAD = do_POST = do_GET

    def answer(self, status: int, body: Any, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        headers.setdefault("Content_Type", "text/html" if isinstance(body, bytes) else "application/json")
        for name, value in {**headers, "Content_Length": str(len(content))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def missing(self) -> None:
        self.answer(404, {"error": "no such page"})

    def health(self) -> None:
        self.answer(200, {"status": "ok", "up": True, "items": [{"price": 9.5, "name": "Tea"}], "none": None})

    def page(self) -> None:
        self.answer(200, "<h1>Café</h1> Add to cart".encode())

    def latin(self) -> None:
        self.answer(200, "Café".encode("latin-1"), Content_Type="text/html; charset=ISO-8859-1")

    def login(self) -> None:
        wish = json.loads(self.sent)
        if wish["password"] != PASSWORD:
            self.answer(401, {"error": f"wrong password {wish['password']}"})
            return
        self.answer(200, {"access_token": TOKEN, "user": {"id": 7}}, Set_Cookie=f"session={COOKIE}; Path=/")

    def orders(self) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.answer(403, {"error": "log in first"})
            return
        order = json.loads(self.sent)
        self.answer(201, {"status": "paid", "user": order["user"]}, Location=f"{self.server.url}/order?id=7")

    def order(self) -> None:
        self.answer(200, {"id": 7, "status": "paid"})

    def account(self) -> None:
        known = f"session={COOKIE}" in self.headers.get("Cookie", "")
        self.answer(200 if known else 403, {"cookie": self.headers.get("Cookie", "")})

    def echo(self) -> None:
        """Fails, and tells everything it was sent, as careless error pages do."""
        said = f"{self.sent} {self.headers.get('Authorization', '')} {self.headers.get('Cookie', '')}"
        self.answer(500, said.encode())

    def form(self) -> None:
        self.answer(200, {"form": self.sent, "type": self.headers["Content-Type"]})

    def redirect(self) -> None:
        self.answer(302, b"", Location="/page?code=one-time")

    def circle(self) -> None:
        self.answer(302, b"", Location="/circle")

    def flaky(self) -> None:
        self.answer(500 if self.server.asked["GET /flaky"] % 2 == 0 else 200, b"")

    def meet(self) -> None:
        """Answers only when three visitors are here at the same time."""
        self.server.meeting.wait()
        self.answer(200, b"")

    def slow(self) -> None:
        self.server.closing.wait(0.2)
        self.answer(200, b"")

    def hang(self) -> None:
        self.server.closing.wait(10)
        self.close_connection = True

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RD)
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        self.close_connection = True

    def half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"the first half")
        self.close_connection = True

    def trickle(self) -> None:
        """Never silent for long, and never done."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.server.closing.wait(0.05):
            self.wfile.write(b".")
            self.wfile.flush()

    ROUTES: ClassVar[dict[str, Callable[[Visit], None]]] = {
        "/health": health, "/page": page, "/latin": latin, "/login": login, "/orders": orders, "/order": order,
        "/account": account, "/echo": echo, "/form": form, "/redirect": redirect, "/circle": circle, "/flaky": flaky,
        "/meet": meet, "/slow": slow, "/hang": hang, "/reset": reset, "/half": half, "/trickle": trickle,
    }  # fmt: skip
