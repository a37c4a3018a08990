# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics since a moment, read as raw sums in as few calls as there can be."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch import figures
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused, Unavailable
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

AT_MOST = 500
"""Queries that GetMetricData takes."""
MINUTE = timedelta(minutes=1)
Key = tuple[int, str, str]
"""Number of the metric among those asked for, metric name, statistic."""


class Metrics:
    """C(window) minutes up to now, in periods of one minute; with C(since) never one that began before."""

    def __init__(self, options: Options, run: Run) -> None:
        self.metrics: list[dict[str, Any]] = options["metrics"]
        for metric in self.metrics:
            _validate(metric)
        self.minutes = options["window"]
        self.since = moment.parse(options["since"]) if options["since"] else None
        self._watch = Aws("cloudwatch", options, run)

    @property
    def wanted(self) -> list[str]:
        return [metric["name"] for metric in self.metrics]

    def look(self) -> list[Check]:
        now = datetime.now(UTC)
        end = _minute(now) + MINUTE
        start = end - timedelta(minutes=self.minutes)
        window = f"in the last {self.minutes} min"
        if self.since and _minute(self.since + MINUTE - timedelta(microseconds=1)) > start:
            start = _minute(self.since + MINUTE - timedelta(microseconds=1))
            window = f"since {start:%H:%M}"
        asked = [(number, *what) for number, metric in enumerate(self.metrics) for what in figures.statistics(metric)]
        read = self._read(asked, start, end) if start < end else {}
        return [self._judged(metric, _of(number, read), window) for number, metric in enumerate(self.metrics)]

    @staticmethod
    def _judged(metric: dict[str, Any], read: dict[tuple[str, str], dict[Any, float]], window: str) -> Check:
        return figures.judged(metric, figures.figure(metric, read), window, figures.points(metric, read))

    def _read(self, asked: list[Key], start: datetime, end: datetime) -> dict[Key, dict[Any, float]]:
        read: dict[Key, dict[Any, float]] = {}
        for first in range(0, len(asked), AT_MOST):
            some = {f"m{number}": key for number, key in enumerate(asked[first : first + AT_MOST])}
            queries = [{"Id": name, "MetricStat": self._stat(key), "ReturnData": True} for name, key in some.items()]
            parts = self._watch.pages("GetMetricData", "MetricDataResults", MetricDataQueries=queries, StartTime=start, EndTime=end)
            last: dict[str, str] = {}
            for part in parts:
                # A figure of a minute may come on several pages, and only the last one says whether it is complete.
                read.setdefault(some[part["Id"]], {}).update(zip(part.get("Timestamps", []), part.get("Values", []), strict=True))
                last[part["Id"]] = part.get("StatusCode", "Complete")
            for name, status in last.items():
                if status != "Complete":
                    raise Unavailable(
                        f"CloudWatch answered {status} for {some[name][1]}, which is not all of it",
                        "Run the same command again, with a shorter window if it stays so.",
                    )
        return read

    def _stat(self, key: Key) -> dict[str, Any]:
        number, name, statistic = key
        metric = self.metrics[number]
        dimensions = [{"Name": one, "Value": str(value)} for one, value in metric["dimensions"].items()]
        return {
            "Metric": {"Namespace": metric["namespace"], "MetricName": name, "Dimensions": dimensions},
            "Period": 60,
            "Stat": statistic,
        }


def _validate(metric: dict[str, Any]) -> None:
    if metric["percent_of"] and metric["weighted_by"]:
        raise Refused(f"metric {metric['name']} is both a percentage and a weighted average", "Give percent_of or weighted_by.")
    if metric["min"] is None and metric["max"] is None:
        raise Refused(f"metric {metric['name']} has no limit", "Give min, max or both.")


def _of(number: int, read: dict[Key, dict[Any, float]]) -> dict[tuple[str, str], dict[Any, float]]:
    mine: dict[tuple[str, str], dict[Any, float]] = defaultdict(dict)
    mine |= {key[1:]: series for key, series in read.items() if key[0] == number}
    return mine


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
