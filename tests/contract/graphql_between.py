"""Between a module and Railway: sees every operation by its name, changes an answer or loses it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import requests

Change = Callable[[str, Any], Any]
"""Takes an operation and the vendor's answer to it; gives the answer to pass on, or None to lose it."""


@contextmanager
def graphql_between(upstream: str, change: Change) -> Iterator[str]:
    """An address that answers what C(upstream) does, as far as C(change) leaves that."""

    class Between(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            named = re.search(r"(?:query|mutation) (\w+)", json.loads(asked)["query"])
            headers = {name: self.headers[name] for name in ("Project-Access-Token", "Content-Type")}
            answer = requests.post(upstream, data=asked, headers=headers, timeout=10)
            passed = change(named[1] if named else "", answer.json())
            if passed is None:
                self.close_connection = True
                return
            body = json.dumps(passed).encode()
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/graphql/v2"
    finally:
        server.shutdown()
        server.server_close()


def losing(operation: str, times: int = 1) -> Change:
    """Loses the answers to the first so many of these operations, after the vendor did what was asked."""
    left = [operation] * times

    def change(named: str, answer: Any) -> Any:
        if named in left:
            left.remove(named)
            return None
        return answer

    return change
