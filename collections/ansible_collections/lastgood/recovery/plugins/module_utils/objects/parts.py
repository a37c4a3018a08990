# SPDX-License-Identifier: GPL-3.0-or-later
"""A version of more than 5 GB copied on top of its key, in the parts that it was uploaded in, so that its ETag is the same.

Such a copy keeps nothing by itself: metadata, headers, tags and the rest are sent again.
"""
from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import same
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.preflight import Setting
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version

PART = 512 << 20
"""Bytes of a part where nobody knows how it was uploaded."""
MOST_PART = 5 << 30
MOST_PARTS = 10_000
THREADS = 8
_KEPT = (
    "ContentType",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "Metadata",
    "WebsiteRedirectLocation",
    "SSEKMSKeyId",
    "ServerSideEncryption",
    "BucketKeyEnabled",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "ObjectLockLegalHoldStatus",
)
_GRANTS = {
    "x-amz-grant-full-control": "GrantFullControl",
    "x-amz-grant-read": "GrantRead",
    "x-amz-grant-read-acp": "GrantReadACP",
    "x-amz-grant-write-acp": "GrantWriteACP",
}


def copied(bucket: Bucket, version: Version, setting: Setting) -> str | None:
    """Shows again as it was: the id of the new version. Of an upload that fails nothing is left, and what showed before still shows."""
    which = {"Bucket": bucket.name, "Key": version.key}
    head = bucket.aws.get("HeadObject", **which, VersionId=version.version_id)
    given = {name: head[name] for name in _KEPT if head.get(name)} | _further(bucket, version, setting, head)
    size = _part_size(bucket, version)
    begun = bucket.aws.send("CreateMultipartUpload", **which, **given)
    upload = {**which, "UploadId": begun["UploadId"]}
    try:
        source = {**which, "VersionId": version.version_id}

        def copy(part: tuple[int, str]) -> dict[str, Any]:
            # Repeated like a read: the same part, copied twice, is the same.
            made = bucket.aws.get("UploadPartCopy", **upload, PartNumber=part[0], CopySourceRange=part[1], CopySource=source)
            bucket.calls["UploadPartCopy"] += 1
            return {"PartNumber": part[0], "ETag": made["CopyPartResult"]["ETag"]}

        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(copy, ranges(version.size, size)))
        made: str | None = bucket.aws.send("CompleteMultipartUpload", **upload, MultipartUpload={"Parts": parts}).get("VersionId")
    except errors.RecoveryError:
        with suppress(errors.RecoveryError):
            bucket.aws.send("AbortMultipartUpload", **upload)
        raise
    return made


def ranges(length: int, size: int) -> Iterator[tuple[int, str]]:
    """Numbers from 1, and the bytes of each part as S3 writes them, the last one included."""
    for number, start in enumerate(range(0, length, size), 1):
        yield number, f"bytes={start}-{min(start + size, length) - 1}"


def _part_size(bucket: Bucket, version: Version) -> int:
    least = -(-version.size // MOST_PARTS)
    first = PART
    if "-" in version.etag:
        with suppress(errors.RecoveryError):
            head = bucket.aws.get("HeadObject", Bucket=bucket.name, Key=version.key, VersionId=version.version_id, PartNumber=1)
            if head.get("PartsCount", 1) > 1:
                first = head["ContentLength"]
    return max(least, min(first, MOST_PART))


def _further(bucket: Bucket, version: Version, setting: Setting, head: dict[str, Any]) -> dict[str, Any]:
    """What has other names where it is read, or is read by a call of its own."""
    which = {"Bucket": bucket.name, "Key": version.key, "VersionId": version.version_id}
    given: dict[str, Any] = {}
    if head.get("ExpiresString"):
        given["Expires"] = head["ExpiresString"]
    kept = same.storage_class(version)
    if kept:
        given["StorageClass"] = version.storage_class
    tags = bucket.aws.get("GetObjectTagging", **which)["TagSet"]
    if tags:
        given["Tagging"] = same.written_tags({tag["Key"]: tag["Value"] for tag in tags})
    if setting.acls:
        answer = bucket.aws.get("GetObjectAcl", **which)
        owner = answer["Owner"]["ID"]
        found: dict[str, list[str]] = {}
        for grant in answer["Grants"]:
            who = grant["Grantee"]
            written = f'uri="{who["URI"]}"' if "URI" in who else f'id="{who.get("ID")}"'
            found.setdefault(f"x-amz-grant-{grant['Permission'].lower().replace('_', '-')}", []).append(written)
        if found != {"x-amz-grant-full-control": [f'id="{owner}"']}:
            given |= {_GRANTS[name]: ", ".join(values) for name, values in found.items() if name in _GRANTS}
    return given
