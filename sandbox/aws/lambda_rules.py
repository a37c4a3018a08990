"""Where Lambda is stricter than ministack: a version that the edge runs stays, and code that changed meanwhile is not published."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.aws.cloudfront.rules import behaviours
from sandbox.emulator import Refusal

if TYPE_CHECKING:
    from sandbox.aws import Aws

_DELETED = re.compile(r"/2015-03-31/functions/(?:arn:[^/]*:)?([A-Za-z0-9-_]+)(?::(\d+))?/?$")
_PUBLISHED = re.compile(r"/2015-03-31/functions/([^/]+)/versions/?$")


async def check(aws: Aws, request: web.Request, body: bytes | None) -> None:
    """Refusal."""
    if request.method == "DELETE" and (found := _DELETED.match(request.path)):
        version = request.query.get("Qualifier") or found[2]
        for arn in _associated(aws):
            name, number = arn.split(":")[6:8]
            if name == found[1] and version in (number, None):
                words = f"Lambda was unable to delete {arn} because it is a replicated function. Please see our documentation."
                raise Refusal(400, words, "InvalidParameterValueException")
    if request.method == "POST" and (found := _PUBLISHED.match(request.path)):
        wanted = json.loads(body or b"{}").get("CodeSha256")
        if wanted and wanted != await aws.code_sha256(found[1]):
            raise Refusal(412, f"CodeSHA256 ({wanted}) is different from current CodeSHA256.", "PreconditionFailedException")


def _associated(aws: Aws) -> list[str]:
    """The versions that a configuration names which a point of presence may still have."""
    configs = [config for row in aws.rows["distributions"].values() for config in row["configs"].values()]
    kept = [one.get("LambdaFunctionAssociations", {}).get("Items", []) for config in configs for _, one in behaviours(config)]
    return [row["LambdaFunctionARN"] for rows in kept for row in rows]
