# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether everything that a configuration refers to is still there: CloudFront tells of one thing that is gone at a time, if at all."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import functions
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.access import at_home
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Config, Distribution

_BY_ID = {
    "CachePolicyId": ("GetCachePolicy", "Id"),
    "OriginRequestPolicyId": ("GetOriginRequestPolicy", "Id"),
    "ResponseHeadersPolicyId": ("GetResponseHeadersPolicy", "Id"),
    "FieldLevelEncryptionId": ("GetFieldLevelEncryptionConfig", "Id"),
    "RealtimeLogConfigArn": ("GetRealtimeLogConfig", "ARN"),
    "OriginAccessControlId": ("GetOriginAccessControl", "Id"),
    "AnycastIpListId": ("GetAnycastIpList", "Id"),
    "VpcOriginId": ("GetVpcOrigin", "Id"),
}
_BUCKET = re.compile(r"(?P<bucket>.+?)\.s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")
_KEY_GROUP = "TrustedKeyGroup"
_FIREWALL = re.compile(r"arn:[\w-]+:wafv2:us-east-1:\d+:global/webacl/(?P<Name>[^/]+)/(?P<Id>[^/]+)")


@dataclass
class Checked:
    """C(gone) says what CloudFront would refuse, C(unknown) what nobody was allowed to look at, C(count) how many are there."""

    gone: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    count: int = 0


def check(distribution: Distribution, config: Config, live: Config) -> Checked:
    """Ask for each thing once; what the live configuration refers to is there, as AWS lets nobody delete it while it does."""
    in_use = _asked(distribution, live)
    asked = _asked(distribution, config)
    checked = Checked(gone=[*_inside(config)], count=len(in_use.keys() & asked.keys()))
    for words, ask in asked.items():
        if words in in_use:
            continue
        try:
            problem = ask()
        except errors.NotFound:
            problem = "is not there any more"
        except (errors.NotAuthorised, errors.BadRequest) as error:
            checked.unknown.append(f"{words} could not be looked at ({error.message})")
            continue
        if problem:
            checked.gone.append(f"{words} {problem}")
        checked.count += not problem
    return checked


def _inside(config: Config) -> Iterator[str]:
    """Origins that behaviours name must be in the same configuration."""
    groups = (config.get("OriginGroups") or {}).get("Items") or []
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    known = origins | {group["Id"] for group in groups}
    named = {behaviour["TargetOriginId"]: known for _pattern, behaviour in functions.behaviours(config)}
    named |= {member["OriginId"]: origins for group in groups for member in group["Members"]["Items"]}
    yield from (f"the origin {name} is not in the configuration" for name, there in sorted(named.items()) if name not in there)


def _asked(distribution: Distribution, config: Config) -> dict[str, Callable[[], str | None]]:
    """By what is looked for, in words, what looks for it and returns what is wrong with it."""
    found = (_one(distribution, name, value) for name, value in _values(config))
    return dict(one for one in found if one)


def _one(distribution: Distribution, name: str, value: str) -> tuple[str, Callable[[], str | None]] | None:
    def there(api: Aws, call: str, **named: str) -> Callable[[], None]:
        def ask() -> None:
            api.get(call, **named)

        return ask

    api = distribution.api
    last = value.rpartition("/")[2]
    if name in _BY_ID:
        call, by = _BY_ID[name]
        return f"{name} {value}", there(api, call, **{by: value})
    if name == _KEY_GROUP:
        return f"the key group {value}", there(api, "GetKeyGroup", Id=value)
    if name == "OriginAccessIdentity":
        return f"{name} {last}", there(api, "GetCloudFrontOriginAccessIdentity", Id=last)
    if name == "FunctionARN":
        return f"the function {last}", there(api, "DescribeFunction", Name=last, Stage="LIVE")
    if name == "LambdaFunctionARN":
        return f"the function version {value}", partial(_function, distribution, value)
    if name == "ACMCertificateArn":
        return f"the certificate {value}", partial(_certificate, distribution, value)
    if name == "WebACLId" and (acl := _FIREWALL.fullmatch(value)):
        return f"the web ACL {acl['Name']}", there(_other("wafv2", distribution), "GetWebACL", Scope="CLOUDFRONT", **acl.groupdict())
    if name in ("DomainName", "Bucket") and (place := _BUCKET.fullmatch(value)):
        return f"the bucket {place['bucket']}", there(_other("s3", distribution), "HeadBucket", Bucket=place["bucket"])
    return None


def _other(service: str, distribution: Distribution) -> Aws:
    return at_home(service, distribution.options, distribution.run, distribution.api)


def _values(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text with the name of the member that it belongs to."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key == "TrustedKeyGroups":
                yield from ((_KEY_GROUP, id) for id in inside.get("Items") or [])
            else:
                yield from _values(inside, key)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one, name)
    elif isinstance(value, str) and value:
        yield name, value


def _function(distribution: Distribution, arn: str) -> str | None:
    refused = functions.refused_at_edges(arn)
    if refused:
        return f"would be refused: {refused}"
    row = functions.Functions(distribution).version(arn)
    state = row.get("State") or "Active"
    return None if state in (*functions.USABLE, functions.PENDING) else f"is {state}"


def _certificate(distribution: Distribution, arn: str) -> str | None:
    if arn.split(":")[3] != "us-east-1":
        return "is not in us-east-1, where all certificates of distributions are"
    row = _other("acm", distribution).get("DescribeCertificate", CertificateArn=arn)["Certificate"]
    if row.get("Status") != "ISSUED":
        return f"is {row.get('Status')}"
    ends = row.get("NotAfter")
    return f"ended at {moment.iso(ends)}" if ends and ends < datetime.now(UTC) else None
