"""The copies of s3_objects made by S3 Batch Operations (emulated), everything else here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.objects.batch_emulator import BatchOperations
from tests.objects.restored import restore
from tests.objects.spoiled import Spoiled, new_bucket, spoiled
from tests.seaweedfs import SeaweedFS
from tests.vendor_proxy import Proxy

pytestmark = pytest.mark.once
ROLE = "arn:aws:iam::123456789012:role/restore"


@pytest.fixture
def proxy(seaweedfs: SeaweedFS) -> Iterator[Proxy]:
    with Proxy(seaweedfs.url) as made:
        yield made


def asked(seaweedfs: SeaweedFS, proxy: Proxy, bucket: Spoiled, state: Path) -> dict[str, Any]:
    place = f"s3://{new_bucket(bucket.client)}/jobs"
    batch = {"engine": "batch_operations", "batch_role": ROLE, "batch_place": place, "batch_poll": 0.01}
    server = {**seaweedfs.options, "endpoint_url": proxy.url}
    return {"server": server, "bucket": bucket.bucket, "state": state, "good_at": bucket.at, **batch}


def test_a_job_copies_and_the_rest_is_done_here(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs)
    emulator = BatchOperations(bucket.client)
    proxy.begin(emulator)
    wish = asked(seaweedfs, proxy, bucket, tmp_path)
    done = restore(**wish)
    assert not done.get("failed"), done["msg"]
    assert (done["calls"].get("CopyObject", 0), done["calls"]["DeleteObjects"], len(emulator.jobs)) == (0, 1, 1)
    assert bucket.holds() == bucket.good
    assert (restore(**wish)["changed"], len(emulator.jobs)) == (False, 1)


def test_what_a_job_could_not_copy_is_named(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs)
    proxy.begin(BatchOperations(bucket.client, denied=frozenset({"written/0003"})))
    done = restore(**asked(seaweedfs, proxy, bucket, tmp_path))
    assert (done["failed"], [row["key"] for row in done["failed_keys"]], "1 of 30 keys" in done["msg"]) == (True, ["written/0003"], True)
    assert {key for key, body in bucket.holds().items() if bucket.good.get(key) != body} == {"written/0003"}
