# SPDX-License-Identifier: GPL-3.0-or-later
"""What an incident store asks of S3: objects that are listed, read, and written under a condition.

Nothing of an incident is ever deleted, only recovery points are.
"""
from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS, USER_AGENT, session
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

CONNECT, READ, ATTEMPTS = 2, 4, 2
"""Seconds, and how often; a rollback waits for it. Each write says what it expects, so that it may be sent twice."""
AT_ONCE = 8
"""Objects that are read at the same time."""
GIVEN = ("region", "profile", "endpoint_url")
PROBE = "conditional-writes"
ELSEWHERE = "Keep incidents in a bucket of a server that does, as S3 does."
LOST = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})


class Taken(Exception):
    """The condition of a write does not hold: somebody was faster."""


@dataclass(frozen=True)
class Address:
    """C(s3://BUCKET/PREFIX?region=…): where the store is, and how it is reached; secrets have no place in it."""

    bucket: str
    prefix: str
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None

    @classmethod
    def of(cls, url: str) -> Address:
        """Refused when it is no such address; what is wrong with it is told without what may be secret in it."""
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        prefix = unquote(parts.path).strip("/")
        if parts.scheme != "s3" or not parts.hostname or parts.netloc != parts.hostname or set(given) - set(GIVEN) or parts.fragment:
            raise Refused(
                "the address of the incident store is none of S3",
                "Write s3://BUCKET/PREFIX, with ?region=, &profile= or &endpoint_url= where they are needed.",
            )
        region = given.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return cls(parts.netloc, prefix, region, given.get("profile"), given.get("endpoint_url") or os.environ.get("AWS_URL"))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


class Bucket:
    """All keys are below the prefix. RecoveryError when S3 says no or nothing."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def listed(self, below: str, after: str = "") -> dict[str, str]:
        """By name without C(below): the ETag of each object that comes behind C(after)."""
        start = self._key(below)
        more = {"StartAfter": start + after} if after else {}
        found: dict[str, str] = {}
        with understood("s3", "ListObjectsV2"):
            for page in self._client().get_paginator("list_objects_v2").paginate(Bucket=self.address.bucket, Prefix=start, **more):
                found.update((row["Key"][len(start) :], row["ETag"]) for row in page.get("Contents") or [])
        return found

    def get(self, name: str) -> tuple[bytes, str] | None:
        """The content and its ETag; None where there is no such object."""
        known = library("botocore.exceptions")
        with understood("s3", "GetObject"):
            try:
                answer = self._client().get_object(Bucket=self.address.bucket, Key=self._key(name))
                content: bytes = answer["Body"].read()
            except known.ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    return None
                raise
        return content, answer["ETag"]

    def get_all(self, names: Iterable[str]) -> list[tuple[str, tuple[bytes, str] | None]]:
        wanted = list(names)
        if len(wanted) < 2:
            return [(name, self.get(name)) for name in wanted]
        self._client()  # made once, not by each thread
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(zip(wanted, pool.map(self.get, wanted), strict=True))

    def put(self, name: str, content: bytes, *, new: bool = False, tag: str | None = None) -> str:
        """The object's ETag. Taken unless it is C(new), or what it replaces has that C(tag)."""
        expected = {"IfNoneMatch": "*"} if new else {"IfMatch": tag} if tag else {}
        known = library("botocore.exceptions")
        with understood("s3", "PutObject", changes=True):
            try:
                answer = self._client().put_object(Bucket=self.address.bucket, Key=self._key(name), Body=content, **expected)
            except known.ClientError as error:
                code = error.response["Error"]["Code"]
                if expected and (code in LOST or (tag and code == "NoSuchKey")):
                    raise Taken from None
                raise
        written: str = answer["ETag"]
        return written

    def remove(self, name: str) -> None:
        """Delete the object; one that is not there is as good."""
        with understood("s3", "DeleteObject", changes=True):
            self._client().delete_object(Bucket=self.address.bucket, Key=self._key(name))

    def prove(self) -> None:
        """Refused where the server takes a conditional write for any other: there two runs could hold one lock."""
        for attempt in (1, 2):
            try:
                self.put(PROBE, b"Whoever writes this again must be refused.\n", new=True)
            except Taken:
                break
            if attempt == 2:
                raise Refused(f"{self.address} does not honour If-None-Match", ELSEWHERE)
        with understood("s3", "PutObject"):
            try:
                self.put(PROBE, b"If-Match is not honoured here.\n", tag='"0123456789abcdef0123456789abcdef"')
            except Taken:
                return
        raise Refused(f"{self.address} does not honour If-Match", ELSEWHERE)

    def prepare(self) -> None:
        """Have the client made before anybody asks."""
        with suppress(RecoveryError):
            self._client()

    def _key(self, name: str) -> str:
        return f"{self.address.prefix}/{name}".lstrip("/")

    def _client(self) -> Any:
        return client(self.address.region, self.address.profile, self.address.endpoint_url)


_clients: dict[tuple[str | None, ...], Any] = {}


def client(region: str | None, profile: str | None, endpoint_url: str | None) -> Any:
    """Made once for a process and those it forks, since that takes 0.1 s. By botocore's own chain of credentials."""
    named = (region, profile, endpoint_url, *map(os.environ.get, ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")))
    if named not in _clients:
        config = library("botocore.config").Config(
            connect_timeout=CONNECT,
            read_timeout=READ,
            retries={"total_max_attempts": ATTEMPTS},
            user_agent_extra=USER_AGENT,
            s3={"addressing_style": "path"} if endpoint_url else None,
        )
        options = {**dict.fromkeys(OPTIONS), "region": region, "profile": profile}
        with understood("", "the credentials"):
            _clients[named] = session(options).client("s3", endpoint_url=endpoint_url, config=config)
    return _clients[named]


def _hang_up() -> None:
    """In a forked process: two must not talk over one connection."""
    for made in _clients.values():
        made.close()


os.register_at_fork(after_in_child=_hang_up)
