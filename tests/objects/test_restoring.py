"""s3_objects on a real S3 server: what comes back, by which calls, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import asked, checkpoint, parts, restoring

from tests.objects.histories import next_second, visible
from tests.objects.restored import restore, writes
from tests.objects.spoiled import new_bucket, spoiled
from tests.seaweedfs import SeaweedFS
from tests.vendor_proxy import Answer, Proxy, answering

pytestmark = pytest.mark.once

AWKWARD = ("ü/ñ 漢字", "a+b", "100%", "a&b<c>\"d'", "#?=", "a//b", "tab\there", "line\nend", "~.-_", " blank ", "é" * 100, "a=b;c", "$,@:!")


def test_few_calls_and_then_none(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    """1,020 deleted or created keys are two calls, 20 written over are 20, and a list of up to 1,000 versions is one."""
    bucket = spoiled(seaweedfs, written=20, deleted=510, created=510, untouched=20)
    asked: dict[str, Any] = {"bucket": bucket.bucket, "state": tmp_path, "good_at": bucket.at}
    planned = restore(seaweedfs.options, check=True, **asked)
    assert planned["counts"] == {"copy": 20, "undelete": 510, "hide": 510, "remove": 0, "archived": 0, "keep": 0, "untouched": 20}
    assert (planned["changed"], writes(planned), planned["calls"]) == (True, 0, {"ListObjectVersions": 2})
    assert planned["bytes"] == sum(len(body) for key, body in bucket.good.items() if key.startswith("written"))
    done = restore(seaweedfs.options, **asked)
    assert done["calls"] == {"CopyObject": 20, "DeleteObjects": 2, "ListObjectVersions": 4}
    assert {**done["counts"], "bytes": done["bytes_copied"]} == {**planned["counts"], "bytes": planned["bytes"]}
    assert bucket.holds() == bucket.good
    again = restore(seaweedfs.options, **asked)
    assert (again["changed"], writes(again), again["summary"].endswith("nothing to do")) == (False, 0, True)


def test_rewound_without_a_copy(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs)
    done = restore(seaweedfs.options, bucket.bucket, tmp_path, good_at=bucket.at, method="rewind")
    assert (done["calls"]["DeleteObjects"], writes(done), done["counts"]["remove"]) == (1, 1, 30)
    assert (bucket.holds(), bucket.versions()) == (bucket.good, len(bucket.good))


def test_one_key_only(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs)
    bucket.client.put_object(Bucket=bucket.bucket, Key="written/0001/below", Body=b"later")
    done = restore(seaweedfs.options, bucket.bucket, tmp_path, good_at=bucket.at, key="written/0001")
    assert (done["counts"]["copy"], done["key_count"], writes(done)) == (1, 1, 1)
    held = bucket.holds()
    assert (held["written/0001"], held["written/0002"], held["written/0001/below"]) == (b"good 1", b"spoiled", b"later")


def test_awkward_keys(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    client = seaweedfs.client()
    bucket = new_bucket(client)
    for number, key in enumerate(AWKWARD):
        client.put_object(Bucket=bucket, Key=key, Body=b"good", Tagging="team=a%20b%2Bc", Metadata={"number": str(number)})
    good, at = visible(client, bucket, ""), next_second()
    for number, key in enumerate(AWKWARD):
        for act in {0: ["put"], 1: ["delete"], 2: ["put", "delete"]}[number % 3]:
            client.put_object(Bucket=bucket, Key=key, Body=b"bad") if act == "put" else client.delete_object(Bucket=bucket, Key=key)
        client.put_object(Bucket=bucket, Key=f"new {key}", Body=b"bad")
    done = restore(seaweedfs.options, bucket, tmp_path, good_at=at)
    assert not done.get("failed"), done["msg"]
    assert visible(client, bucket, "") == good
    assert writes(restore(seaweedfs.options, bucket, tmp_path, good_at=at)) == 0


def test_metadata_alone_comes_back(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    """The content is the same, and so is its ETag: only both heads tell."""
    client = seaweedfs.client()
    bucket = new_bucket(client)
    client.put_object(Bucket=bucket, Key="page", Body=b"hello", ContentType="text/html", CacheControl="max-age=60", Tagging="a=b")
    good, at = visible(client, bucket, ""), next_second()
    client.put_object(Bucket=bucket, Key="page", Body=b"hello", ContentType="text/plain")
    assert writes(restore(seaweedfs.options, bucket, tmp_path, good_at=at)) == 1
    assert visible(client, bucket, "") == good
    client.put_object(Bucket=bucket, Key="page", Body=b"hello", ContentType="text/html", CacheControl="max-age=60")
    done = restore(seaweedfs.options, bucket, tmp_path, good_at=at)
    assert (done["counts"]["copy"], visible(client, bucket, "")) == (1, good), "tags differ as well"


def test_large_ones_in_parts(seaweedfs: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if CopyObject took 5 MiB at most: the parts are those of the upload, and nothing else is lost."""
    monkeypatch.setattr(restoring, "COPY_LIMIT", 5 << 20)
    monkeypatch.setattr(parts, "PART", 5 << 20)
    client = seaweedfs.client()
    bucket = new_bucket(client)
    what: dict[str, Any] = {"ContentType": "video/mp4", "CacheControl": "no-store", "Metadata": {"Name": "film"}, "Tagging": "a=b%20c&d="}
    begun = client.create_multipart_upload(Bucket=bucket, Key="in parts", **what)
    upload = {"Bucket": bucket, "Key": "in parts", "UploadId": begun["UploadId"]}
    bodies = [b"1" * (6 << 20), b"2" * (6 << 20), b"3"]
    made = [client.upload_part(**upload, PartNumber=number, Body=body)["ETag"] for number, body in enumerate(bodies, 1)]
    listed = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(made, 1)]
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed})
    client.put_object(Bucket=bucket, Key="whole", Body=b"4" * (6 << 20), **what)
    good, at = visible(client, bucket, ""), next_second()
    for key in ("in parts", "whole"):
        client.put_object(Bucket=bucket, Key=key, Body=b"5" * (6 << 20))
    done = restore(seaweedfs.options, bucket, tmp_path, good_at=at)
    assert (done["changed"], done["calls"].get("CopyObject", 0)) == (True, 0)
    assert visible(client, bucket, "") == good
    assert client.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    assert writes(restore(seaweedfs.options, bucket, tmp_path, good_at=at)) == 0


