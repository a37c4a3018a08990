"""The transport to vendors, against a server that really misbehaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

TOKEN = "planted-token"


class Server:
    """Answers each request with the next of `answers` (status, headers, body; None closes the connection), and remembers it."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes] | None] = []
        self.seen: list[tuple[str, str, str | None]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                server.seen.append((self.command, self.path, self.headers.get("Authorization")))
                answer = server.answers.pop(0) if server.answers else (200, {}, b"{}")
                if answer is None:
                    self.connection.close()
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing of it on the screen."""

            def finish(self) -> None:
                if not self.wfile.closed and self.connection.fileno() >= 0:
                    super().finish()

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def vendor() -> Iterator[Server]:
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def other(vendor: Server) -> Iterator[Server]:
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def journal() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def api(vendor: Server, journal: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch) -> transport.Api:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01, 0.01))
    run = Run(record=lambda event, **fields: journal.append((event, fields)))
    return transport.Api("Vendor", vendor.url, transport.bearer(TOKEN), run, lambda body: body.get("message", ""), _seconds_left)


def _seconds_left(response: Any) -> float | None:
    value = response.headers.get("Reset")
    return None if value is None else float(value)


def test_the_token_goes_to_the_vendor_and_to_nobody_else(api: transport.Api, vendor: Server, other: Server) -> None:
    vendor.answers = [(302, {"Location": f"{other.url}/elsewhere"}, b"")]

    with pytest.raises(errors.VendorError, match="302"):
        api.get("/thing")

    assert vendor.seen == [("GET", "/thing", f"Bearer {TOKEN}")]
    assert other.seen == []


def test_a_netrc_does_not_replace_the_token(api: transport.Api, vendor: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    api.get("/thing")

    assert vendor.seen[0][2] == f"Bearer {TOKEN}"


TROUBLES = [None, (500, {}, b""), (503, {}, b"{}"), (200, {}, b'{"cut off'), (200, {"Content-Length": "99"}, b"{}")]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_safe_read_is_repeated(api: transport.Api, vendor: Server, trouble: Any) -> None:
    vendor.answers = [trouble, trouble, (200, {}, b'{"fine": true}')]

    assert api.get("/thing") == {"fine": True}
    assert len(vendor.seen) == 3


@pytest.mark.parametrize("trouble", [None, (500, {}, b""), (200, {}, b'{"cut off')])
def test_a_call_that_changes_something_is_never_repeated(api: transport.Api, vendor: Server, trouble: Any) -> None:
    vendor.answers = [trouble]

    with pytest.raises(errors.Unanswered) as caught:
        api.send("POST", "/thing", {})

    assert "read" in caught.value.hint
    assert len(vendor.seen) == 1


def test_it_is_in_the_journal_before_it_is_made(api: transport.Api, vendor: Server, journal: list[Any]) -> None:
    vendor.answers = [None]

    with pytest.raises(errors.Unanswered):
        api.send("POST", "/thing", {"value": "secret"})

    assert [event for event, _fields in journal] == ["call", "answer"]
    assert journal[0][1] == {"method": "POST", "path": "/thing"}
    assert journal[1][1]["status"] is None


@pytest.mark.parametrize("call", [lambda api: api.get("/thing"), lambda api: api.send("POST", "/thing", {})])
def test_a_rate_limit_is_waited_out(api: transport.Api, vendor: Server, call: Callable[[transport.Api], Any]) -> None:
    vendor.answers = [(429, {"Reset": "0.05"}, b""), (200, {}, b'{"fine": true}')]

    assert call(api) == {"fine": True}


@pytest.mark.parametrize("value", ["0", "Sun, 22 Nov 2020 02:38:00 GMT"])
def test_the_usual_header_counts_where_the_vendors_own_says_nothing(api: transport.Api, vendor: Server, value: str) -> None:
    vendor.answers = [(429, {"Retry-After": value, "Reset": "soon"}, b""), (200, {}, b'{"fine": true}')]

    assert api.get("/thing") == {"fine": True}


def test_a_rate_limit_that_lasts_too_long_is_not(api: transport.Api, vendor: Server) -> None:
    vendor.answers = [(429, {"Reset": "2084"}, b"")]

    with pytest.raises(errors.RateLimited, match="34 min 44 s"):
        api.get("/thing")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.NotAuthorised),
        (402, errors.PlanLimit),
        (403, errors.NotAuthorised),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (410, errors.NotRestorable),
        (418, errors.VendorError),
        (422, errors.NotRestorable),
    ],
)
def test_each_refusal_is_its_own_error(api: transport.Api, vendor: Server, status: int, kind: type[Exception]) -> None:
    vendor.answers = [(status, {}, b'{"message": "no, because"}')]

    with pytest.raises(kind, match=f"Vendor answered {status}: no, because") as caught:
        api.get("/thing")

    assert type(caught.value) is kind


def test_an_answer_without_a_body_is_none(api: transport.Api, vendor: Server) -> None:
    vendor.answers = [(202, {}, b"")]

    assert api.send("POST", "/thing") is None
