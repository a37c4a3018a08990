"""What CopyObject does not keep by itself, on servers that have it (moto; SeaweedFS): rights, keys of an encryption, redirects, locks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.objects.histories import next_second
from tests.objects.restored import restore, writes
from tests.postgres.s3 import S3, serving
from tests.seaweedfs import SeaweedFS
from tests.vendor_proxy import Answer, Exchange, Forward, Proxy

pytestmark = pytest.mark.once

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with serving() as server:
        yield server


def made(s3: S3, name: str) -> str:
    s3.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def restored(s3: S3, bucket: str, tmp_path: Path, at: datetime) -> dict[str, Any]:
    """Once, and then once more, which changes nothing."""
    done = restore(s3.options, bucket, tmp_path, good_at=at)
    assert not done.get("failed"), done["msg"]
    assert writes(restore(s3.options, bucket, tmp_path, good_at=at)) == 0
    return done


def test_access_control_lists(s3: S3, tmp_path: Path) -> None:
    bucket = made(s3, "with-lists")
    s3.client.put_object(Bucket=bucket, Key="open", Body=b"good", ACL="public-read")
    s3.client.put_object(Bucket=bucket, Key="closed", Body=b"good")
    at = next_second()
    for key in ("open", "closed"):
        s3.client.put_object(Bucket=bucket, Key=key, Body=b"bad")
    restored(s3, bucket, tmp_path, at)
    grants = {key: s3.client.get_object_acl(Bucket=bucket, Key=key)["Grants"] for key in ("open", "closed")}
    assert {(one["Grantee"].get("URI"), one["Permission"]) for one in grants["open"]} >= {(EVERYBODY, "READ")}
    assert [one["Permission"] for one in grants["closed"]] == ["FULL_CONTROL"]


def test_the_key_of_an_encryption(s3: S3, tmp_path: Path) -> None:
    bucket = made(s3, "with-keys")
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "the-default"}}
    s3.client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [default]})
    s3.client.put_object(Bucket=bucket, Key="own", Body=b"good", ServerSideEncryption="aws:kms", SSEKMSKeyId="its-own")
    s3.client.put_object(Bucket=bucket, Key="plain", Body=b"good", ServerSideEncryption="AES256")
    at = next_second()
    for key in ("own", "plain"):
        s3.client.put_object(Bucket=bucket, Key=key, Body=b"bad")
    restored(s3, bucket, tmp_path, at)
    head = s3.client.head_object(Bucket=bucket, Key="own")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"].rpartition("/")[2]) == ("aws:kms", "its-own")
    assert s3.client.head_object(Bucket=bucket, Key="plain")["ServerSideEncryption"] == "AES256"


def test_a_key_that_only_the_etag_tells_of(s3: S3, tmp_path: Path) -> None:
    """The bucket's default is AES256, so nobody looks first. The ETag of the copy is another one: it is copied again with its own key.

    The proxy makes of every ETag in a list one that is no MD5, as AWS's are with KMS.
    """
    bucket = made(s3, "with-surprises")
    owner = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.client.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=owner)
    s3.client.put_object(Bucket=bucket, Key="own", Body=b"good", ServerSideEncryption="aws:kms", SSEKMSKeyId="its-own")
    at = next_second()
    s3.client.put_object(Bucket=bucket, Key="own", Body=b"bad", ServerSideEncryption="AES256")

    def opaque(call: Exchange, forward: Forward) -> Answer:
        answer = forward()
        turned = re.sub(rb"&quot;(\w{32})&quot;|\"(\w{32})\"", lambda one: b'"' + (one[1] or one[2])[::-1] + b'"', answer.body)
        return replace(answer, body=turned) if "versions" in call.path else answer

    with Proxy(s3.url, opaque) as proxy:
        there = {**s3.options, "endpoint_url": proxy.url}
        done = restore(there, bucket, tmp_path, good_at=at)
        assert not done.get("failed"), done["msg"]
        assert (done["calls"]["CopyObject"], done["calls"]["HeadObject"], done["calls"]["DeleteObjects"]) == (2, 1, 1)
        again = restore(there, bucket, tmp_path, good_at=at)
        assert (again["changed"], writes(again)) == (False, 0), again
    head = s3.client.head_object(Bucket=bucket, Key="own")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"].rpartition("/")[2]) == ("aws:kms", "its-own")
    kept = s3.client.list_object_versions(Bucket=bucket)["Versions"]
    assert len(kept) == 3, "what was copied without the key is not left behind"


def test_redirects_of_a_website(s3: S3, tmp_path: Path) -> None:
    bucket = made(s3, "with-pages")
    s3.client.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.client.put_object(Bucket=bucket, Key="old", Body=b"", WebsiteRedirectLocation="/new")
    at = next_second()
    s3.client.put_object(Bucket=bucket, Key="old", Body=b"bad")
    restored(s3, bucket, tmp_path, at)
    assert s3.client.head_object(Bucket=bucket, Key="old").get("WebsiteRedirectLocation") == "/new"


def test_locks(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    client = seaweedfs.client()
    client.create_bucket(Bucket="with-locks", ObjectLockEnabledForBucket=True)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    client.put_object(Bucket="with-locks", Key="k", Body=b"good", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    at = next_second()
    client.put_object(Bucket="with-locks", Key="k", Body=b"bad")
    refused = restore(seaweedfs.options, "with-locks", tmp_path, good_at=at, method="rewind")
    assert (refused["error"], "object lock" in refused["msg"]) == ("Refused", True)
    done = restore(seaweedfs.options, "with-locks", tmp_path, good_at=at)
    assert not done.get("failed"), done["msg"]
    assert any("object lock" in note for note in done["notes"])
    head = client.head_object(Bucket="with-locks", Key="k")
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert writes(restore(seaweedfs.options, "with-locks", tmp_path, good_at=at)) == 0


def test_what_the_bucket_is_set_to_is_said(s3: S3, tmp_path: Path) -> None:
    bucket = made(s3, "with-rules")
    gone = {"ID": "gone", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    s3.client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [gone]})
    at = next_second()
    assert any("deletes objects of an age" in note for note in restored(s3, bucket, tmp_path, at)["notes"])
    assert not any("of an age" in note for note in restore(s3.options, bucket, tmp_path, good_at=at, prefix="pages/")["notes"])


def test_what_may_not_be_looked_at_is_said(s3: S3, tmp_path: Path) -> None:
    bucket = made(s3, "with-secrets")
    s3.denied = lambda method, path: "?lifecycle" in path or "?replication" in path
    try:
        done = restore(s3.options, bucket, tmp_path, good_at="02:00")
    finally:
        s3.denied = lambda method, path: False
    assert any("s3:GetBucketLifecycleConfiguration, s3:GetBucketReplication" in note for note in done["notes"]), done
