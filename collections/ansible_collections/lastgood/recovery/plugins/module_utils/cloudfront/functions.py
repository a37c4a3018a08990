# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lambda functions that edges run: numbered versions in one region, named in the behaviours of a distribution."""
from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.access import HOME, at_home
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Distribution

_ARN = re.compile(r"arn:[\w-]+:lambda:(?P<region>[\w-]+):\d{12}:function:(?P<name>[\w-]+)(:(?P<version>\S+))?")
_RUNS_AS = ("Handler", "Runtime", "MemorySize", "Timeout", "Role", "Architectures")
"""What decides beside the code how a version runs: two versions may have the same code and another handler."""
_NOT_AT_EDGES = {
    "Environment": "environment variables",
    "VpcConfig": "a VPC",
    "Layers": "layers",
    "DeadLetterConfig": "a dead-letter queue",
}
DEFAULT = "*"
USABLE, PENDING = ("Active", "Inactive"), "Pending"
EVENTS = ("viewer-request", "origin-request", "origin-response", "viewer-response")


@dataclass(frozen=True)
class Function:
    """A function, and one of its versions, by ARN."""

    arn: str
    """Without the version."""
    name: str
    version: str
    region: str

    @property
    def id(self) -> str:
        return f"{self.name}:{self.version}"

    def at(self, version: str) -> str:
        return f"{self.arn}:{version}"


def parsed(arn: str) -> Function:
    """Refused for what is no function."""
    found = _ARN.fullmatch(arn)
    if not found:
        raise errors.Refused(f"{arn} is no Lambda function", "Correct the configuration.")
    return Function(arn.removesuffix(f":{found['version']}"), found["name"], found["version"] or "", found["region"])


def refused_at_edges(arn: str) -> str:
    """Why CloudFront would not take it, by its name alone; empty when nothing speaks against it."""
    try:
        function = parsed(arn)
    except errors.Refused as refused:
        return refused.message
    if function.region != HOME:
        return f"{arn} is not in {HOME}, where all functions of edges are"
    return "" if function.version.isdecimal() else f"{arn} names no numbered version, which edges want"


def behaviours(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its path pattern, the default one as C(*)."""
    yield DEFAULT, config["DefaultCacheBehavior"]
    for behaviour in (config.get("CacheBehaviors") or {}).get("Items") or []:
        yield behaviour["PathPattern"], behaviour


def associations(behaviour: dict[str, Any]) -> list[dict[str, Any]]:
    return (behaviour.get("LambdaFunctionAssociations") or {}).get("Items") or []


def associated(behaviour: dict[str, Any], event: str) -> str | None:
    """The ARN that a behaviour runs on an event."""
    return next((one["LambdaFunctionARN"] for one in associations(behaviour) if one["EventType"] == event), None)


def all_associated(config: dict[str, Any]) -> list[str]:
    return sorted({one["LambdaFunctionARN"] for _pattern, behaviour in behaviours(config) for one in associations(behaviour)})


class Functions:
    """Lambda, where edges take their functions from."""

    def __init__(self, distribution: Distribution) -> None:
        self.api: Aws = at_home("lambda", distribution.options, distribution.run, distribution.api)

    def version(self, arn: str) -> dict[str, Any]:
        """One version's configuration; NotFound."""
        return self.api.get("GetFunctionConfiguration", FunctionName=arn)

    def until_active(self, arn: str, tick: Callable[[], None]) -> None:
        """Lambda makes a version ready for some seconds after it was published; ActivationFailed when it could not."""
        while (state := self.version(arn).get("State") or "Active") not in USABLE:
            if state != PENDING:
                raise errors.ActivationFailed(f"Lambda says that {parsed(arn).id} is {state}", "Name another version.")
            tick()

    def versions(self, function: str) -> list[dict[str, Any]]:
        """All published ones, by name or ARN of the function."""
        rows = self.api.pages("ListVersionsByFunction", "Versions", FunctionName=function)
        return [row for row in rows if row["Version"].isdecimal()]


def artifact(row: dict[str, Any]) -> str:
    """What runs: CodeSha256, and eight digits of what else decides how."""
    runs_as = json.dumps({name: row.get(name) for name in _RUNS_AS}, sort_keys=True)
    return f"{row['CodeSha256']} {hashlib.sha256(runs_as.encode()).hexdigest()[:8]}"


def not_for_edges(row: dict[str, Any]) -> list[str]:
    """What the version has and edges refuse."""
    found = [words for name, words in _NOT_AT_EDGES.items() if _has(row.get(name))]
    return [*found, *(["a container image"] if row.get("PackageType") == "Image" else [])]


def _has(value: Any) -> bool:
    """Lambda shows what is empty in several forms."""
    return any(_has(one) for one in value.values()) if isinstance(value, dict) else bool(value)
