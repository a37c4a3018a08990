# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads of journals in a versioned S3 bucket, best one with object lock: what is there once, nobody takes away unnoticed."""
from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.bucket import client
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import Anchored

KEY = re.compile(r"(\d{6,})-([0-9a-f]{64})")


class S3Anchor:
    """C(s3://BUCKET/PREFIX?retain=DAYS): an empty object for each head, whose key says it all: nothing in it can be replaced.

    With C(retain) it is locked for so many days in compliance mode; without, as the bucket's own retention says. The keys are read from
    the versions, since a delete marker hides an object and takes nothing away.
    """

    def __init__(self, url: str) -> None:
        parts, given = urlsplit(url), parse_qs(urlsplit(url).query)
        retain = given.get("retain", ["0"])[0]
        if not parts.netloc or set(given) - {"retain"} or not retain.isdecimal():
            raise Refused(f"{url} is no place for the heads of journals", "Write s3://BUCKET/PREFIX or s3://BUCKET/PREFIX?retain=400.")
        self.bucket, self.prefix, self.days = parts.netloc, unquote(parts.path).strip("/"), int(retain)

    def keep(self, incident: str, anchored: Anchored) -> None:
        key, until = f"{self._below(incident)}{anchored.lines:06d}-{anchored.head}", datetime.now(UTC) + timedelta(days=self.days)
        locked = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until} if self.days else {}
        with understood("s3", "PutObject", changes=True):
            self._client().put_object(Bucket=self.bucket, Key=key, Body=b"", **locked)

    def kept(self, incident: str) -> list[Anchored]:
        start = self._below(incident)
        found: set[str] = set()
        with understood("s3", "ListObjectVersions"):
            for page in self._client().get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=start):
                found.update(row["Key"][len(start) :] for row in page.get("Versions") or [])
        named = filter(None, (KEY.fullmatch(name) for name in sorted(found)))
        return [Anchored(int(name[1]), name[2]) for name in named]

    def _below(self, incident: str) -> str:
        return f"{self.prefix}/{incident}/".lstrip("/")

    def _client(self) -> Any:
        """By botocore's own chain of credentials, and C(AWS_URL) as the modules."""
        return client(os.environ.get("AWS_REGION"), None, os.environ.get("AWS_URL"))
