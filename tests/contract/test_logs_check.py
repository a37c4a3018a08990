"""Whether the logs of what serves are quiet, from every vendor's emulator; no line of them is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.logs_check import ARGUMENTS, PATTERNS, judged
from ansible_collections.lastgood.recovery.plugins.modules import logs_check
from hypothesis import given
from hypothesis import strategies as st

from sandbox.testing import Box
from tests.contract.bench import Bench, printed_by
from tests.contract.logged import LOGGED, Logged
from tests.contract.vendors import VENDORS

LOUD = [logged for logged in LOGGED if "TypeError" in logged.says.get("runtime.log", "")]


class Listening(Bench):
    def listen(self, check: bool = False, **options: Any) -> dict[str, Any]:
        service = {**self.vendor.options(self.box), **options.pop("service", {})}
        given = {"window": 30, "quiet": 0.5, "timeout": 5, "target": "it", **options}
        return printed_by(logs_check.main, check, provider=self.vendor.name, service=service, **given)


def listening_to(box: Box, logged: Logged) -> Listening:
    box.reset()
    box.set_latency(vendors=0)
    box.control("rates", on=False)
    return Listening(next(vendor for vendor in VENDORS if vendor.name == logged.vendor), box)


@pytest.fixture(params=LOUD, ids=str)
def listening(request: pytest.FixtureRequest, vendors: Box) -> Iterator[Listening]:
    yield listening_to(vendors, request.param)
    vendors.control("outage", vendor=request.param.vendor, on=False)


def test_a_release_that_writes_errors_is_bad_and_a_good_one_is_not(listening: Listening) -> None:
    listening.ship("breaks-checkout")
    loud = listening.listen(check=True)
    listening.ship("good")
    quiet = listening.listen(check=True)

    assert (loud["verdict"], quiet["verdict"]) == ("BAD", "OK"), (loud, quiet)
    assert "form.submit" not in str(loud), "no line is shown"
    assert re.search(r"1 of \d+ lines since .*: 1 of ", loud["checks"][0]["got"])
    assert not loud["changed"]


def test_what_is_ignored_is_none(listening: Listening) -> None:
    listening.ship("breaks-checkout")

    assert listening.listen(check=True, ignore=["form.submit is not"])["verdict"] == "OK"
    assert listening.listen(check=True, at_most=1)["verdict"] == "OK"
    assert listening.listen(check=True, patterns=["no such thing"])["verdict"] == "OK"


def test_too_few_lines_and_a_vendor_that_is_down_are_unknown(listening: Listening) -> None:
    listening.ship("good")
    few = listening.listen(check=True, min_lines=50)
    refused = listening.listen(check=True, service={listening.vendor.secret: "wrong"}, fail=True)
    listening.box.control("outage", vendor=listening.vendor.name, on=True)
    down = listening.listen(check=True, timeout=0.5)

    assert (few["verdict"], few["checks"][0]["expected"]) == ("UNKNOWN", "at least 50 lines to tell from")
    assert refused["failed"]
    assert refused["verdict"] == "UNKNOWN"
    assert down["verdict"] == "UNKNOWN"


def test_it_waits_until_the_window_is_full(vendors: Box) -> None:
    listening = listening_to(vendors, next(one for one in LOUD if one.vendor == "render"))
    listening.ship("good")

    assert listening.listen(window=0.5, min_lines=0)["verdict"] == "OK"


def test_a_vendor_without_logs_is_unknown(vendors: Box) -> None:
    result = listening_to(vendors, next(one for one in LOGGED if one.vendor == "netlify")).listen(check=True)

    assert result["verdict"] == "UNKNOWN"
    assert "websocket" in result["checks"][0]["got"]


def test_a_pattern_that_is_none_is_unknown(vendors: Box) -> None:
    result = listening_to(vendors, LOUD[0]).listen(ignore=["("])

    assert result["verdict"] == "UNKNOWN"
    assert "'(' is no regular expression" in result["summary"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("line", "loud"),
    [
        ("2026-11-22T02:41:05Z error app TypeError: form.submit", True),
        ('{"level":"error","msg":"no"}', True),
        ("level=fatal msg=bye", True),
        ('10.0.0.1 - - "POST /checkout HTTP/1.1" 502 12', True),
        ("at=info method=GET status=503", True),
        ("java.lang.NullPointerException", True),
        ("Traceback (most recent call last):", True),
        ("Unhandled promise rejection", True),
        ("2026-11-22T02:41:05Z info app 0 errors in 500 ms", False),
        ('10.0.0.1 - - "GET /error HTTP/1.1" 200 500', False),
        ("GET /errors 404", False),
        ("retry of job 512 succeeded", False),
    ],
)
def test_what_looks_like_an_error(line: str, loud: bool) -> None:
    assert any(re.search(pattern, line) for pattern in PATTERNS) is loud


@pytest.mark.once
@given(st.lists(st.sampled_from(["fine", "ERROR one", "ERROR known", ""])), st.integers(0, 3), st.integers(0, 5), st.integers(1, 9))
def test_the_verdict_of_lines(lines: list[str], at_most: int, min_lines: int, most: int) -> None:
    options = {**{name: option.get("default") for name, option in ARGUMENTS.items()}, "target": "it"}
    options |= {"at_most": at_most, "min_lines": min_lines, "lines": most}
    one = judged(lines, [re.compile("ERROR")], [re.compile("known")], "then", options)

    errors = lines[-most:].count("ERROR one")
    assert (one["verdict"] == "BAD") == (errors > at_most)
    assert (one["verdict"] == "OK") == (errors <= at_most and min_lines <= len(lines) <= most)