def test_what_lies_in_the_archive_is_listed_and_left(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    client = seaweedfs.client()
    bucket = new_bucket(client)
    for key, kind in {"cold": "GLACIER", "colder": "DEEP_ARCHIVE", "warm": "STANDARD", "cool": "STANDARD_IA"}.items():
        client.put_object(Bucket=bucket, Key=key, Body=key.encode(), StorageClass=kind)
    at = next_second()
    for key in ("cold", "colder", "warm", "cool"):
        client.put_object(Bucket=bucket, Key=key, Body=b"new one")
    done = restore(seaweedfs.options, bucket, tmp_path, good_at=at)
    assert (done["failed"], done["error"], done["counts"]["archived"], done["counts"]["copy"]) == (True, "NotRestorable", 2, 2)
    assert {row["key"]: row["restore_times"]["Standard"] for row in done["archived"]} == {
        "cold": "3 to 5 hours",
        "colder": "within 12 hours",
    }
    held = {row["Key"]: row["StorageClass"] for row in client.list_objects_v2(Bucket=bucket)["Contents"]}
    assert held == {"cold": "STANDARD", "colder": "STANDARD", "warm": "STANDARD", "cool": "STANDARD_IA"}
    assert client.get_object(Bucket=bucket, Key="cold")["Body"].read() == b"new one"
    reported = restore(seaweedfs.options, bucket, tmp_path, good_at=at, archived="report")
    assert (reported["changed"], writes(reported), len(reported["archived"])) == (False, 0, 2)
    with Proxy(seaweedfs.url, answering(Answer(202), to=lambda call: "restore" in call.path)) as proxy:
        there = {**seaweedfs.options, "endpoint_url": proxy.url}
        asked_for = restore(there, bucket, tmp_path, good_at=at, archived="request", restore_tier="Bulk")
        bodies = [call.body for call in proxy.log if "restore" in call.path]
    assert (asked_for["error"], len(bodies), all(b"<Tier>Bulk</Tier>" in body for body in bodies)) == ("NotRestorable", 2, True)
    rewound = restore(seaweedfs.options, bucket, tmp_path, good_at=at, method="rewind")
    assert (rewound["counts"]["remove"], client.get_object(Bucket=bucket, Key="warm")["Body"].read()) == (4, b"warm")


def test_no_bucket_without_versions(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs, 1, 1, 1, 1)
    bucket.client.put_bucket_versioning(Bucket=bucket.bucket, VersioningConfiguration={"Status": "Suspended"})
    done = restore(seaweedfs.options, bucket.bucket, tmp_path, good_at=bucket.at)
    assert done["msg"].startswith(f"versioning of s3://{bucket.bucket} is suspended; nothing was changed")


def test_what_a_rule_may_have_deleted_is_not_taken_for_new(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    client = seaweedfs.client()
    bucket = new_bucket(client)
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    client.put_object(Bucket=bucket, Key="k", Body=b"now")
    refused = restore(seaweedfs.options, bucket, tmp_path, good_at="2026-01-01T00:00:00Z")
    assert (refused["error"], "30 days after they were written over" in refused["msg"]) == ("Refused", True)
    kept = restore(seaweedfs.options, bucket, tmp_path, good_at="2026-01-01T00:00:00Z", created_after="keep")
    assert (kept["counts"]["keep"], kept["changed"]) == (1, False)
    hidden = restore(seaweedfs.options, bucket, tmp_path, good_at="2026-01-01T00:00:00Z", created_after="hide")
    assert (hidden["counts"]["hide"], client.list_objects_v2(Bucket=bucket)["KeyCount"]) == (1, 0)


def test_out_of_reach(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    done = restore(seaweedfs.options, "anything", tmp_path, good_at="02:00", reach={"s3": ["another"]})
    assert (done["error"], "nothing was changed" in done["msg"]) == ("OutOfReach", True)


def test_wrong_keys_and_no_bucket(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    bucket = new_bucket(seaweedfs.client())
    wrong = {**seaweedfs.options, "secret_key": "a-wrong-one-indeed"}
    done = restore(wrong, bucket, tmp_path, good_at="02:00")
    assert (done["error"], "nothing was changed" in done["msg"], "a-wrong-one" in str(done)) == ("NotAuthorised", True, False)
    assert restore(seaweedfs.options, "no-such-bucket", tmp_path, good_at="02:00")["error"] == "NotFound"


def test_of_two_at_once_the_second_is_refused(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs, 1, 1, 1, 1)
    place = asked.short([seaweedfs.url, bucket.bucket])
    with checkpoint.locked(tmp_path, place):
        done = restore(seaweedfs.options, bucket.bucket, tmp_path, good_at=bucket.at)
    assert (done["error"], "process" in done["msg"]) == ("Locked", True)
    assert not restore(seaweedfs.options, bucket.bucket, tmp_path, good_at=bucket.at).get("failed")


def test_two_machines_at_once_do_no_harm(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs, 25, 25, 25)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda name: restore(seaweedfs.options, bucket.bucket, tmp_path / name, good_at=bucket.at), "ab"))
    assert [one.get("failed") for one in done] == [None, None], done
    assert bucket.holds() == bucket.good
