"""What each part of the edge scenario may do, and the whole of it, from the calls of modules on the sandbox's AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.lastgood.recovery.plugins.modules import (
    cloudfront_config,
    cloudfront_invalidation,
    cloudwatch_check,
    lambda_edge_release,
    s3_objects,
)

from sandbox.aws.contents import REGION, UPLOADS
from sandbox.aws.processes import ACCOUNT
from sandbox.aws.seed import DISTRIBUTION, FUNCTION
from sandbox.testing import Box
from tests.contract.bench import now, printed_by
from tests.iam.policies import agrees
from tests.vendor_proxy import Answer, Exchange, Proxy, answering

POLICIES = ("CachePolicyId", "OriginRequestPolicyId", "ResponseHeadersPolicyId", "FieldLevelEncryptionId")
KEYS: dict[str, Any] = {"access_key": "AKIASANDBOX", "secret_key": "hush-hush-secret"}
AT: dict[str, Any] = {"distribution": DISTRIBUTION, "poll": 0.02, **KEYS}


@pytest.fixture
def box(aws: Box) -> Box:
    return aws


@contextmanager
def asked(box: Box) -> Iterator[Proxy]:
    with Proxy(box.aws_url) as aws:
        yield aws


def done(module: Any, aws: Proxy, **wanted: Any) -> dict[str, Any]:
    result = printed_by(module.main, False, endpoint_url=aws.url, **wanted)
    assert "failed" not in result, result
    return result


def objects_back(box: Box, aws: Proxy, state: Path, method: str) -> list[Exchange]:
    good_at = now()
    box.ship("uploads", "breaks-checkout")
    aws.begin()
    where = {"region": REGION, "bucket": UPLOADS, "state_dir": str(state), **KEYS}
    assert done(s3_objects, aws, good_at=_before_this_second(good_at), method=method, **where)["changed"]
    return aws.log


def _before_this_second(at: str) -> str:
    """The seeds are days old, and S3 counts in whole seconds."""
    return at[:11] + "00:00:00+00:00"


def function_back(box: Box, aws: Proxy) -> list[Exchange]:
    box.ship(FUNCTION, "breaks-checkout")
    aws.begin()
    done(lambda_edge_release, aws, event="origin-response", bad_at=now(), aws_config=True, **AT)
    return aws.log


def config_back(box: Box, aws: Proxy) -> list[Exchange]:
    good_at = now()
    box.ship(FUNCTION, "breaks-checkout")
    aws.begin()
    done(cloudfront_config, aws, good_at=good_at, aws_config=True, **AT)
    return aws.log


def everything_looked_for(box: Box, aws: Proxy, file: Path) -> list[Exchange]:
    """A configuration that refers to one of everything, none of which is there."""
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    live = boto3.client("cloudfront", endpoint_url=box.aws_url, **keys).get_distribution_config(Id=DISTRIBUTION)
    config = live["DistributionConfig"]
    config["DefaultCacheBehavior"] |= dict.fromkeys(POLICIES, "none") | {
        "RealtimeLogConfigArn": f"arn:aws:cloudfront::{ACCOUNT}:realtime-log-config/none",
        "TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": ["none"]},
        "FunctionAssociations": {"Quantity": 1, "Items": [{"FunctionARN": f"arn:aws:cloudfront::{ACCOUNT}:function/none"}]},
    }
    config["AnycastIpListId"] = "none"
    config["WebACLId"] = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/none/0c1a52b8-6d3e-4b7a-9f21-5e8d7c6b4a39"
    config["ViewerCertificate"]["ACMCertificateArn"] = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/none"
    shop, *buckets = config["Origins"]["Items"]
    shop["VpcOriginConfig"] = {"VpcOriginId": "none"}
    for origin in buckets:
        origin |= {"OriginAccessControlId": "none", "DomainName": "none.s3.eu-west-1.amazonaws.com"}
        origin["S3OriginConfig"] = {"OriginAccessIdentity": "origin-access-identity/cloudfront/none"}
    held = {"distribution": DISTRIBUTION, "etag": live["ETag"], "config": config, "modified": now(), "captured_at": now(), "functions": {}}
    file.write_text(json.dumps(held))
    aws.begin(answering(Answer(404), to=lambda call: DISTRIBUTION not in call.path))
    told = printed_by(cloudfront_config.main, True, endpoint_url=aws.url, recovery_point=str(file), **AT)
    assert len(told["gone"]) >= len(POLICIES) + 7, told
    return aws.log


def forgotten(aws: Proxy) -> list[Exchange]:
    aws.begin()
    done(cloudfront_invalidation, aws, paths=["/*"], **AT)
    done(cloudfront_invalidation, aws, paths=["/*"], not_before=now()[:11] + "00:00:00+00:00", **AT)
    return aws.log


@pytest.mark.parametrize(("name", "method"), [("s3-objects", "copy"), ("s3-objects-rewind", "rewind")])
def test_objects(box: Box, tmp_path: Path, name: str, method: str) -> None:
    with asked(box) as aws:
        agrees(name, objects_back(box, aws, tmp_path, method))


def test_a_function(box: Box) -> None:
    with asked(box) as aws:
        agrees("lambda-edge-release", function_back(box, aws))


def test_a_configuration(box: Box, tmp_path: Path) -> None:
    with asked(box) as aws:
        calls = config_back(box, aws)
        agrees("cloudfront-config", [*calls, *everything_looked_for(box, aws, tmp_path / "capture.json")])


def test_an_invalidation(box: Box) -> None:
    with asked(box) as aws:
        agrees("cloudfront-invalidation", forgotten(aws))


def test_the_whole_scenario(box: Box, tmp_path: Path) -> None:
    with asked(box) as aws:
        calls = objects_back(box, aws, tmp_path, "copy") + function_back(box, aws) + forgotten(aws)
        aws.begin()
        done(cloudwatch_check, aws, region="us-east-1", alarms=["edge-5xx"], metrics=[METRIC], **KEYS)
        agrees("rollback-edge", calls + aws.log)


METRIC = {"name": "errors", "namespace": "AWS/CloudFront", "metric_name": "5xxErrorRate", "max": 1}
