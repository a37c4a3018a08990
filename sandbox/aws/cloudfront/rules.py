"""What CloudFront refuses in a configuration: what changes that may not, what is missing, what names something that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.aws.cloudfront.refusals import refused
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

_VERSION = re.compile(r"arn:aws:lambda:us-east-1:\d{12}:function:([A-Za-z0-9-_]+):(\d+)")
_WANTED_ON_UPDATE = (
    *("Aliases", "DefaultRootObject", "CacheBehaviors", "CustomErrorResponses", "Logging", "PriceClass"),
    *("ViewerCertificate", "Restrictions", "WebACLId", "HttpVersion"),
)
_POLICIES = {
    "CachePolicyId": ("cache-policy", "NoSuchCachePolicy"),
    "OriginRequestPolicyId": ("origin-request-policy", "NoSuchOriginRequestPolicy"),
    "ResponseHeadersPolicyId": ("response-headers-policy", "NoSuchResponseHeadersPolicy"),
}
MANAGED = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": (1, 86400, 31536000),  # CachingOptimized
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": (0, 0, 0),  # CachingDisabled
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": None,  # AllViewerExceptHostHeader
    "216adef6-5c7f-47e4-b989-5492eafa07d3": None,  # AllViewer
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": None,  # CORS-S3Origin
    "67f7725c-6f97-4210-82d7-5512b31e9d03": None,  # SecurityHeadersPolicy
}
"""Policies that AWS manages, with the seconds that those for caches name: at least, by default, at most."""


def behaviours(config: Row) -> Iterator[tuple[str, Row]]:
    """Each with its path pattern, the default one last, as `*`."""
    for one in config.get("CacheBehaviors", {}).get("Items", []):
        yield one["PathPattern"], one
    yield "*", config["DefaultCacheBehavior"]


async def check(aws: Aws, config: Row, row: Row | None) -> None:
    """Raise CloudFront's refusal; `row` is the distribution that is to have it."""
    if row:
        if config["CallerReference"] != row["config"]["CallerReference"]:
            raise refused("IllegalUpdate", "The update contains modifications that are not allowed.")
        if missing := [name for name in _WANTED_ON_UPDATE if name not in config]:
            raise refused("InvalidArgument", f"The parameter {missing[0]} is required.")
    _quantities(config, "DistributionConfig")
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    for _pattern, behaviour in behaviours(config):
        if behaviour["TargetOriginId"] not in origins:
            raise refused("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
        if ("CachePolicyId" in behaviour) == ("ForwardedValues" in behaviour):
            words = "cannot be used when a cache policy is associated" if "CachePolicyId" in behaviour else "is required"
            raise refused("InvalidArgument", f"The parameter ForwardedValues {words}.")
        await _named_by(aws, behaviour)
    for origin in config["Origins"]["Items"]:
        control = origin.get("OriginAccessControlId")
        if control and not await aws.has(f"cloudfront:/2020-05-31/origin-access-control/{control}"):
            raise refused("InvalidOriginAccessControl", "The origin access control is not valid.")
    await _names(aws, config, row)


def _quantities(value: Any, where: str) -> None:
    if isinstance(value, dict):
        if "Quantity" in value and value["Quantity"] != len(value.get("Items") or []):
            raise refused("InconsistentQuantities", f"The value of Quantity and the size of Items do not match in {where}.")
        for name, inside in value.items():
            _quantities(inside, name)
    for one in value if isinstance(value, list) else []:
        _quantities(one, where)


async def _named_by(aws: Aws, behaviour: Row) -> None:
    for name, (path, code) in _POLICIES.items():
        policy = behaviour.get(name)
        if policy and policy not in MANAGED and not await aws.has(f"cloudfront:/2020-05-31/{path}/{policy}"):
            raise refused(code, f"The {path.replace('-', ' ')} does not exist.")
    events = []
    for one in behaviour.get("LambdaFunctionAssociations", {}).get("Items", []):
        events.append(one["EventType"])
        found = _VERSION.fullmatch(one["LambdaFunctionARN"])
        if not found:
            words = "The function ARN must reference a specific function version in us-east-1. (The ARN must end with the version number.)"
            raise refused("InvalidLambdaFunctionAssociation", f"{words} ARN: {one['LambdaFunctionARN']}")
        if not await aws.has(f"lambda:/2015-03-31/functions/{found[1]}/configuration?Qualifier={found[2]}"):
            raise refused("InvalidLambdaFunctionAssociation", f"The function doesn't exist: {one['LambdaFunctionARN']}")
    if len(set(events)) != len(events):
        raise refused("InvalidLambdaFunctionAssociation", "There is more than one function association for the same event type.")
    for one in behaviour.get("FunctionAssociations", {}).get("Items", []):
        name = one["FunctionARN"].rpartition("/")[2]
        if not await aws.has(f"cloudfront:/2020-05-31/function/{name}/describe?Stage=LIVE"):
            raise refused("InvalidFunctionAssociation", "A CloudFront function association is invalid.")


async def _names(aws: Aws, config: Row, row: Row | None) -> None:
    """Host names, the certificate that they need, and the firewall."""
    aliases = set(config.get("Aliases", {}).get("Items") or [])
    for other in aws.rows["distributions"].values():
        if other is not row and aliases & set(other["config"]["Aliases"].get("Items") or []):
            raise refused("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource.")
    shown = config.get("ViewerCertificate", {})
    arn = shown.get("ACMCertificateArn")
    if aliases and not (arn or shown.get("IAMCertificateId")):
        raise refused("InvalidViewerCertificate", "To add an alternate domain name (CNAME) you must attach a trusted certificate.")
    if arn and (":us-east-1:" not in arn or not await aws.has_certificate(arn)):
        raise refused("InvalidViewerCertificate", "The specified SSL certificate doesn't exist, isn't in us-east-1 region, or isn't valid.")
    if (firewall := config.get("WebACLId")) and firewall not in aws.rows["web_acls"]:
        raise refused("InvalidWebACLId", "A web ACL ID specified is not valid.")
