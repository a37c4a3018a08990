"""A bucket whose keys were spoiled after a moment in each way that there is."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.objects.histories import next_second
from tests.seaweedfs import SeaweedFS

_numbers = itertools.count()


@dataclass(frozen=True)
class Spoiled:
    """C(good) is what each key held in the second C(at)."""

    client: Any
    bucket: str
    at: datetime
    good: dict[str, bytes]

    def holds(self) -> dict[str, bytes]:
        return contents(self.client, self.bucket)

    def versions(self) -> int:
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket)
        return sum(len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in pages)


def contents(client: Any, bucket: str) -> dict[str, bytes]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [row["Key"] for page in pages for row in page.get("Contents", [])]
    with ThreadPoolExecutor(16) as pool:
        return dict(zip(keys, pool.map(lambda key: client.get_object(Bucket=bucket, Key=key)["Body"].read(), keys), strict=True))


def new_bucket(client: Any) -> str:
    name = f"spoiled-{os.getpid()}-{next(_numbers)}"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def spoiled(seaweedfs: SeaweedFS, written: int = 10, deleted: int = 10, created: int = 10, untouched: int = 5) -> Spoiled:
    """So many keys of each kind."""
    client = seaweedfs.client()
    bucket = new_bucket(client)
    kinds = {"written": written, "deleted": deleted, "untouched": untouched}
    good = {f"{kind}/{number:04}": f"good {number}".encode() for kind, count in kinds.items() for number in range(count)}
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda pair: client.put_object(Bucket=bucket, Key=pair[0], Body=pair[1], Metadata={"is": "good"}), good.items()))
        at = next_second()
        bad = [f"written/{number:04}" for number in range(written)] + [f"created/{number:04}" for number in range(created)]
        list(pool.map(lambda key: client.put_object(Bucket=bucket, Key=key, Body=b"spoiled"), bad))
        list(pool.map(lambda number: client.delete_object(Bucket=bucket, Key=f"deleted/{number:04}"), range(deleted)))
    return Spoiled(client, bucket, at, good)
