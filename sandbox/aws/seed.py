"""The shop at AWS as it was left on the last Friday: a distribution, two buckets with versions, the header function's releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.aws import config_history, contents
from sandbox.aws.cloudfront import invalidations
from sandbox.aws.cloudfront.distributions import row_of, set_config
from sandbox.aws.header_function import KINDS, archive, code
from sandbox.aws.processes import ACCOUNT
from sandbox.clock import DAY, MINUTE, iso, now_ms
from sandbox.emulator import Refusal
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

DISTRIBUTION = "E1RACHELFOODS1"
FUNCTION = "security-headers"
UPLOADS = "uploads"
PICTURES = {"/uploads/menu.json": "dishes", "/uploads/products/bread.svg": "<svg", "/uploads/products/honey.svg": "<svg"}
"""What each customer loads through the edge, and a word that is in it."""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/edge"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/0c1a52b8-6d3e-4b7a-9f21-5e8d7c6b4a39"
OPTIMIZED, DISABLED = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# Days before Friday, commit message: the versions 1, 2 and 3.
_VERSIONS = [(30, "Security headers at the edge"), (12, "Strict transport security for two years"), (2, "A policy for scripts and styles")]


def history(friday: int) -> Row:
    """CloudFront's side; what is in the buckets and in Lambda is filled in when they run."""
    first = row_of(config(1), friday - _VERSIONS[0][0] * DAY, DISTRIBUTION, {"team": "checkout"})
    recorded = []
    for number, (days, _message) in enumerate(_VERSIONS, 1):
        at = friday - days * DAY + 6 * MINUTE
        first = row_of(config(number), at, DISTRIBUTION, first["tags"])
        recorded.append(config_history.item(first, at, number))
    return {
        "friday": friday,
        "filled": False,
        "distributions": {DISTRIBUTION: first},
        "invalidations": {},
        "recorded": recorded,
        "certificates": [CERTIFICATE],
        "web_acls": [],
        "faults": [],
    }


def function_arn(number: int) -> str:
    return f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:{number}"


def config(version: int) -> Row:
    """The distribution's configuration with that version of the header function."""
    return {
        "CallerReference": "rachelfoods-2025-11-03",
        "Aliases": {"Quantity": 1, "Items": ["edge.rachelfoods.test"]},
        "DefaultRootObject": "",
        "Origins": {"Quantity": 3, "Items": [_shop(), _bucket(contents.ASSETS), _bucket(contents.UPLOADS)]},
        "OriginGroups": {"Quantity": 0},
        "DefaultCacheBehavior": _behaviour("storefront", DISABLED, version),
        "CacheBehaviors": {
            "Quantity": 2,
            "Items": [
                {"PathPattern": "/assets/*", **_behaviour(contents.ASSETS, OPTIMIZED, version)},
                {"PathPattern": "/uploads/*", **_behaviour(contents.UPLOADS, OPTIMIZED, version)},
            ],
        },
        "CustomErrorResponses": {"Quantity": 0},
        "Comment": "Rachel Foods",
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "PriceClass": "PriceClass_All",
        "Enabled": True,
        "ViewerCertificate": {
            "CloudFrontDefaultCertificate": False,
            "ACMCertificateArn": CERTIFICATE,
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "Certificate": CERTIFICATE,
            "CertificateSource": "acm",
        },
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2",
        "IsIPV6Enabled": True,
        "ContinuousDeploymentPolicyId": "",
        "Staging": False,
    }


def _behaviour(origin: str, policy: str, version: int) -> Row:
    methods = ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"] if policy == DISABLED else ["HEAD", "GET"]
    return {
        "TargetOriginId": origin,
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": {
            "Quantity": len(methods),
            "Items": methods,
            "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
        },
        "SmoothStreaming": False,
        "Compress": True,
        "LambdaFunctionAssociations": {
            "Quantity": 1,
            "Items": [{"LambdaFunctionARN": function_arn(version), "EventType": "origin-response", "IncludeBody": False}],
        },
        "FunctionAssociations": {"Quantity": 0},
        "FieldLevelEncryptionId": "",
        "CachePolicyId": policy,
    }


