"""The same plan as ours in plain boto3, as one would write it: URL BUCKET TIME copy|rewind."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import boto3
from botocore.config import Config

WORKERS = 16


def main(url: str, bucket: str, moment: str, method: str) -> None:
    client = boto3.client("s3", endpoint_url=url, config=Config(max_pool_connections=WORKERS))
    until = datetime.fromisoformat(moment)
    delete: list[dict[str, str]] = []
    copy: list[tuple[str, str]] = []
    for key, rows in groupby(_listed(client, bucket), key=itemgetter("Key")):
        versions = list(rows)
        newer = [row for row in versions if row["LastModified"] >= until]
        wanted = next((row for row in versions if row["LastModified"] < until), None)
        if not newer:
            continue
        if method == "rewind" or (wanted and "ETag" in wanted and not any("ETag" in row for row in newer)):
            delete += [{"Key": key, "VersionId": row["VersionId"]} for row in newer]
        elif wanted is None or "ETag" not in wanted:
            delete.append({"Key": key})
        else:
            copy.append((key, wanted["VersionId"]))
    with ThreadPoolExecutor(WORKERS) as pool:

        def copied(one: tuple[str, str]) -> Any:
            return client.copy_object(Bucket=bucket, Key=one[0], CopySource={"Bucket": bucket, "Key": one[0], "VersionId": one[1]})

        def deleted(start: int) -> Any:
            return client.delete_objects(Bucket=bucket, Delete={"Objects": delete[start : start + 1000], "Quiet": True})

        list(pool.map(copied, copy))
        list(pool.map(deleted, range(0, len(delete), 1000)))


def _listed(client: Any, bucket: str) -> list[dict[str, Any]]:
    """Keys in order, the newest of each first."""
    rows: list[dict[str, Any]] = []
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        rows += page.get("Versions", []) + page.get("DeleteMarkers", [])
    return sorted(rows, key=lambda row: (row["Key"], not row["IsLatest"], -row["LastModified"].timestamp()))


main(*sys.argv[1:])
