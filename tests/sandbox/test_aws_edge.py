"""The edge from outside: what visitors of each point of presence get, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.addresses import EDGE
from sandbox.aws.contents import UPLOADS
from sandbox.aws.seed import DISTRIBUTION, FUNCTION
from sandbox.testing import Box

Eventually = Callable[[Callable[[], Any]], Any]
FRANKFURT, SINGAPORE = "FRA56-P4", "SIN2-C1"


def get(aws: Box, path: str, pop: str = FRANKFURT, **more: Any) -> requests.Response:
    return requests.get(aws.edge_urls[pop] + path, timeout=10, **more)


def version(aws: Box, path: str, pop: str = FRANKFURT) -> str:
    return get(aws, path, pop).headers.get("x-edge-version", "none")


def invalidate(cloudfront: Any, *paths: str) -> None:
    batch = {"CallerReference": repr(paths), "Paths": {"Quantity": len(paths), "Items": list(paths)}}
    cloudfront.create_invalidation(DistributionId=DISTRIBUTION, InvalidationBatch=batch)


@pytest.mark.parametrize("pop", EDGE)
def test_an_answer_says_where_it_comes_from(aws: Box, pop: str) -> None:
    first, second = (get(aws, "/assets/shop.css", pop) for _ in range(2))
    assert [answer.headers["x-cache"] for answer in (first, second)] == ["Miss from cloudfront", "Hit from cloudfront"]
    assert "age" not in first.headers
    assert int(second.headers["age"]) >= 0
    assert first.headers["x-amz-cf-pop"] == pop
    assert first.headers["x-amz-cf-id"] != second.headers["x-amz-cf-id"]
    assert first.headers["via"].endswith("(CloudFront)")
    assert first.headers["x-amz-version-id"] == second.headers["x-amz-version-id"]
    assert first.headers["x-edge-version"] == f"{FUNCTION}:3"
    assert "1.1rem" in first.text


def test_pages_come_from_the_shop_and_are_not_kept(aws: Box) -> None:
    answers = [get(aws, "/checkout") for _ in range(2)]
    assert {answer.headers["x-cache"] for answer in answers} == {"Miss from cloudfront"}
    assert "Pay now" in answers[0].text
    assert answers[0].headers["content-security-policy"].startswith("default-src 'self'")


def test_a_bad_function_breaks_the_checkout_everywhere_and_an_earlier_version_mends_it(aws: Box, cloudfront: Any) -> None:
    aws.ship(FUNCTION, "breaks-checkout")
    for pop in EDGE:
        broken = get(aws, "/checkout", pop)
        assert (broken.status_code, broken.headers["x-cache"]) == (503, "LambdaExecutionError from cloudfront")
        assert "form-action 'none'" in get(aws, "/", pop).headers["content-security-policy"]
    _associate(cloudfront, 3)
    assert {(get(aws, "/checkout", pop).status_code, version(aws, "/checkout", pop)) for pop in EDGE} == {(200, f"{FUNCTION}:3")}


def _associate(cloudfront: Any, number: int) -> None:
    got = cloudfront.get_distribution_config(Id=DISTRIBUTION)
    config = got["DistributionConfig"]
    for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]["Items"]):
        association = behaviour["LambdaFunctionAssociations"]["Items"][0]
        association["LambdaFunctionARN"] = f"{association['LambdaFunctionARN'].rpartition(':')[0]}:{number}"
    cloudfront.update_distribution(Id=DISTRIBUTION, DistributionConfig=config, IfMatch=got["ETag"])


def test_what_is_kept_has_the_headers_of_the_function_of_then(aws: Box, cloudfront: Any) -> None:
    aws.ship(FUNCTION, "breaks-checkout")
    assert version(aws, "/assets/shop.css") == f"{FUNCTION}:4"
    _associate(cloudfront, 3)
    assert version(aws, "/assets/shop.css") == f"{FUNCTION}:4"
    invalidate(cloudfront, "/assets/another.css")
    assert version(aws, "/assets/shop.css") == f"{FUNCTION}:4"
    invalidate(cloudfront, "/assets/*")
    assert version(aws, "/assets/shop.css") == f"{FUNCTION}:3"


def test_an_invalidation_before_the_configuration_is_there_keeps_the_bad_answer(aws: Box, cloudfront: Any, eventually: Eventually) -> None:
    aws.ship(FUNCTION, "breaks-checkout")
    aws.control("stuck", target=SINGAPORE)
    _associate(cloudfront, 3)
    assert (version(aws, "/assets/shop.css"), version(aws, "/assets/shop.css", SINGAPORE)) == (f"{FUNCTION}:3", f"{FUNCTION}:4")
    aws.control("stuck", target=SINGAPORE, on=False)
    eventually(lambda: cloudfront.get_distribution(Id=DISTRIBUTION)["Distribution"]["Status"] == "Deployed")
    assert version(aws, "/assets/shop.css", SINGAPORE) == f"{FUNCTION}:4"
    invalidate(cloudfront, "/*")
    assert version(aws, "/assets/shop.css", SINGAPORE) == f"{FUNCTION}:3"


def test_overwritten_uploads_are_seen_and_so_are_those_put_back(aws: Box, account: Callable[..., Any], cloudfront: Any) -> None:
    picture = "/uploads/products/bread.svg"
    good = get(aws, picture)
    aws.ship("uploads", "breaks-checkout")
    assert get(aws, picture).content == b""
    assert get(aws, "/uploads/products/honey.svg").status_code == 404
    s3 = account("s3", "eu-west-1")
    source = {"Bucket": UPLOADS, "Key": picture[1:], "VersionId": good.headers["x-amz-version-id"]}
    s3.copy_object(Bucket=UPLOADS, Key=picture[1:], CopySource=source)
    assert get(aws, picture).content == b""
    invalidate(cloudfront, picture)
    back = get(aws, picture)
    assert (back.text, back.headers["content-type"]) == (good.text, "image/svg+xml")


CODE = {
    "says no": ("viewer-request", 'return {"status": "403", "headers": {}, "body": "no"}', 403, "LambdaGeneratedResponse"),
    "turns": ("viewer-request", 'request["uri"] = "/assets/logo-5f21.svg"; return request', 200, "Miss"),
    "asks for another": ("origin-request", 'request["uri"] = "/assets/shop.css"; return request', 200, "Miss"),
    "adds": ("viewer-response", 'response["headers"]["x-own"] = [{"value": event_type}]; return response', 200, "Miss"),
    "is no response": ("viewer-response", "return 7", 502, "LambdaValidationError"),
    "is broken": ("origin-response", "return 1 / 0", 503, "LambdaExecutionError"),
}


@pytest.mark.parametrize("what", CODE)
def test_functions_of_every_kind_are_really_run(aws: Box, account: Callable[..., Any], cloudfront: Any, what: str) -> None:
    from sandbox.aws.header_function import archive

    kind, does, status, cache = CODE[what]
    source = f"""def handler(event, context):
    cf = event["Records"][0]["cf"]
    request, response, event_type = cf["request"], cf.get("response"), cf["config"]["eventType"]
    {does}
