"""Metrics of Sentry, from an emulator that its published description judges."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.monitoring.sentry import ORGANIZATION, TOKEN, Sentry
from tests.metrics.conftest import ask, one
from tests.sandbox.spec import specification
from tests.vendor_proxy import Answer, Proxy, answering

pytestmark = pytest.mark.once


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    with Sentry() as running:
        yield running


def check(url: str, since: str | None = None, token: str = TOKEN, **metric: Any) -> dict[str, Any]:
    sources = {"sentry": {"url": url, "organization": ORGANIZATION, "token": token}}
    (seen,) = ask(metrics=[one(source="sentry", **metric)], sources=sources, since=since, answer_within=3)["checks"]
    return dict(seen)


def minutes_ago(minutes: float) -> float:
    return time.time() // 60 * 60 - 60 * minutes + 1


def test_errors_a_minute(sentry: Sentry) -> None:
    for number in range(10):
        sentry.happened(minutes_ago(1 + number % 5))

    good = check(sentry.url, at_most=2)
    assert (good["verdict"], good["value"]) == ("OK", 2.0)
    bad = check(sentry.url, at_most=1, unit=" errors")
    assert (bad["verdict"], bad["expected"], bad["got"]) == ("BAD", "at most 1 errors", "2 errors a minute in the last 5 min")
    assert [value for _at, value in bad["series"]] == [2.0] * 5
    assert check(sentry.url, at_most=9, statistic="Sum")["verdict"] == "BAD"


def test_only_what_is_asked_for_counts(sentry: Sentry) -> None:
    for project, level in (("storefront", "error"), ("storefront", "warning"), ("backoffice", "error")):
        sentry.happened(minutes_ago(2), project, level=level)

    assert check(sentry.url, project=["storefront"], query="level:error", statistic="Sum")["value"] == 1
    assert check(sentry.url, project=["storefront", "backoffice"], statistic="Sum")["value"] == 3
    assert check(sentry.url, environment=["staging"], statistic="Sum")["value"] == 0


def test_what_was_before_the_rollback_and_the_minute_that_is_not_over_do_not_count(sentry: Sentry) -> None:
    for ago in (0, 4, 4, 4):
        sentry.happened(minutes_ago(ago))
    since = datetime.fromtimestamp(minutes_ago(3) - 1, UTC).isoformat()

    assert check(sentry.url, since=since, at_most=0)["value"] == 0
    young = check(sentry.url, since=datetime.now(UTC).isoformat())
    assert (young["verdict"], young["got"][:18]) == ("UNKNOWN", "no whole minute ye")


def test_an_answer_from_a_part_of_the_data_is_unknown(sentry: Sentry) -> None:
    sentry.scanned = "partial"

    assert check(sentry.url)["got"] == "Sentry has looked at a part of its data only"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"token": "wrong"}, "Sentry answered 401: Invalid token. Check token"),
        ({"token": ""}, "sentry is not configured: token missing"),
        ({"y_axis": "countt()"}, "Sentry answered 400: countt() is not a valid function"),
    ],
)
def test_what_sentry_refuses_is_unknown_and_says_why(sentry: Sentry, given: dict[str, str], why: str) -> None:
    seen = check(sentry.url, **given)

    assert seen["verdict"] == "UNKNOWN"
    assert why in seen["got"]


@pytest.mark.parametrize("body", [b'{"timeSeries": []}', b'{"timeSeries": [{}, {}]}', b'{"timeSeries": [{"values": [{}]}]}', b"{}", b"[]"])
def test_no_series_several_and_odd_ones_are_unknown(sentry: Sentry, body: bytes) -> None:
    with Proxy(sentry.url, answering(Answer(200, body))) as proxy:
        assert check(proxy.url)["verdict"] == "UNKNOWN"


def test_what_is_asked_and_answered_is_as_sentry_publishes_it(sentry: Sentry) -> None:
    published = specification("sentry/openapi-derefed.json")
    sentry.happened(minutes_ago(1))
    with Proxy(sentry.url) as proxy:
        check(proxy.url, project=["storefront"], environment=["production"], query="level:error")
        check(proxy.url, y_axis="countt()")

    for exchange in proxy.log:
        assert exchange.answer
        published.check(exchange.method, sentry.url + exchange.path, None, exchange.answer.status, exchange.answer.json())
    assert [exchange.answer.status for exchange in proxy.log if exchange.answer] == [200, 400]