def _origin(id: str, domain: str) -> Row:
    return {
        "Id": id,
        "DomainName": domain,
        "OriginPath": "",
        "CustomHeaders": {"Quantity": 0},
        "ConnectionAttempts": 3,
        "ConnectionTimeout": 10,
        "OriginShield": {"Enabled": False},
        "OriginAccessControlId": "",
    }


def _shop() -> Row:
    custom = {
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "http-only",
        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
        "OriginReadTimeout": 30,
        "OriginKeepaliveTimeout": 5,
    }
    return {**_origin("storefront", "shop.rachelfoods.test"), "CustomOriginConfig": custom}


def _bucket(name: str) -> Row:
    return {**_origin(name, f"{name}.s3.{contents.REGION}.amazonaws.com"), "S3OriginConfig": {"OriginAccessIdentity": ""}}


def fill(aws: Aws) -> None:
    """Buckets, objects and versions of the function, dated as the history says."""
    friday = aws.rows["friday"]
    dated = contents.fill(aws.client("s3", contents.REGION), friday)
    for number, (days, message) in enumerate(_VERSIONS, 1):
        told = publish(aws.lambdas, "good", message, first=number == 1)
        dated.append({"function": FUNCTION, "version": told["Version"], "at": _lambda_time(friday - days * DAY)})
    dated.append({"function": FUNCTION, "version": "$LATEST", "at": dated[-1]["at"]})
    aws.date(dated)
    contents.alarms(aws.client("cloudwatch"), DISTRIBUTION)


def _lambda_time(ms: int) -> str:
    return str(iso(ms))[:23] + "+0000"


def publish(lambdas: Any, kind: str, message: str, first: bool = False) -> Row:
    packed = archive(code(kind, message))
    if first:
        runtime: Row = {"Runtime": "python3.13", "Handler": "index.handler", "Role": ROLE, "Code": {"ZipFile": packed}}
        lambdas.create_function(FunctionName=FUNCTION, Description=message, **runtime)
    else:
        lambdas.update_function_code(FunctionName=FUNCTION, ZipFile=packed)
    told: Row = lambdas.publish_version(FunctionName=FUNCTION, Description=message)
    return told


def ship(aws: Aws, target: str, kind: str, message: str) -> Row:
    """A release of the header function, or what a job does to the uploads, which invalidates them as it always has."""
    if target == UPLOADS:
        changed = contents.ship(aws.client("s3", contents.REGION), kind)
        paths = {"Quantity": 1, "Items": ["/uploads/*"]}
        invalidations.start(aws, DISTRIBUTION, {"CallerReference": f"uploads-{now_ms()}", "Paths": paths})
        aws.state.run_due()
        return {"release": None, "commit": "", "at": now_ms(), "held": False, "changed": changed}
    if target != FUNCTION or kind not in KINDS:
        raise Refusal(400, f"{target} cannot be {kind}; {FUNCTION} can be {', '.join(KINDS)}", "bad_request")
    told = publish(aws.lambdas, kind, message or f"{kind} at {now_ms()}")
    row = aws.rows["distributions"][DISTRIBUTION]
    set_config(aws, row, with_function(row["config"], int(told["Version"])))
    aws.state.run_due()
    return {"release": told["Version"], "commit": told["CodeSha256"], "at": now_ms(), "held": False}


def with_function(config: Row, number: int) -> Row:
    """The configuration with that version wherever the header function is."""
    changed = {**config}
    arn = function_arn(number)

    def switched(behaviour: Row) -> Row:
        kept = behaviour["LambdaFunctionAssociations"]
        name = f":function:{FUNCTION}:"
        items = [{**one, "LambdaFunctionARN": arn} if name in one["LambdaFunctionARN"] else one for one in kept.get("Items", [])]
        return {**behaviour, "LambdaFunctionAssociations": {**kept, **({"Items": items} if items else {})}}

    changed["DefaultCacheBehavior"] = switched(config["DefaultCacheBehavior"])
    if config["CacheBehaviors"].get("Items"):
        changed["CacheBehaviors"] = {**config["CacheBehaviors"], "Items": [switched(one) for one in config["CacheBehaviors"]["Items"]]}
    return changed