"""
    made = account("lambda").create_function(
        FunctionName="own", Runtime="python3.13", Handler="index.handler", Role="arn:aws:iam::123456789012:role/edge",
        Code={"ZipFile": archive(source)}, Publish=True,
    )  # fmt: skip
    got = cloudfront.get_distribution_config(Id=DISTRIBUTION)
    arn = f"{made['FunctionArn'].removesuffix(':1')}:1"
    items = [{"LambdaFunctionARN": arn, "EventType": kind, "IncludeBody": False}]
    got["DistributionConfig"]["CacheBehaviors"]["Items"][0]["LambdaFunctionAssociations"] = {"Quantity": 1, "Items": items}
    cloudfront.update_distribution(Id=DISTRIBUTION, DistributionConfig=got["DistributionConfig"], IfMatch=got["ETag"])
    answer = get(aws, "/assets/shop.css")
    assert (answer.status_code, answer.headers["x-cache"]) == (status, f"{cache} from cloudfront")
    assert answer.headers.get("x-own") == (kind if what == "adds" else None)
    assert ("<svg" in answer.text) == (what == "turns")


def test_what_visitors_get_is_in_cloudwatch(aws: Box, account: Callable[..., Any], eventually: Eventually) -> None:
    aws.ship(FUNCTION, "breaks-checkout")
    for _ in range(4):
        get(aws, "/checkout")
    cloudwatch = account("cloudwatch")

    def highest() -> float:
        asked = {
            "Id": "errors",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/CloudFront",
                    "MetricName": "5xxErrorRate",
                    "Dimensions": [{"Name": "DistributionId", "Value": DISTRIBUTION}, {"Name": "Region", "Value": "Global"}],
                },
                "Period": 60,
                "Stat": "Average",
            },
        }
        told = cloudwatch.get_metric_data(MetricDataQueries=[asked], StartTime="2026-01-01T00:00:00Z", EndTime="2100-01-01T00:00:00Z")
        return max(told["MetricDataResults"][0]["Values"], default=0.0)

    eventually(lambda: highest() > 5)
    eventually(lambda: cloudwatch.describe_alarms(AlarmNames=["edge-5xx"])["MetricAlarms"][0]["StateValue"] == "ALARM")
