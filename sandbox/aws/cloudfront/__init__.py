"""CloudFront's own rules for distributions and invalidations; policies, functions and the like are ministack's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.aws.cloudfront import distributions, invalidations, managed
from sandbox.aws.rest_xml import Malformed, error, service
from sandbox.emulator import Refusal

if TYPE_CHECKING:
    from sandbox.aws import Aws

OPERATIONS = {**distributions.OPERATIONS, **invalidations.OPERATIONS, **managed.OPERATIONS}
STEPS: dict[str, Callable[..., None]] = {**distributions.STEPS, **invalidations.STEPS}


async def answer(aws: Aws, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Any:
    """Status, headers and body; None for what ministack answers."""
    model = service("cloudfront")
    try:
        asked = model.read(method, path, query, headers, body)
        if asked is None or asked.operation not in OPERATIONS:
            return None
        reply = await OPERATIONS[asked.operation](aws, asked.given)
    except Malformed as problem:
        return 400, {}, error("MalformedInput", str(problem))
    except Refusal as refusal:
        return refusal.status, {}, error(refusal.code, refusal.message)
    if reply is None:
        return None
    status, told = reply
    written, xml = model.write(asked.operation, told)
    return status, written, xml
