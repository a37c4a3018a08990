"""The policies that AWS manages, as CloudFront shows them; those of the account's own are ministack's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sandbox.aws.cloudfront.distributions import Told
from sandbox.aws.cloudfront.rules import MANAGED
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

_SINCE = 1_588_118_400_000
_NONE = {"CookieBehavior": "none"}, {"HeaderBehavior": "none"}, {"QueryStringBehavior": "none"}


def _config(kind: str, id: str) -> Row:
    cookies, headers, queries = _NONE
    if kind == "ResponseHeadersPolicy":
        return {"Name": f"Managed-{id}"}
    if kind == "OriginRequestPolicy":
        return {"Name": f"Managed-{id}", "CookiesConfig": cookies, "HeadersConfig": headers, "QueryStringsConfig": queries}
    least, usual, most = MANAGED[id] or (0, 0, 0)
    asked = {"EnableAcceptEncodingGzip": True, "CookiesConfig": cookies, "HeadersConfig": headers, "QueryStringsConfig": queries}
    times = {"MinTTL": least, "DefaultTTL": usual, "MaxTTL": most}
    return {"Name": f"Managed-{id}", **times, "ParametersInCacheKeyAndForwardedToOrigin": asked}


def _get(kind: str) -> Callable[[Aws, Row], Awaitable[Told | None]]:
    async def answer(_aws: Aws, given: Row) -> Told | None:
        id = given["Id"]
        if id not in MANAGED or (kind == "CachePolicy") != (MANAGED[id] is not None):
            return None
        return 200, {kind: {"Id": id, "LastModifiedTime": _SINCE, f"{kind}Config": _config(kind, id)}, "ETag": "E23ZP02F085DFQ"}

    return answer


OPERATIONS = {f"Get{kind}": _get(kind) for kind in ("CachePolicy", "OriginRequestPolicy", "ResponseHeadersPolicy")}
