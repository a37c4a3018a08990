"""Datadog: points with tags, put together every twenty seconds. A metric that nobody sends has no series."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sandbox.monitoring import Monitoring, Query, Refusal, first

API_KEY, APP_KEY = "sandbox-datadog-api-key", "sandbox-datadog-app-key"
INTERVAL = 20
QUERY = re.compile(r"(avg|sum|min|max):([\w.]+)\{([^}]*)\}(?: by \{([\w,]+)\})?")
AGGREGATORS: dict[str, Callable[[list[float]], float]] = {"avg": fmean, "sum": sum, "min": min, "max": max}


@dataclass(frozen=True)
class Point:
    at: float
    metric: str
    value: float
    tags: dict[str, str]


class Datadog(Monitoring):
    """C(points) is all it knows; C(trouble) is what it answers in place of series, with status 200 as it does."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[Point] = []
        self.trouble = ""

    def sent(self, at: float, metric: str, value: float, **tags: str) -> None:
        self.points.append(Point(at, metric, value, tags))

    def answer(self, path: str, query: Query, headers: Any) -> Any:
        if (headers.get("DD-API-KEY"), headers.get("DD-APPLICATION-KEY")) != (API_KEY, APP_KEY):
            raise Refusal(403, "Forbidden")
        if path != "/api/v1/query":
            raise Refusal(404, "Not found")
        text, start, end = first(query, "query"), int(first(query, "from")), int(first(query, "to"))
        about = {"query": text, "from_date": start * 1000, "to_date": end * 1000, "res_type": "time_series", "resp_version": 1}
        if self.trouble:
            return {**about, "status": "error", "error": self.trouble, "series": []}
        parsed = QUERY.fullmatch(text)
        if not parsed:
            raise Refusal(400, f"Error parsing query: \nunable to parse {text}: Rule 'scope_expr' didn't match")
        aggregator, metric, scope, by = parsed.groups()
        wanted = dict(part.split(":", 1) for part in scope.split(",") if part != "*")
        groups: dict[str, list[Point]] = defaultdict(list)
        for point in self.points:
            if point.metric == metric and start <= point.at <= end and wanted.items() <= point.tags.items():
                groups[",".join(f"{tag}:{point.tags.get(tag, 'N/A')}" for tag in (by or "").split(",") if tag)].append(point)
        series = [_series(aggregator, metric, group or scope, points, text) for group, points in sorted(groups.items())]
        return {**about, "status": "ok", "message": "", "series": series, "group_by": (by or "").split(",") if by else []}

    def error(self, words: str) -> Any:
        return {"errors": [words]}


def _series(aggregator: str, metric: str, scope: str, points: list[Point], expression: str) -> dict[str, Any]:
    buckets: dict[int, list[float]] = defaultdict(list)
    for point in points:
        buckets[int(point.at) // INTERVAL * INTERVAL].append(point.value)
    listed = [[at * 1000.0, AGGREGATORS[aggregator](values)] for at, values in sorted(buckets.items())]
    return {
        "metric": metric,
        "display_name": metric,
        "scope": scope,
        "tag_set": [],
        "expression": expression,
        "aggr": aggregator,
        "interval": INTERVAL,
        "length": len(listed),
        "start": listed[0][0],
        "end": listed[-1][0] + INTERVAL * 1000 - 1,
        "pointlist": listed,
        "query_index": 0,
        "unit": None,
        "attributes": {},
    }
