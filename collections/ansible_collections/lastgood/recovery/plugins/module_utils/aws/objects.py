# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects below C(s3://bucket/prefix): listed, read, sent in parts with a SHA-256 that S3 itself checks, fetched in parts."""
from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import client
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

SCHEME = "s3://"
MOST_PARTS = 9_000
"""S3 takes 10,000."""
PART = 16 << 20
"""Bytes, at least; an object that is no larger is sent in one piece."""
THREADS = 4
"""Parts of one object that are on their way at the same time."""


@dataclass(frozen=True)
class Object:
    """One object as a list shows it; C(name) is its key without the prefix that was asked for."""

    name: str
    size: int
    modified: datetime


class Objects:
    """What lies below one address. C(Aws) writes down what it changes; parts, which may be thousands, are the caller's to tell of."""

    def __init__(self, address: str, options: Options, run: Run) -> None:
        self.bucket, _slash, prefix = address.removeprefix(SCHEME).partition("/")
        if not address.startswith(SCHEME) or not self.bucket:
            raise errors.Refused(f"{address} is no address of S3", "Write s3://BUCKET/PREFIX.")
        self.prefix = prefix.strip("/")
        self.address = f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")
        self._aws = Aws("s3", options, run)
        # Made here, since several threads will use them. This one may repeat what it sends: the same bytes make the same object.
        self._parts = client("s3", options, known=self._aws.session)
        self._aws.reading  # noqa: B018

    def key(self, name: str) -> str:
        return f"{self.prefix}/{name}".lstrip("/")

    def folders(self, below: str = "") -> list[str]:
        """The names up to the next slash, of which there may be no object."""
        start = self.key(f"{below}/" if below else "")
        found = self._aws.pages("ListObjectsV2", "CommonPrefixes", Bucket=self.bucket, Prefix=start, Delimiter="/")
        return [row["Prefix"][len(start) :].rstrip("/") for row in found]

    def below(self, name: str) -> list[Object]:
        """All objects whose keys start with that name and a slash."""
        start = self.key(f"{name}/")
        rows = self._aws.pages("ListObjectsV2", "Contents", Bucket=self.bucket, Prefix=start)
        return [Object(row["Key"][len(start) :], row["Size"], row["LastModified"]) for row in rows if not row["Key"].endswith("/")]

    def one(self, name: str) -> Object | None:
        """The object of that name itself."""
        try:
            told = self._aws.get("HeadObject", Bucket=self.bucket, Key=self.key(name))
        except errors.NotFound:
            return None
        return Object(name, told["ContentLength"], told["LastModified"])

    def read(self, name: str) -> bytes:
        """All of a small one; NotFound when there is none."""
        answer = self._aws.get("GetObject", Bucket=self.bucket, Key=self.key(name))
        with understood("s3", "GetObject"):
            content: bytes = answer["Body"].read()
        return content

    def may_write(self, name: str) -> None:
        """An error when nothing can be sent there; an upload is begun for that, and given up."""
        with understood("s3", "CreateMultipartUpload"):
            begun = self._parts.create_multipart_upload(Bucket=self.bucket, Key=self.key(name))
        with suppress(errors.RecoveryError), understood("s3", "AbortMultipartUpload"):
            self._parts.abort_multipart_upload(Bucket=self.bucket, Key=self.key(name), UploadId=begun["UploadId"])

    def send(self, path: Path, name: str, sent: Callable[[int], object]) -> None:
        """The file; of one that cannot be sent completely nothing is left, not even parts."""
        with _transferring("PutObject"), path.open("rb") as file:
            self._parts.upload_fileobj(
                file,
                self.bucket,
                self.key(name),
                ExtraArgs={"ChecksumAlgorithm": "SHA256"},
                Callback=sent,
                Config=_config(path.stat().st_size),
            )

    def create(self, name: str, content: bytes) -> None:
        """A small one, which must not be there yet."""
        self._aws.send("PutObject", Bucket=self.bucket, Key=self.key(name), Body=content, ChecksumAlgorithm="SHA256", IfNoneMatch="*")

    def fetch(self, name: str, target: Path, received: Callable[[int], object]) -> None:
        with _transferring("GetObject"), target.open("xb") as file:
            self._parts.download_fileobj(self.bucket, self.key(name), file, Callback=received, Config=_config(0))

    def same(self, path: Path, name: str) -> bool:
        """Whether S3 holds what is in the file: by its own SHA-256, or where that does not show it, by reading all of it back."""
        told = self._aws.get("HeadObject", Bucket=self.bucket, Key=self.key(name), ChecksumMode="ENABLED")
        if told["ContentLength"] != path.stat().st_size:
            return False
        if told.get("ChecksumSHA256", "").partition("-")[0] in _checksums(path):
            return True
        digest = hashlib.sha256()
        answer = self._aws.get("GetObject", Bucket=self.bucket, Key=self.key(name))
        with understood("s3", "GetObject"):
            for block in answer["Body"].iter_chunks(1 << 20):
                digest.update(block)
        with path.open("rb") as file:
            return digest.digest() == hashlib.file_digest(file, "sha256").digest()

    def remove(self, names: list[str]) -> bool:
        """Whether they could be removed; in a bucket with versions they are only hidden."""
        try:
            for name in names:
                self._aws.send("DeleteObject", Bucket=self.bucket, Key=self.key(name))
        except errors.RecoveryError:
            return False
        return True


class Count:
    """Bytes that several threads have moved."""

    def __init__(self) -> None:
        self.bytes = 0
        self._lock = threading.Lock()

    def add(self, more: int) -> None:
        with self._lock:
            self.bytes += more


def part_size(length: int) -> int:
    """Bytes of each part of an object but the last."""
    return max(PART, -(-length // MOST_PARTS))


def _config(length: int) -> Any:
    size = part_size(length)
    return library("boto3.s3.transfer").TransferConfig(multipart_threshold=size + 1, multipart_chunksize=size, max_concurrency=THREADS)


def _checksums(path: Path) -> set[str]:
    """As S3 may tell it: of the whole, or of the parts' own one after the other, without their number behind it."""
    whole, parts = hashlib.sha256(), hashlib.sha256()
    size = part_size(path.stat().st_size)
    with path.open("rb") as file:
        while block := file.read(size):
            whole.update(block)
            parts.update(hashlib.sha256(block).digest())
    return {base64.b64encode(one.digest()).decode() for one in (whole, parts)}


@contextmanager
def _transferring(call: str) -> Iterator[None]:
    try:
        with understood("s3", call):
            yield
    except library("s3transfer.exceptions").RetriesExceededError:
        raise errors.Unavailable(f"AWS s3 broke {call} off, each time it was tried", "Run the same command again.") from None
