"""How CloudFront says no: with the status that its description gives to each code."""

from __future__ import annotations

from sandbox.aws.rest_xml import service
from sandbox.emulator import Refusal


def refused(code: str, message: str) -> Refusal:
    shape = service("cloudfront").model.shape_for(code)
    return Refusal(int(shape.metadata["error"]["httpStatusCode"]), message, code)
