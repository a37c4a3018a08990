"""A server in AWS's place that gives the answers it is told to, one after the other, and the last one for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

ERROR = "<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
NO_INSTANCES = "<DescribeDBInstancesResult><DBInstances/></DescribeDBInstancesResult>"
INSTANCES = f"<DescribeDBInstancesResponse>{NO_INSTANCES}</DescribeDBInstancesResponse>"
BROKEN_OFF = (0, "")


@dataclass
class Answering:
    """C(answers) are statuses and bodies; C(asked) the calls that came in, with their headers."""

    answers: list[tuple[int, str]]
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def next(self) -> tuple[int, str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def refusal(code: str, status: int = 400, words: str = "no") -> tuple[int, str]:
    return status, ERROR.format(code=code, words=words)


@contextmanager
def answering(*answers: tuple[int, str]) -> Iterator[Answering]:
    told = Answering(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.asked.append(parse_qs(body)["Action"][0])
            told.headers.append(dict(self.headers))
            status, text = told.next()
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
