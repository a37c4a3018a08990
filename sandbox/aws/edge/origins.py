"""Where a point of presence fetches what it does not have: buckets, and the shop's own servers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from sandbox.addresses import SERVED, url
from sandbox.aws.edge.cache import Answer
from sandbox.aws.edge.events import headers_of
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

_BUCKET = re.compile(r"(?P<bucket>.+)\.s3[.-](?:(?P<region>[a-z0-9-]+)\.)?amazonaws\.com")
_NOT_PASSED = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding", "server", "date", "age", "via"}
    | {"x-cache", "x-amz-id-2", "x-amz-request-id", "x-amzn-requestid"}
)
_CORS = "access-control-"
_AUTOMATIC = ("Accept-Encoding", "User-Agent")
_SLOW = aiohttp.ClientTimeout(total=30)


async def fetch(aws: Aws, origin: Row, request: Row, body: bytes) -> Answer:
    """The origin's answer; 502 when there is none."""
    from sandbox.aws import signed

    path = origin.get("OriginPath", "") + request["uri"]
    headers = {name: value for name, value in headers_of(request) if name.lower() not in _NOT_PASSED}
    bucket = _BUCKET.fullmatch(origin["DomainName"])
    if bucket:
        where = f"{aws.kept.url}/{bucket['bucket']}{path}"
        headers = {name: value for name, value in headers.items() if name.lower() == "range"} | signed(
            "s3", bucket["region"] or "us-east-1"
        )
    elif origin["DomainName"] in SERVED:
        where = url(aws.port, SERVED[origin["DomainName"]]) + path
        headers |= {row["HeaderName"]: row["HeaderValue"] for row in origin.get("CustomHeaders", {}).get("Items", [])}
    else:
        return _unreachable("The origin's domain name cannot be resolved.")
    if request["querystring"] and not bucket:
        where += f"?{request['querystring']}"
    try:
        more: Any = {"timeout": _SLOW, "allow_redirects": False, "skip_auto_headers": _AUTOMATIC}
        call = aws.http.request(request["method"], URL(where, encoded=True), headers=headers, data=body or None, **more)
        async with call as answer:
            kept = [pair for pair in answer.headers.items() if pair[0].lower() not in _NOT_PASSED]
            if bucket:
                kept = [pair for pair in kept if not pair[0].lower().startswith(_CORS)] + [("Server", "AmazonS3")]
            return Answer(answer.status, kept, await answer.read())
    except (aiohttp.ClientError, TimeoutError):
        return _unreachable("CloudFront wasn't able to connect to the origin.")


def _unreachable(why: str) -> Answer:
    return Answer(502, [("Content-Type", "text/html")], f"<h1>502 ERROR</h1><p>{why}</p>".encode())
