"""Sentry: events, counted by the minute. What has no events has zeroes; the minute that is not over is incomplete."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.monitoring import Monitoring, Query, Refusal, first

ORGANIZATION = "rachelfoods"
TOKEN = "sandbox-sentry-token"
PATH = re.compile(r"/api/0/organizations/([^/]+)/events-timeseries/")
DATASETS = ("errors", "logs", "profile_functions", "spans", "tracemetrics", "uptime_results")


@dataclass(frozen=True)
class Event:
    at: float
    project: str
    environment: str
    fields: dict[str, str]
    """What C(query) filters by: C(level:error)."""


class Sentry(Monitoring):
    """C(events) is all it knows; C(scanned) says how much of it an answer is made from."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.scanned = "full"

    def happened(self, at: float, project: str = "storefront", environment: str = "production", **fields: str) -> None:
        self.events.append(Event(at, project, environment, {"level": "error"} | fields))

    def answer(self, path: str, query: Query, headers: Any) -> Any:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "Invalid token")
        found = PATH.fullmatch(path)
        if not found or found[1] != ORGANIZATION:
            raise Refusal(404, "The requested resource does not exist")
        if first(query, "dataset") not in DATASETS:
            raise Refusal(400, f"dataset must be one of: {', '.join(DATASETS)}")
        if first(query, "yAxis", "count()") != "count()":
            raise Refusal(400, f"{first(query, 'yAxis')} is not a valid function")
        interval, start, end = int(first(query, "interval", "60")), _seconds(first(query, "start")), _seconds(first(query, "end"))
        events = [event for event in self.events if self._asked_for(event, query)]
        values = [
            {
                "timestamp": at * 1000,
                "value": sum(at <= event.at < at + interval for event in events),
                "incomplete": at + interval > time.time(),
            }
            for at in range(int(start) // interval * interval, int(end) + 1, interval)
        ]
        meta = {"valueType": "integer", "valueUnit": None, "interval": interval * 1000, "dataScanned": self.scanned}
        series = {"yAxis": "count()", "values": values, "meta": meta}
        return {"timeSeries": [series], "meta": {"dataset": first(query, "dataset"), "start": start * 1000, "end": end * 1000}}

    def _asked_for(self, event: Event, query: Query) -> bool:
        terms = dict(term.split(":", 1) for term in first(query, "query").split())
        return (
            event.project in query.get("project", [event.project])
            and event.environment in query.get("environment", [event.environment])
            and all(event.fields.get(name) == value for name, value in terms.items())
        )

    def error(self, words: str) -> Any:
        return {"detail": words}


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refusal(400, "Invalid date range. Try setting a valid start and end.") from None
