"""The module metric reads CloudWatch as cloudwatch_check does, and has what reports draw."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.backends import get_backend
from moto.server import ThreadedMotoServer

from tests.aws.test_cloudwatch_check import DENIED, EDGE, KEYS, Watch
from tests.metrics.conftest import ask
from tests.vendor_proxy import Proxy, answering

pytestmark = pytest.mark.once
ERRORS: dict[str, Any] = {
    "name": "errors",
    "source": "cloudwatch",
    "metric_name": "5xxErrorRate",
    "weighted_by": "Requests",
    "at_most": 1,
    "unit": " %",
    **EDGE,
}


@pytest.fixture(scope="module")
def broken() -> Iterator[Watch]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    watch = Watch(f"http://{host}:{port}")
    watch.metric("Requests", 900, 100)
    watch.metric("5xxErrorRate", 0, 20)
    yield watch
    get_backend("cloudwatch")["123456789012"]["us-east-1"].reset()
    server.stop()


def look(url: str, *metrics: dict[str, Any], **options: Any) -> dict[str, Any]:
    sources = {"cloudwatch": {**KEYS, "endpoint_url": url}}
    return ask(metrics=list(metrics), sources=sources, **options)


def test_it_is_the_same_verdict_with_its_series(broken: Watch) -> None:
    others = ({**ERRORS, "name": "long", "window": 30, "at_most": 5}, {**ERRORS, "name": "gone", "metric_name": "5xx"})
    result = look(broken.url, ERRORS, *others)

    errors, long, gone = result["checks"]
    assert (errors["verdict"], errors["value"], errors["unit"], errors["at_most"]) == ("BAD", 2.0, " %", 1.0)
    assert errors["got"] == "2 % of 1,000 Requests in the last 5 min"
    assert [value for _at, value in errors["series"]] == [20.0, 0.0]
    assert (long["verdict"], long["value"]) == ("OK", 2.0)
    assert (gone["verdict"], gone["got"]) == ("UNKNOWN", "no data in the last 5 min")


def test_what_was_before_the_rollback_does_not_count(broken: Watch) -> None:
    assert look(broken.url, ERRORS, since=datetime.now(UTC).isoformat())["verdict"] == "UNKNOWN"


def test_an_aws_that_denies_it_is_unknown_for_each(broken: Watch) -> None:
    with Proxy(broken.url, answering(DENIED)) as proxy:
        result = look(proxy.url, ERRORS, {**ERRORS, "name": "again"})

    assert [check["verdict"] for check in result["checks"]] == ["UNKNOWN", "UNKNOWN"]
    assert "AccessDenied" in result["checks"][0]["got"] or "denie" in result["checks"][0]["got"]
