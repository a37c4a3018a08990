"""Buckets with versions on a real S3 server (ministack), and ours to them: `with server() as url: bucket = new_bucket(url)`."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.pace import Limits
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from sandbox.testing import free_ports

WHO = {"access_key": "test", "secret_key": "test", "session_token": None, "profile": None, "region": "us-east-1"}
_numbers = itertools.count()


@contextmanager
def server(folder: Path) -> Iterator[str]:
    port = free_ports()
    environment = os.environ | {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    with (folder / "ministack.log").open("wb") as log:
        process = subprocess.Popen([Path(sys.executable).with_name("ministack")], env=environment, stdout=log, stderr=log, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with suppress(OSError):
                urllib.request.urlopen(f"{url}/_ministack/health", timeout=5).close()
                break
            time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()


def plain(url: str) -> Any:
    """A boto3 client that nothing stands in the way of."""
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def new_bucket(client: Any) -> str:
    name = f"bucket-{os.getpid()}-{next(_numbers)}"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def ours(name: str, url: str, limits: Limits | None = None, page: int = 1_000, **options: Any) -> Bucket:
    return Bucket(name, {**WHO, "endpoint_url": url, **options}, Run(), limits=limits, page=page)
