"""CloudFront as its own clients see it: what an update keeps, what it refuses, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from sandbox.testing import Box

ID = "E1RACHELFOODS1"
Eventually = Callable[[Callable[[], Any]], Any]


def read(cloudfront: Any) -> tuple[dict[str, Any], str]:
    got = cloudfront.get_distribution_config(Id=ID)
    return got["DistributionConfig"], got["ETag"]


def update(cloudfront: Any, **changes: Any) -> Any:
    config, etag = read(cloudfront)
    return cloudfront.update_distribution(Id=ID, DistributionConfig=config | changes, IfMatch=etag)


def with_function(cloudfront: Any, arn: str) -> dict[str, Any]:
    config, _etag = read(cloudfront)
    items = [{"LambdaFunctionARN": arn, "EventType": "origin-response", "IncludeBody": False}]
    return config["DefaultCacheBehavior"] | {"LambdaFunctionAssociations": {"Quantity": 1, "Items": items}}


def status(cloudfront: Any) -> str:
    return str(cloudfront.get_distribution(Id=ID)["Distribution"]["Status"])


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_what_is_read_can_be_sent_and_is_the_same(cloudfront: Any) -> None:
    config, etag = read(cloudfront)
    told = update(cloudfront)
    assert told["ETag"] != etag
    assert read(cloudfront) == (config, told["ETag"])


def test_an_update_replaces_and_takes_its_time(aws: Box, cloudfront: Any, eventually: Eventually) -> None:
    assert status(cloudfront) == "Deployed"
    aws.control("stuck", target="aws")
    assert update(cloudfront, Comment="another")["Distribution"]["Status"] == "InProgress"
    assert status(cloudfront) == "InProgress"
    aws.control("stuck", target="aws", on=False)
    eventually(lambda: status(cloudfront) == "Deployed")
    assert read(cloudfront)[0]["Comment"] == "another"


def test_one_point_of_presence_that_lags_is_not_deployed(aws: Box, cloudfront: Any, eventually: Eventually) -> None:
    aws.control("stuck", target="SIN2-C1")
    update(cloudfront, Comment="another")
    assert status(cloudfront) == "InProgress"
    aws.control("stuck", target="SIN2-C1", on=False)
    eventually(lambda: status(cloudfront) == "Deployed")


def test_an_etag_is_wanted_and_has_to_be_the_last_one(cloudfront: Any) -> None:
    config, etag = read(cloudfront)
    update(cloudfront)
    assert refused(lambda: cloudfront.update_distribution(Id=ID, DistributionConfig=config, IfMatch=etag)) == "PreconditionFailed"
    assert refused(lambda: cloudfront.update_distribution(Id=ID, DistributionConfig=config)) == "InvalidIfMatchVersion"


def test_of_two_at_once_one_is_too_late(cloudfront: Any) -> None:
    config, etag = read(cloudfront)

    def updated(comment: str) -> str:
        try:
            cloudfront.update_distribution(Id=ID, DistributionConfig=config | {"Comment": comment}, IfMatch=etag)
        except ClientError as late:
            return str(late.response["Error"]["Code"])
        return comment

    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(updated, ("one", "two")))
    assert told.count("PreconditionFailed") == 1
    assert read(cloudfront)[0]["Comment"] in told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"CallerReference": "another"}, "IllegalUpdate"),
        ({"Aliases": {"Quantity": 2, "Items": ["edge.rachelfoods.test"]}}, "InconsistentQuantities"),
        ({"WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/gone/1"}, "InvalidWebACLId"),
        ({"ViewerCertificate": {"CloudFrontDefaultCertificate": True}}, "InvalidViewerCertificate"),
    ],
)
def test_what_may_not_change(cloudfront: Any, changes: dict[str, Any], code: str) -> None:
    assert refused(lambda: update(cloudfront, **changes)) == code


@pytest.mark.parametrize("left_out", ["Aliases", "HttpVersion", "CacheBehaviors"])
def test_an_update_is_a_whole_configuration(cloudfront: Any, left_out: str) -> None:
    config, etag = read(cloudfront)
    del config[left_out]
    assert refused(lambda: cloudfront.update_distribution(Id=ID, DistributionConfig=config, IfMatch=etag)) == "InvalidArgument"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"CachePolicyId": "0d4f7a10-0000-4000-8000-000000000000"}, "NoSuchCachePolicy"),
        ({"ResponseHeadersPolicyId": "0d4f7a10-0000-4000-8000-000000000000"}, "NoSuchResponseHeadersPolicy"),
        ({"OriginRequestPolicyId": "0d4f7a10-0000-4000-8000-000000000000"}, "NoSuchOriginRequestPolicy"),
        ({"TargetOriginId": "gone"}, "NoSuchOrigin"),
    ],
)
def test_what_is_named_has_to_be_there(cloudfront: Any, changes: dict[str, Any], code: str) -> None:
    behaviour = read(cloudfront)[0]["DefaultCacheBehavior"] | changes
    assert refused(lambda: update(cloudfront, DefaultCacheBehavior=behaviour)) == code


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:lambda:us-east-1:123456789012:function:security-headers",
        "arn:aws:lambda:us-east-1:123456789012:function:security-headers:$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:function:security-headers:99",
        "arn:aws:lambda:eu-west-1:123456789012:function:security-headers:1",
        "arn:aws:lambda:us-east-1:123456789012:function:another:1",
    ],
)
def test_a_function_is_a_version_that_is_there(cloudfront: Any, arn: str) -> None:
    assert refused(lambda: update(cloudfront, DefaultCacheBehavior=with_function(cloudfront, arn))) == "InvalidLambdaFunctionAssociation"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<DistributionConfig><Surprise/></DistributionConfig>", "Surprise"),
        ("<DistributionConfig><Enabled>maybe</Enabled></DistributionConfig>", "maybe"),
        ("<DistributionConfig><PriceClass>PriceClass_7</PriceClass></DistributionConfig>", "PriceClass"),
        ("<DistributionConfig/>", "CallerReference"),
        ("<DistributionConfig>", "no XML"),
    ],
)
def test_a_call_is_read_as_the_description_has_it(aws: Box, body: str, says: str) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=AKIASANDBOX/20260101/us-east-1/cloudfront/aws4_request"
    headers = {"Authorization": scope, "If-Match": "E1"}
    answer = requests.put(f"{aws.aws_url}/2020-05-31/distribution/{ID}/config", body, headers=headers, timeout=10)
    assert (answer.status_code, "MalformedInput" in answer.text, says in answer.text) == (400, True, True)


def test_an_earlier_version_is_put_back(cloudfront: Any) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:security-headers:2"
    update(cloudfront, DefaultCacheBehavior=with_function(cloudfront, arn))
    shown = read(cloudfront)[0]["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"]
    assert [one["LambdaFunctionARN"] for one in shown] == [arn]


def invalidate(cloudfront: Any, reference: str, *paths: str) -> Any:
    batch = {"CallerReference": reference, "Paths": {"Quantity": len(paths), "Items": list(paths)}}
    return cloudfront.create_invalidation(DistributionId=ID, InvalidationBatch=batch)["Invalidation"]


def test_an_invalidation_takes_its_time(aws: Box, cloudfront: Any, eventually: Eventually) -> None:
    aws.control("stuck", target="IAD89-C3")
    made = invalidate(cloudfront, "one", "/*")
    assert made["Status"] == "InProgress"
    assert cloudfront.get_distribution(Id=ID)["Distribution"]["InProgressInvalidationBatches"] == 1
    aws.control("stuck", target="IAD89-C3", on=False)
    eventually(lambda: cloudfront.get_invalidation(DistributionId=ID, Id=made["Id"])["Invalidation"]["Status"] == "Completed")
    assert [row["Id"] for row in cloudfront.list_invalidations(DistributionId=ID)["InvalidationList"]["Items"]] == [made["Id"]]


def test_a_reference_means_one_invalidation(cloudfront: Any) -> None:
    made = invalidate(cloudfront, "one", "/checkout")
    assert invalidate(cloudfront, "one", "/checkout")["Id"] == made["Id"]
    assert refused(lambda: invalidate(cloudfront, "one", "/another")) == "InvalidArgument"
    assert refused(lambda: invalidate(cloudfront, "two", "without-a-slash")) == "InvalidArgument"


def test_config_has_recorded_what_was_configured(aws: Box, account: Callable[..., Any], cloudfront: Any) -> None:
    def recorded(**more: Any) -> list[str]:
        kind = {"resourceType": "AWS::CloudFront::Distribution", "resourceId": ID}
        return [row["configuration"] for row in account("config").get_resource_config_history(**kind, **more)["configurationItems"]]

    before = recorded()
    update(cloudfront, Comment="another")
    assert recorded()[1:] == before
    assert '"comment": "another"' in recorded(limit=1)[0]


def test_what_is_ordered_to_fail_fails(aws: Box, cloudfront: Any) -> None:
    aws.control("aws_fault", service="cloudfront", call="PUT", code="AccessDenied", status=403)
    assert refused(lambda: update(cloudfront)) == "AccessDenied"
    update(cloudfront)
    aws.control("outage", vendor="aws")
    assert refused(lambda: status(cloudfront)) == "ServiceUnavailable"
