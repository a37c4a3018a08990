"""Whether everything works, judged without a rollback."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import checked
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from ansible_collections.lastgood.recovery.plugins.module_utils.validation import VALIDATE
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.once
GOOD, BAD = "c0ffe" * 8, "badf0" * 8
PAGES = {"/good": GOOD, "/bad": f'{{"commit": "{BAD}"}}', "/none": "hello"}
WHEN = datetime(2026, 11, 22, tzinfo=UTC)


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGES[self.path].encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def reading() -> dict[str, Any]:
    return {"serving": Release("dpl_1", GOOD, WHEN, WHEN, True).as_dict(), "failed": False}


def validate(**options: Any) -> dict[str, Any]:
    return outcome(VALIDATE, {"checks": {}, "readings": {}, "version_urls": {}} | options, Run())


@pytest.mark.parametrize(("pages", "verdict", "code", "got"), [
    (["/good"], "OK", 0, None),
    (["/good", "/bad"], "BAD", 11, "serves badf0ba"),
    (["/none"], "UNKNOWN", 12, "answers 200 without a version that fits"),
])
def test_every_address_shows_what_the_vendor_says(site: str, pages: list[str], verdict: str, code: int, got: str | None) -> None:
    result = validate(readings={"shop": reading()}, version_urls={"shop": [site + page for page in pages]})
    assert (result["verdict"], result["exit_code"], result["total"]) == (verdict, code, len(pages))
    assert result["checks"][-1]["got"] == got


def test_an_address_that_does_not_answer() -> None:
    result = validate(readings={"shop": reading()}, version_urls={"shop": ["http://127.0.0.1:9/"]})
    assert result["screen"] == ["? shop: http://127.0.0.1:9/: expected c0ffec0, got does not answer", "? UNKNOWN: 0 of 1 checks pass"]


@pytest.mark.parametrize(("one", "code", "total"), [
    ({"skipped": True}, 12, 0), ({"failed": False, "msg": "no token"}, 12, 1), ({"unreachable": True}, 12, 1), (None, 12, 1),
    ({"serving": None}, 11, 1),
])
def test_a_target_that_cannot_be_read_or_serves_nothing(one: Any, code: int, total: int) -> None:
    result = validate(readings={"shop": one}, version_urls={"shop": ["http://127.0.0.1:9/"]})
    assert (result["exit_code"], result["total"]) == (code, total)


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.lists(st.sampled_from(["OK", "BAD", "UNKNOWN", "SKIPPED"])), max_size=2)))
def test_unknown_is_never_green(verdicts: dict[str, list[list[str]]]) -> None:
    results = {name: [{"checks": [checked(f"{n}", verdict) for n, verdict in enumerate(look)]} for look in several]
               for name, several in verdicts.items()}
    counted = [verdict for several in verdicts.values() for look in several for verdict in look if verdict != "SKIPPED"]
    counted += ["UNKNOWN" for several in verdicts.values() if not any(several)]
    expected = "BAD" if "BAD" in counted else "UNKNOWN" if "UNKNOWN" in counted or not counted else "OK"
    result = validate(checks=results)
    assert result["verdict"] == expected
    assert result["exit_code"] == {"OK": 0, "BAD": 11, "UNKNOWN": 12}[expected]
    assert result["changed"] is False
