# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentry: how often something happened in each minute. It fills up with zeroes, so that nothing happened is no sign of life."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import Points, Reading, combined
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.source import Metric, Window, configured
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

MINUTE = 60
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check token: it needs the scope org:read, or event:read.",
    errors.NotFound: "Check organization, and that the token belongs to it.",
    errors.BadRequest: "Try query and y_axis in Sentry's Explore.",
}


class Sentry:
    """https://docs.sentry.io/api/explore/; its release health (sessions) is by the hour, too coarse for a rollback."""

    name = "Sentry"

    def __init__(self, given: dict[str, Any], run: Run) -> None:
        configured(given, "sentry", "url", "organization", "token")
        self._path = f"/api/0/organizations/{given['organization']}/events-timeseries/"
        self._api = Api(self.name, given["url"], bearer(given["token"]), run, explain=_words, hints=HINTS)

    def read(self, metric: Metric, window: Window) -> Reading:
        start = int(window.start) // MINUTE * MINUTE
        body = self._api.get(
            self._path,
            dataset=metric["dataset"],
            yAxis=metric["y_axis"],
            query=metric["query"] or "",
            project=metric["project"],
            environment=metric["environment"],
            start=_time(start),
            end=_time(window.now),
            interval=MINUTE,
        )
        rows = body["timeSeries"]
        if len(rows) != 1:
            return Reading(None, unknown=f"{len(rows)} series where one was expected" if rows else "no data")
        values = [(row["timestamp"] / 1000, float(row["value"]), bool(row["incomplete"])) for row in rows[0]["values"]]
        points: Points = [(at, value) for at, value, incomplete in values if not incomplete]
        counting = [(at, value) for at, value in points if window.since is None or at >= window.since]
        if rows[0]["meta"].get("dataScanned") == "partial":
            return Reading(None, points, unknown="Sentry has looked at a part of its data only")
        if not counting:
            return Reading(None, points, unknown=f"no whole minute yet {window}" if values else "no data")
        each = "" if metric["statistic"] == "Sum" else " a minute"
        return Reading(combined(counting, metric["statistic"]), points, of=f"{each} {window}")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "")


def _words(body: Any) -> str:
    detail = body.get("detail") if isinstance(body, dict) else ""
    return str(detail.get("message") if isinstance(detail, dict) else detail or "")
