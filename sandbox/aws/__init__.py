"""Amazon Web Services: an edge of our own in front of ministack and moto. Only there when it is asked for."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import boto3
from aiohttp import web
from yarl import URL

from sandbox.addresses import AWS, AWS_KEPT, AWS_OTHERS, EDGE, url
from sandbox.artifacts import Serving
from sandbox.aws import edge, front, seed, traffic
from sandbox.aws.cloudfront import STEPS
from sandbox.aws.edge import PointOfPresence
from sandbox.aws.edge.functions import Functions
from sandbox.aws.processes import Program
from sandbox.aws.traffic import Traffic
from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Emulator, Refusal
from sandbox.state import Row, State

WRONG = "AKIAWRONG"
"""How an access key begins that AWS does not know; it knows all others."""
KEYS = {"aws_access_key_id": "AKIASANDBOX", "aws_secret_access_key": "sandbox-aws-secret-key"}


def signed(service: str, region: str = "us-east-1") -> dict[str, str]:
    """As far as the programs behind the front look at a signature."""
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential=AKIASANDBOX/20260101/{region}/{service}/aws4_request"}


class Aws(Emulator):
    """CloudFront, its points of presence, S3, Lambda@Edge, CloudWatch, and what moto has."""

    name = "aws"
    served = ()
    tokens = ()
    routes: ClassVar = []
    steps: ClassVar[Mapping[str, Callable[..., None]]] = STEPS
    limits: ClassVar = {"calls": (1_000_000, 60.0)}
    # `deploy` is until the last point of presence has a new configuration, `invalidation` until the last one has forgotten.
    # `errors` is how long the edge keeps an origin's errors at least.
    latencies: ClassVar = {"http": 0.0, "deploy": 4.0, "invalidation": 2.0, "errors": 10.0}
    pictures = seed.PICTURES

    def __init__(self, state: State, port: int, state_dir: Path) -> None:
        super().__init__(state)
        self.port = port
        self.kept = Program("sandbox.aws.kept", port + AWS_KEPT, state_dir / "ministack.log", str(state_dir / "ministack.state"))
        self.others = Program("sandbox.aws.others", port + AWS_OTHERS, state_dir / "moto.log")
        self.http: aiohttp.ClientSession
        self.functions, self.traffic = Functions(self), Traffic()
        self._pops = {name: PointOfPresence(self, name) for name in EDGE}
        self.uploads: dict[str, str] = {}
        """When uploads in parts were begun."""
        self.failures: deque[Row] = deque(maxlen=1000)
        """What functions at the edge could not do."""
        self.calls: deque[tuple[str, str, str]] = deque(maxlen=100_000)
        """Service, method and path of what was asked of the front."""

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A botocore client for what is behind the front."""
        return boto3.client(service, endpoint_url=self.kept.url, region_name=region, **KEYS)

    def start(self) -> None:
        """Start what is behind the front, and fill it the first time."""
        self.kept.launch()
        self.kept.wait()
        if not self.rows["filled"]:
            self._fill()

    def _fill(self) -> None:
        self.kept.tell("clear")
        seed.fill(self)
        self.rows["filled"] = True
        self.kept.tell(f"keep/{self._at_first}")
        self.state.save()

    @property
    def _at_first(self) -> str:
        return f"at-first-{self.rows['friday']}"

    def stop(self) -> None:
        self.kept.stop()
        self.others.stop()

    @property
    def rows(self) -> Row:
        rows: Row = self.state.data["aws"]
        return rows

    @cached_property
    def lambdas(self) -> Any:
        return self.client("lambda")

    def refuse(self, service: str, key: str, method: str, path: str, target: str) -> None:
        """Raise what such a call meets before anybody looks at it."""
        if self.name in self.state.settings["outage"]:
            raise Refusal(503, "Service Unavailable", "ServiceUnavailable")
        if key.startswith(WRONG):
            code = {"s3": "InvalidAccessKeyId", "cloudfront": "InvalidClientTokenId"}.get(service, "UnrecognizedClientException")
            raise Refusal(403, "The security token included in the request is invalid.", code)
        self.ordered(service, f"{method} {path} {target}")

    def ordered(self, service: str, call: str) -> None:
        """Raise what was ordered with the control `aws_fault`."""
        for fault in self.rows["faults"]:
            if fault["service"] == service and fault["times"] and re.search(fault["call"], call):
                fault["times"] -= 1
                raise Refusal(fault["status"], fault["message"], fault["code"])

    async def has(self, what: str) -> bool:
        """Whether what is behind the front knows `SERVICE:PATH`."""
        service, _, path = what.partition(":")
        async with self.http.get(self.kept.url + path, headers=signed(service)) as answer:
            return answer.status == 200

    async def object_headers(self, path: str) -> Mapping[str, str]:
        """Of the object at `/bucket/key`, with or without a version; nothing when there is none."""
        async with self.http.head(URL(self.kept.url + path, encoded=True), headers=signed("s3")) as answer:
            return answer.headers if answer.status == 200 else {}

    async def code_sha256(self, function: str) -> str:
        path = f"/2015-03-31/functions/{function}/configuration"
        async with self.http.get(self.kept.url + path, headers=signed("lambda")) as answer:
            return str((await answer.json(content_type=None)).get("CodeSha256", ""))

    async def has_certificate(self, arn: str) -> bool:
        if arn in self.rows["certificates"]:
            return True
        headers = signed("acm") | {"X-Amz-Target": "CertificateManager.DescribeCertificate", "Content-Type": "application/x-amz-json-1.1"}
        async with self.http.post(self.kept.url, json={"CertificateArn": arn}, headers=headers) as answer:
            return answer.status == 200

    def date(self, rows: list[Row]) -> None:
        """How old versions of objects and functions are said to be."""
        self.kept.tell("date", json.dumps(rows).encode())

    def purge(self, pop: str, distribution: str, paths: list[str]) -> None:
        """One point of presence forgets."""
        self._pops[pop].cache.purge(distribution, paths)

    def function_failed(self, pop: str, message: str) -> None:
        self.failures.append({"at": now_ms(), "pop": pop, "message": message})

    def application(self) -> web.Application:
        return front.application(self)

    def edges(self) -> dict[str, web.Application]:
        """What answers at each point of presence."""
        made = {name: pop.application() for name, pop in self._pops.items()}
        last = next(iter(made.values()))
        last.cleanup_ctx.extend([partial(traffic.publishing, self), partial(edge.ending, self)])
        return made

    @classmethod
    def history(cls, friday: int) -> Row:
        return seed.history(friday)

    def keep(self, name: str) -> None:
        self.kept.tell(f"keep/{name}")

    def forget(self, name: str = "") -> None:
        try:
            self.kept.tell(f"back/{name or self._at_first}")
        except KeyError:  # another Friday's
            self._fill()
        self.rows["filled"] = True
        self.state.save()
        for pop in self._pops.values():
            pop.cache.clear()
        self.functions.leave()
        self.traffic.taken()

    def authorize(self, call: Call) -> None:
        """The programs behind the front look at who asks, or do not."""

    def bucket_name(self, call: Call) -> str:
        return "calls"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {}

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(400, "Rate exceeded", "Throttling")

    def error_body(self, refusal: Refusal) -> Any:
        return {"message": refusal.message}

    def targets(self) -> list[str]:
        return [seed.FUNCTION, seed.UPLOADS, *EDGE]

    def ship(self, target: str, kind: str, message: str) -> Row:
        return seed.ship(self, target, kind, message)

    def expire(self, target: str, release: str) -> None:
        raise Refusal(400, "AWS keeps what is published", "bad_request")

    def set_plan(self, target: str, plan: str) -> None:
        raise Refusal(400, "AWS has no plans", "bad_request")

    def serving(self, address: str) -> Serving:
        raise KeyError(address)

    @property
    def url(self) -> str:
        return url(self.port, AWS)
