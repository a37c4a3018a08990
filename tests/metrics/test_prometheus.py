"""Metrics of a real Prometheus: what is well, what is not, and all that nobody can tell."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.metrics.conftest import SECRET, Monitored, ask, one
from tests.vendor_proxy import Answer, Proxy, answering

pytestmark = pytest.mark.once
FAILED = '100 * sum(rate(requests_total{code="500"}[$window])) / sum(rate(requests_total[$window]))'


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def test_within_its_limit_it_is_ok_with_its_figure_and_its_series(monitored: Monitored) -> None:
    check = monitored.look("queue", at_most=10, at_least=1, unit=" orders")

    assert (check["verdict"], check["value"], check["unit"]) == ("OK", 7.0, " orders")
    assert (check["at_least"], check["at_most"]) == (1, 10)
    assert (check["step"], check["expected"], check["got"]) == (None, None, None)
    assert 50 <= len(check["series"]) <= 60
    assert check["series"] == sorted(check["series"])
    assert {value for _at, value in check["series"]} == {7.0}


def test_beyond_its_limit_it_is_bad(monitored: Monitored) -> None:
    result = monitored.ask({"query": "queue", "at_most": 5, "unit": " orders"}, {"query": "queue", "at_least": 8})

    assert result["verdict"] == "BAD"
    assert result["summary"] == (
        "0 of 2 metrics are within limits; metric 0: expected at most 5 orders, got 7 orders in the last 5 min; "
        "metric 1: expected at least 8, got 7 in the last 5 min"
    )


def test_what_was_before_the_rollback_does_not_count(monitored: Monitored) -> None:
    before = monitored.look(FAILED, unit=" %")
    assert before["verdict"] == "BAD"
    assert before["value"] > 20

    result = monitored.ask({"query": FAILED, "unit": " %"}, since=at(monitored.healed + 10))

    (after,) = result["checks"]
    assert (after["verdict"], after["value"]) == ("OK", 0.0)
    assert max(value for _at, value in after["series"]) > 0, "the plot shows what was before"


def test_a_rollback_of_a_moment_ago_has_no_data_yet(monitored: Monitored) -> None:
    result = monitored.ask({"query": FAILED}, since=datetime.now(UTC).isoformat())

    assert (result["verdict"], result["checks"][0]["got"]) == ("UNKNOWN", "no data")


@pytest.mark.parametrize(
    ("query", "more", "why"),
    [
        ("nothing_is_called_so", {}, "no data"),
        ("sum(nothing_is_called_so)", {}, "no data"),
        ("requests_total", {}, "2 series where one was expected"),
        ("0 / (queue - 7)", {}, "nan, which is no number"),
        ("queue / (queue - 7)", {}, "inf, which is no number"),
        ("strange", {}, "nan, which is no number"),
        ("scalar(nothing_is_called_so)", {}, "nan, which is no number"),
        ("silent", {"max_age": 60}, "the newest sample is"),
        ("sum(silent)", {"max_age": 60, "sample": "silent"}, "the newest sample is"),
        ("queue", {"sample": "nothing_is_called_so"}, "nothing_is_called_so: no data"),
        ("queue[5m]", {}, "invalid expression type"),
        ("queue(", {}, "Prometheus answered 400: invalid parameter"),
        ('"seven"', {}, "invalid expression type"),
    ],
)
def test_what_nobody_can_tell_is_unknown_and_says_why(monitored: Monitored, query: str, more: dict[str, Any], why: str) -> None:
    check = monitored.look(query, at_most=1e9, **more)

    assert check["verdict"] == "UNKNOWN"
    assert why in check["got"]


def test_a_figure_without_a_series_is_a_figure(monitored: Monitored) -> None:
    assert monitored.look("vector(3)", at_most=3)["verdict"] == "OK"
    assert monitored.look("scalar(queue)", at_most=7)["value"] == 7.0


def test_the_environment_says_where_it_is(monitored: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_URL", monitored.url)

    assert ask(metrics=[one(source="prometheus", query="queue", at_most=7)])["verdict"] == "OK"


def test_what_is_not_configured_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_URL", raising=False)

    (check,) = ask(metrics=[one(source="prometheus", query="queue")])["checks"]

    assert check["verdict"] == "UNKNOWN"
    assert check["got"] == "prometheus is not configured: url missing. Give it in sources, under prometheus."


def test_check_mode_reads_all_the_same(monitored: Monitored) -> None:
    assert monitored.ask({"query": "queue", "at_most": 7}, check=True)["verdict"] == "OK"


@pytest.mark.parametrize("given", [{"token": SECRET}, {"username": "lastgood", "password": SECRET}])
def test_who_asks_is_said_in_a_header_and_never_shown(monitored: Monitored, given: dict[str, str]) -> None:
    with Proxy(monitored.url) as proxy:
        sources = {"prometheus": {"url": proxy.url, **given}}
        result = ask(metrics=[one(source="prometheus", query="queue", at_most=7)], sources=sources)
        said = {exchange.headers["authorization"] for exchange in proxy.log}
        proxy.begin(answering(Answer(401, b"Unauthorized")))
        refused = ask(metrics=[one(source="prometheus", query="queue")], sources=sources)

    basic = "Basic " + b64encode(f"lastgood:{SECRET}".encode()).decode()
    assert said == {basic if "username" in given else f"Bearer {SECRET}"}
    assert result["verdict"] == "OK"
    assert refused["checks"][0]["got"] == "Prometheus answered 401: Unauthorized. Check username and password, or token."


def test_a_password_in_the_address_is_refused() -> None:
    result = ask(
        metrics=[one(source="prometheus", query="up")], sources={"prometheus": {"url": "http://me:secret@127.0.0.1:1", "token": SECRET}}
    )

    assert "holds a user name" in result["checks"][0]["got"]
    assert result["verdict"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(200, b'{"status": "success", "data": {"resultType": "vector"}}'), "in a form that is not its API's"),
        (Answer(200, b'{"status": "error", "errorType": "timeout", "error": "query timed out"}'), "query timed out"),
        (Answer(302, b"", {"Location": "https://login.example.com"}), "leads elsewhere"),
        (
            Answer(200, b'{"status":"success","warnings":["no store matched"],"data":{"resultType":"scalar","result":[1795311686.4,"0"]}}'),
            "not sure: no store matched",
        ),
        (Answer(delivery="never"), "has not answered in time"),
    ],
)
def test_an_odd_answer_is_unknown(monitored: Monitored, answer: Answer, why: str) -> None:
    with Proxy(monitored.url, answering(answer)) as proxy:
        sources = {"prometheus": {"url": proxy.url}}
        result = ask(metrics=[one(source="prometheus", query="queue")], sources=sources, answer_within=0.5 if "in time" in why else 20)

    assert result["verdict"] == "UNKNOWN"
    assert why in result["checks"][0]["got"]


def test_a_source_that_is_down_does_not_keep_the_others_from_answering(monitored: Monitored) -> None:
    metrics = [one("here", source="prometheus", query="queue", at_most=7), one("there", source="datadog", query="avg:queue{*}")]
    sources = {"prometheus": {"url": monitored.url}, "datadog": {"url": "http://127.0.0.1:1", "api_key": SECRET, "app_key": SECRET}}

    result = ask(metrics=metrics, sources=sources, answer_within=1)

    assert {check["name"]: check["verdict"] for check in result["checks"]} == {"here": "OK", "there": "UNKNOWN"}
    assert result["verdict"] == "UNKNOWN"


def test_it_waits_until_all_is_well_and_then_looks_once_more(monitored: Monitored) -> None:
    seven = Answer(200, b'{"status":"success","data":{"resultType":"scalar","result":[1795311686.4,"7"]}}')
    with Proxy(monitored.url, answering(seven, lambda call: "/query?" in call.path, times=4)) as proxy:
        sources = {"prometheus": {"url": proxy.url}}
        metrics = [one(source="prometheus", query="queue - 7", at_most=0)]
        result = ask(metrics=metrics, sources=sources, timeout=20, poll=0.01, looks=2, pause=0.01)
        asked = [exchange for exchange in proxy.log if "/query_range?" in exchange.path]

    assert result["verdict"] == "OK"
    assert len(asked) == 4, "two that were not well, and two that were"
