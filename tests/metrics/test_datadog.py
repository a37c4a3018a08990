"""Metrics of Datadog, from an emulator that Datadog's own client can read."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.monitoring.datadog import API_KEY, APP_KEY, Datadog
from tests.metrics.conftest import ask, one
from tests.vendor_clients import Unavailable, modules
from tests.vendor_proxy import Answer, Proxy, answering

pytestmark = pytest.mark.once
CLIENT = "@datadog/datadog-api-client@1.64.0"
QUERY = "avg:shop.errors{env:production}"


@pytest.fixture
def datadog() -> Iterator[Datadog]:
    with Datadog() as running:
        yield running


def check(url: str, since: float | None = None, app_key: str = APP_KEY, **metric: Any) -> dict[str, Any]:
    sources = {"datadog": {"url": url, "api_key": API_KEY, "app_key": app_key}}
    moment = datetime.fromtimestamp(since, UTC).isoformat() if since else None
    result = ask(metrics=[one(source="datadog", **{"query": QUERY, **metric})], sources=sources, since=moment, answer_within=3)
    assert API_KEY not in str(result)
    return dict(result["checks"][0])


def filled(datadog: Datadog, until: float = 0, **tags: str) -> float:
    """One point every twenty seconds: 4 until three minutes ago, 0 since; returns when that was."""
    now = time.time()
    for ago in range(290, int(until), -20):
        datadog.sent(now - ago, "shop.errors", 4 if ago > 180 else 0, **{"env": "production", "host": "a", **tags})
    return now - 180


def test_the_average_of_the_window(datadog: Datadog) -> None:
    healed = filled(datadog)

    seen = check(datadog.url)
    assert (seen["verdict"], seen["expected"]) == ("BAD", "at most 1")
    assert 1 < seen["value"] < 3
    assert {value for _at, value in seen["series"]} == {0.0, 4.0}
    assert check(datadog.url, statistic="Maximum")["value"] == 4
    assert check(datadog.url, statistic="Last")["verdict"] == "OK"
    assert check(datadog.url, since=healed)["verdict"] == "OK"


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ({"query": "avg:shop.erors{*}"}, "no data"),
        ({"query": "avg:shop.errors{*} by {host}"}, "2 series where one was expected"),
        ({"query": "avg:shop.errors"}, "Datadog answered 400: Error parsing query"),
        ({"max_age": 5}, "the newest sample is"),
        ({"app_key": "wrong"}, "Datadog answered 403: Forbidden. Check api_key and app_key"),
    ],
)
def test_what_nobody_can_tell_is_unknown_and_says_why(datadog: Datadog, metric: dict[str, Any], why: str) -> None:
    filled(datadog, until=60)
    filled(datadog, until=60, host="b")

    seen = check(datadog.url, at_most=100, **metric)

    assert seen["verdict"] == "UNKNOWN"
    assert why in seen["got"]


def test_a_rollback_of_a_moment_ago_has_no_data_yet(datadog: Datadog) -> None:
    filled(datadog, until=60)

    assert "no data in" in check(datadog.url, since=time.time())["got"]


def test_an_error_with_status_200_is_unknown(datadog: Datadog) -> None:
    datadog.trouble = "Query timed out"

    assert check(datadog.url)["got"].startswith("Datadog answered error: Query timed out")


@pytest.mark.parametrize("points", ["[[1795311686000, null]]", "[]", "[[1795311686000]]", '"none"'])
def test_no_points_and_odd_ones_are_unknown(datadog: Datadog, points: str) -> None:
    body = f'{{"status": "ok", "series": [{{"pointlist": {points}}}]}}'
    with Proxy(datadog.url, answering(Answer(200, body.encode()))) as proxy:
        assert check(proxy.url)["verdict"] == "UNKNOWN"


def test_datadogs_own_client_reads_the_emulator(datadog: Datadog) -> None:
    filled(datadog)
    try:
        folder = modules(CLIENT)
    except Unavailable as reason:
        pytest.skip(str(reason))
    now = int(time.time())
    command = [shutil.which("node") or "node", str(Path(__file__).with_name("datadog.mjs")), datadog.url, API_KEY, APP_KEY]
    done = subprocess.run([*command, str(now - 300), str(now), QUERY], cwd=folder, capture_output=True, text=True, check=False, timeout=300)

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["unparsed"], len(answer["points"])) == ("ok", False, 1)
    assert {value for _at, value in answer["points"][0]} == {0, 4}
