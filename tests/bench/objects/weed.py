"""Buckets with a history on SeaweedFS, a real S3 server."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Call, Named, Read, deletions
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.requests import Requests
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.seaweedfs import KEYS

BODY = b"x" * 1024
WHO = {**KEYS, "profile": None, "session_token": None}


@dataclass(frozen=True, slots=True)
class _Put(Read):
    """Sends BODY."""


class _Puts(Requests):
    def of(self, call: Call) -> tuple[str, bytes, bool]:
        if isinstance(call, _Put):
            return "PutObject", self._request("PUT", call.key, (), {}, BODY + call.part.encode()), False
        return super().of(call)


def filled(url: str, name: str, keys: int) -> str:
    """A bucket of so many keys, 20 % overwritten, 10 % deleted and 5 % created after the moment that is returned."""
    bucket = Bucket(name, {**WHO, "endpoint_url": url}, Run(), concurrent=32)
    client = bucket.aws.changing
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    # As AWS makes buckets since 2023; of others every object's list of rights has to be read.
    client.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    dialler, requests, signer = bucket._way
    bucket.__dict__["_way"] = (dialler, _Puts(name, requests._place, signer), signer)
    names = [f"k{number:08}" for number in range(keys)]
    _do(bucket, (_Put(key, part="1") for key in names))
    time.sleep(2.1)  # a list shows whole seconds
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1.1)
    _do(bucket, (_Put(key, part="22") for number, key in enumerate(names) if number % 10 < 2))
    _do(bucket, deletions(Named(key) for number, key in enumerate(names) if number % 10 == 2))
    _do(bucket, (_Put(f"{key}n", part="1") for number, key in enumerate(names) if number % 20 == 3))
    return moment


def visible(url: str, name: str) -> dict[str, int]:
    """The keys that the bucket shows, and their sizes: those that were overwritten are a byte longer."""
    bucket = Bucket(name, {**WHO, "endpoint_url": url}, Run())
    return {version.key: version.size for version in bucket.versions() if version.is_latest and not version.is_marker}


def _do(bucket: Bucket, calls: Iterable[Call]) -> None:
    failed = [failure for outcome in bucket.carry_out(calls) for failure in outcome.failures]
    assert not failed, failed[:3]
