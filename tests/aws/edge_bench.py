"""The modules of CloudFront on the sandbox's AWS, the way Ansible runs modules, and what its own client sees there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import going_back, invalidation, looking
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import cloudfront, lambda_edge

from sandbox.testing import Box

ID = "E1RACHELFOODS1"
KEYS = {"access_key": "AKIASANDBOX", "secret_key": "hush-hush-secret"}
CONFIG, INFO, INVALIDATION = (kind.operation(cloudfront.VENDOR) for kind in (going_back, looking, invalidation))
RELEASE = lambda_edge.operation()


@cache
def _client(service: str, url: str) -> Any:
    keys = {"aws_access_key_id": "AKIASANDBOX", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=url, **keys)


class Killed(BaseException):
    pass


@dataclass
class Edge:
    """C(told) and C(calls) are what the last run said and asked AWS to change; C(saved) what was captured, by path."""

    box: Box
    told: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    saved: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    meanwhile: Callable[[], object] | None = None
    """Done once, at the first change that is asked for and before it."""

    killed_at: str = ""

    def run(self, operation: Operation, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {**KEYS, "endpoint_url": self.url or self.box.aws_url, "distribution": ID, "timeout": 10, "poll": 0.02, **options}
        given = {name: value for name, value in given.items() if name in operation.arguments}
        checked = ArgumentSpecValidator(operation.arguments, **operation.rules).validate(given)
        assert not checked.error_messages, checked.error_messages
        self.told, self.calls = [], []
        run = Run(check=check, tell=self.told.append, record=self._record, load=self._load, save=self._save)
        return outcome(operation, checked.validated_parameters, run)

    def release(self, **options: Any) -> dict[str, Any]:
        return self.run(RELEASE, **{"event": "origin-response", **options})

    def capture(self, **options: Any) -> dict[str, Any]:
        return self.run(INFO, **options)

    def client(self, service: str = "cloudfront") -> Any:
        return _client(service, self.box.aws_url)

    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client().get_distribution_config(Id=ID)["DistributionConfig"]
        return found

    def etag(self) -> str:
        return str(self.client().get_distribution_config(Id=ID)["ETag"])

    def change(self, **changes: Any) -> None:
        """What somebody else does with a client of their own."""
        client = self.client()
        now = client.get_distribution_config(Id=ID)
        client.update_distribution(Id=ID, DistributionConfig=now["DistributionConfig"] | changes, IfMatch=now["ETag"])

    def running(self) -> set[str]:
        """The versions that behaviours name."""
        config = self.config()
        behaviours = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]["Items"]]
        named = [one["LambdaFunctionARN"] for behaviour in behaviours for one in behaviour["LambdaFunctionAssociations"].get("Items", [])]
        return {arn.partition(":function:")[2] for arn in named}

    def cut_off(self, operation: Operation, moment: str, **options: Any) -> None:
        """The run ends just before, or just after, the first change that it asks for."""
        self.killed_at = moment
        try:
            self.run(operation, **options)
        finally:
            self.killed_at = ""

    def _record(self, event: str, **fields: Any) -> None:
        if event == self.killed_at:
            raise Killed
        if event == "call":
            self.calls.append(fields["method"])
            if self.meanwhile:
                act, self.meanwhile = self.meanwhile, None
                act()

    def _load(self, path: str) -> Any:
        return json.loads(Path(path).read_text())

    def _save(self, path: str, content: Any) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(json.dumps(content))
        self.saved[path] = content


def now() -> str:
    return datetime.now(UTC).isoformat()
