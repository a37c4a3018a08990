"""CloudWatch's alarms and metrics as verdicts, asked of moto."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch.check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.modules import cloudwatch_check
from moto.backends import get_backend
from moto.server import ThreadedMotoServer

from sandbox.testing import free_ports
from tests.contract.bench import printed_by
from tests.vendor_proxy import Answer, Proxy, answering

KEYS: dict[str, Any] = {"region": "us-east-1", "access_key": "AKIAEXAMPLE", "secret_key": "hush-hush-secret"}
DENIED = Answer(403, b'{"__type": "AccessDeniedException", "message": "no"}', {"Content-Type": "application/x-amz-json-1.0"})
EDGE: dict[str, Any] = {"namespace": "AWS/CloudFront", "dimensions": {"DistributionId": "E1", "Region": "Global"}}


class Watch:
    """CloudWatch with whatever a test puts there."""

    def __init__(self, url: str) -> None:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
        self.url, self.client = url, boto3.client("cloudwatch", endpoint_url=url, **keys)

    def check(self, check: bool = False, **options: Any) -> dict[str, Any]:
        result = printed_by(cloudwatch_check.main, check, **{"endpoint_url": self.url, **KEYS, **options})
        assert "hush-hush" not in str(result)
        assert not result["changed"]
        return result

    def alarm(self, name: str, state: str = "OK", **tags: str) -> None:
        self.client.put_metric_alarm(
            AlarmName=name,
            Namespace="Shop",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        self.client.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"it is {state}")

    def metric(self, name: str, *values: float, ago: int = 0) -> None:
        """One value in each minute, the newest first."""
        dimensions = [{"Name": key, "Value": value} for key, value in EDGE["dimensions"].items()]
        now = datetime.now(UTC) - timedelta(minutes=ago)
        data = [
            {"MetricName": name, "Dimensions": dimensions, "Timestamp": now - timedelta(minutes=number), "Value": value}
            for number, value in enumerate(values)
        ]
        self.client.put_metric_data(Namespace="AWS/CloudFront", MetricData=data)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def watch(server: str) -> Iterator[Watch]:
    yield Watch(server)
    get_backend("cloudwatch")["123456789012"]["us-east-1"].reset()


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["verdict"] for one in result["checks"]}


def test_only_an_alarm_that_is_ok_is_ok(watch: Watch) -> None:
    for name, state in (("shop-5xx", "OK"), ("shop-slow", "ALARM"), ("shop-quiet", "INSUFFICIENT_DATA"), ("other", "ALARM")):
        watch.alarm(name, state)
    named = watch.check(alarms=["shop-5xx", "shop-gone"])
    assert verdicts(named) == {"shop-5xx": "OK", "shop-gone": "UNKNOWN"}
    assert (named["verdict"], named["passed"], named["total"]) == ("UNKNOWN", 1, 2)
    assert "no such alarm" in named["summary"]
    beginning = watch.check(alarm_prefix="shop-")
    assert verdicts(beginning) == {"shop-5xx": "OK", "shop-quiet": "UNKNOWN", "shop-slow": "BAD"}
    assert beginning["verdict"] == "BAD"
    (slow,) = (one for one in beginning["checks"] if one["name"] == "shop-slow")
    assert slow["expected"] == "OK"
    assert slow["got"].startswith("ALARM since 20")
    assert slow["body"] == "it is ALARM"


def test_alarms_by_their_tags(watch: Watch) -> None:
    watch.alarm("a", service="shop", tier="edge")
    watch.alarm("b", "ALARM", service="shop", tier="backend")
    watch.alarm("c", "ALARM", service="blog", tier="edge")
    assert verdicts(watch.check(alarm_tags={"service": "shop", "tier": "edge"})) == {"a": "OK"}
    assert verdicts(watch.check(alarm_tags={"service": "shop"}, alarms=["b"])) == {"a": "OK", "b": "BAD"}
    assert verdicts(watch.check(alarm_tags={"service": "none"})) == {"alarms tagged service=none": "UNKNOWN"}
    assert watch.check(alarm_prefix="none")["verdict"] == "UNKNOWN"


def test_more_alarms_than_one_call_takes(watch: Watch) -> None:
    names = [f"alarm-{number:03}" for number in range(102)]
    for name in names:
        watch.alarm(name)
    assert list(verdicts(watch.check(alarms=names))) == names
    assert watch.check(alarm_prefix="alarm-")["passed"] == 102


def test_rates_are_weighed_by_requests_and_no_data_is_unknown(watch: Watch) -> None:
    watch.metric("Requests", 900, 100)
    watch.metric("5xxErrorRate", 0, 20)
    watch.metric("CacheHitRate", 90, 10)
    result = watch.check(
        metrics=[
            {"name": "errors", "metric_name": "5xxErrorRate", "weighted_by": "Requests", "max": 1, "unit": " %", **EDGE},
            {"name": "hits", "metric_name": "CacheHitRate", "weighted_by": "Requests", "min": 70, **EDGE},
            {"name": "plain", "metric_name": "5xxErrorRate", "max": 10, **EDGE},
            {"name": "few", "metric_name": "CacheHitRate", "weighted_by": "Requests", "min": 70, "min_count": 5000, **EDGE},
            {"name": "misspelt", "metric_name": "5xxErorRate", "weighted_by": "Requests", "max": 1, **EDGE},
            {"name": "misspelt share", "metric_name": "5xxErorRate", "percent_of": "Requests", "max": 1, **EDGE},
            {"name": "none of it", "metric_name": "5xxCount", "percent_of": "Requests", "missing_is_zero": True, "max": 1, **EDGE},
        ]
    )
    values = {one["name"]: one["value"] for one in result["checks"]}
    assert verdicts(result) == {
        "errors": "BAD",
        "hits": "OK",
        "plain": "OK",
        "few": "UNKNOWN",
        "misspelt": "UNKNOWN",
        "misspelt share": "UNKNOWN",
        "none of it": "OK",
    }
    assert (values["errors"], values["hits"], values["plain"], values["none of it"]) == (2, 82, 10, 0)
    assert "errors: expected at most 1 %, got 2 % of 1,000 Requests in the last 5 min" in result["summary"]


def test_only_what_came_since_then_counts(watch: Watch) -> None:
    watch.metric("Requests", 100, 100, ago=3)
    watch.metric("5xxErrorRate", 50, 50, ago=3)
    asked = {"name": "errors", "metric_name": "5xxErrorRate", "weighted_by": "Requests", "max": 1, **EDGE}
    assert watch.check(metrics=[asked])["verdict"] == "BAD"
    since = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    quiet = watch.check(metrics=[asked], since=since)
    assert quiet["verdict"] == "UNKNOWN"
    assert "no data since" in quiet["summary"]
    watch.metric("Requests", 100)
    watch.metric("5xxErrorRate", 0)
    assert watch.check(metrics=[asked], since=since)["verdict"] == "OK"
    assert watch.check(metrics=[asked], since=(datetime.now(UTC) + timedelta(minutes=2)).isoformat())["verdict"] == "UNKNOWN"


def test_it_waits_until_all_is_well(watch: Watch) -> None:
    watch.alarm("shop-5xx", "ALARM")
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        watch.alarm("shop-5xx", "OK")

    options = {name: option.get("default") for name, option in CHECK.arguments.items()}
    options |= {**KEYS, "endpoint_url": watch.url, "alarms": ["shop-5xx"], "timeout": 60, "poll": 0.01}
    recorded: list[dict[str, Any]] = []
    result = outcome(CHECK, options, Run(tell=tell, record=lambda event, **fields: recorded.append({"event": event, **fields})))
    assert result["verdict"] == "OK", result
    assert "shop-5xx: expected OK, got ALARM" in told[0]
    assert [(one["event"], one["verdict"]) for one in recorded] == [("checked", "OK")]


def test_failing_is_asked_for(watch: Watch) -> None:
    watch.alarm("shop-5xx", "ALARM")
    assert "failed" not in watch.check(alarms=["shop-5xx"])
    failed = watch.check(alarms=["shop-5xx"], fail=True, check=True)
    assert failed["failed"]
    assert failed["msg"].startswith("0 of 1 CloudWatch checks are well; shop-5xx: expected OK, got ALARM")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "nothing is asked for"),
        ({"metrics": [{"name": "x", "metric_name": "y", "namespace": "z"}]}, "has no limit"),
        ({"metrics": [{"name": "x", "metric_name": "y", "namespace": "z", "max": 1, "percent_of": "a", "weighted_by": "b"}]}, "both"),
        ({"alarms": ["x"], "metrics": [{"name": "x", "metric_name": "y", "namespace": "z", "max": 1}]}, "same name"),
        ({"alarms": ["x"], "metrics": [{"name": "y", "metric_name": "y", "namespace": "z", "max": 1}], "since": "soon"}, "not a time"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], words: str) -> None:
    refused = printed_by(cloudwatch_check.main, endpoint_url="http://127.0.0.1:1", **KEYS, **options)
    assert refused["failed"]
    assert words in refused["msg"]


def test_an_aws_that_does_not_answer_or_denies_is_unknown_and_says_why() -> None:
    metric = {"name": "errors", "metric_name": "5xxErrorRate", "max": 1, **EDGE}
    nobody = printed_by(cloudwatch_check.main, endpoint_url=f"http://127.0.0.1:{free_ports()}", alarms=["a"], metrics=[metric], **KEYS)
    assert verdicts(nobody) == {"a": "UNKNOWN", "errors": "UNKNOWN"}
    assert "cannot be reached" in nobody["summary"]
    with Proxy("http://nowhere.invalid", answering(DENIED)) as aws:
        denied = printed_by(cloudwatch_check.main, endpoint_url=aws.url, alarms=["a"], **KEYS)
    assert denied["verdict"] == "UNKNOWN"
    assert "cloudwatch:DescribeAlarms" in denied["hint"]
    assert "hush-hush" not in str(denied)
