"""A rollback that makes it worse stops there; metrics of a real Prometheus have their say in the verdict."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
import requests

from sandbox.addresses import HOST
from sandbox.testing import Box
from tests import prometheus_server
from tests.playbooks.driving import Operator, calls
from tests.playbooks.looking import world

FAILED = '100 * sum(rate(checkout_attempts_total{result!="ok"}[$window])) / sum(rate(checkout_attempts_total[$window]))'


@pytest.mark.once
def test_a_rollback_that_makes_it_worse_stops_before_the_backends_and_offers_the_way_forward(box: Box, operator: Operator) -> None:
    box.ship("storefront", "slow")
    box.control("latency", **{"shop.slow": 1})
    worse_at = datetime.now(UTC)
    box.ship("api", "breaks-checkout")  # in between, because Vercel's times are whole milliseconds
    box.ship("storefront", "breaks-checkout")
    bad = world(box)
    shop, api = box.served_url("shop.rachelfoods.test"), box.served_url("api")
    flows = [
        {"name": "quick home page", "url": f"{shop}/", "expect": {"status": 200, "max_seconds": 0.8}},
        {"name": "checkout page", "url": f"{shop}/checkout", "expect": {"contains": "Pay now"}},
        {"name": "products", "url": f"{api}/api/catalog/nothing", "expect": {"status": 200}},
    ]

    ran = operator.run(good_at=worse_at.isoformat(), flows={"checkout": flows})

    assert ran.code == 11, ran.screen
    assert "NOT RESTORED in" in ran.words
    assert "backend stays as it is, worse than before: quick home page worked before" in ran.words, ran.screen
    assert {target for target, _method, _path in calls(operator.journal())} <= {"storefront", "backoffice"}
    steps = [line for line in ran.screen.splitlines() if line.startswith("→ ")]
    assert steps[0].startswith("→ Go forward again to what was serving before:")
    undone = operator.undo()
    assert undone.code == 0, undone.screen
    assert world(box) == bad


def wait_for_failures(url: str) -> None:
    """Until Prometheus has seen customers fail."""
    until = time.monotonic() + 30
    while not requests.get(f"{url}/api/v1/query", {"query": FAILED.replace("$window", "1m")}, timeout=5).json()["data"]["result"]:
        assert time.monotonic() < until, "nobody fails"
        time.sleep(0.1)


@pytest.mark.once
def test_a_metric_is_read_before_and_after_and_counts_only_what_came_since(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    box.control("load", rate=20)
    try:
        with prometheus_server.serving({}, scraping={"shop": f"{HOST}:{box.port}"}) as url:
            wait_for_failures(url)
            ran = operator.run(environment={"PROMETHEUS_URL": url}, metrics={"checkout": "{{ shop_metrics }}"})
    except prometheus_server.Missing as reason:
        pytest.skip(str(reason))
    finally:
        box.control("load", rate=0)

    assert ran.code == 0, ran.screen
    assert "RESTORED" in ran.words
    assert "10 of 10 checks pass" in ran.words
    before, after = (event for event in operator.journal() if event["event"] == "checked" and event.get("kind") == "metrics")
    assert (before["phase"], before["verdict"], after["phase"], after["verdict"]) == ("before", "BAD", "after frontend", "OK")
    assert [check["name"] for check in after["checks"]] == ["failed checkouts", "checkouts", "p95 of the API"]
    assert before["checks"][0]["value"] > 1 >= after["checks"][0]["value"]
    assert after["checks"][0]["series"]
