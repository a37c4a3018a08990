"""What visitors of the edge get, as CloudWatch shows it: requests, rates of errors and of hits, a few seconds later."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.aws.contents import NAMESPACE, dimensions
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

EVERY = 1.0
"""Seconds."""


class Traffic:
    """Counted since it was last published, by distribution."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def count(self, distribution: str, status: int, hit: bool, size: int) -> None:
        counts = self._counts.setdefault(distribution, Counter())
        counts.update({"all": 1, f"{status // 100}xx": 1, "hits": int(hit), "bytes": size})

    def taken(self) -> list[Row]:
        """The data for CloudWatch, once."""
        counts, self._counts = self._counts, {}
        return [row for id, one in counts.items() if id for row in _data(id, one)]


def _data(distribution: str, counts: Counter[str]) -> list[Row]:
    everyone = counts["all"]

    def rate(name: str, some: int) -> Row:
        """Percent: 100 for each of them, 0 for each other one, so that averages of any period are right."""
        values = [(100.0, some), (0.0, everyone - some)]
        shown = [(value, count) for value, count in values if count]
        return {"MetricName": name, "Unit": "Percent", "Values": [value for value, _ in shown], "Counts": [count for _, count in shown]}

    errors = counts["4xx"] + counts["5xx"]
    rows = [
        {"MetricName": "Requests", "Unit": "None", "Value": float(everyone)},
        {"MetricName": "BytesDownloaded", "Unit": "None", "Value": float(counts["bytes"])},
        rate("4xxErrorRate", counts["4xx"]),
        rate("5xxErrorRate", counts["5xx"]),
        rate("TotalErrorRate", errors),
        rate("CacheHitRate", counts["hits"]),
    ]
    return [{**row, "Dimensions": dimensions(distribution)} for row in rows]


async def publishing(aws: Aws, app: web.Application) -> AsyncIterator[None]:
    """Every second, where there was somebody; nobody is no data."""
    task = asyncio.create_task(_publish(aws))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _publish(aws: Aws) -> None:
    client: Any = None
    while True:
        await asyncio.sleep(EVERY)
        if data := aws.traffic.taken():
            client = client or await asyncio.to_thread(aws.client, "cloudwatch")
            with contextlib.suppress(Exception):  # what cannot be published is lost, as it would be there
                await asyncio.to_thread(client.put_metric_data, Namespace=NAMESPACE, MetricData=data)
