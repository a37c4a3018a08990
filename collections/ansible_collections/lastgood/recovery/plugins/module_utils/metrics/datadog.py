# SPDX-License-Identifier: GPL-3.0-or-later
"""Datadog: the points of a query. It answers 200 to a query that failed, and an empty list to one that nothing answers."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import Points, Reading, combined, too_old
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.source import Metric, Window, configured
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check api_key and app_key, and that url is that of your site, such as https://api.datadoghq.eu.",
    errors.BadRequest: "Try the query in Datadog's Metrics Explorer.",
}


class Datadog:
    """https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points; a key may make a hundred such calls an hour by default."""

    name = "Datadog"

    def __init__(self, given: dict[str, Any], run: Run) -> None:
        configured(given, "datadog", "url", "api_key", "app_key")
        keys = {"DD-API-KEY": given["api_key"], "DD-APPLICATION-KEY": given["app_key"]}
        self._api = Api(self.name, given["url"], keys, run, explain=_words, reset=_reset, hints=HINTS)

    def read(self, metric: Metric, window: Window) -> Reading:
        body = self._api.get("/api/v1/query", **{"from": int(window.start), "to": int(window.now), "query": metric["query"]})
        if body["status"] != "ok":
            reason = body.get("error") or "no reason given"
            raise errors.VendorError(f"{self.name} answered {body['status']}: {reason}", HINTS[errors.BadRequest])
        rows = body["series"]
        if len(rows) != 1:
            return Reading(None, unknown=f"{len(rows)} series where one was expected" if rows else "no data")
        points: Points = [(at / 1000, float(value)) for at, value in rows[0]["pointlist"] if value is not None]
        counting = [(at, value) for at, value in points if window.since is None or at >= window.since]
        if not counting:
            return Reading(None, points, unknown=f"no data {window}")
        old = too_old(counting[-1][0] + rows[0].get("interval", 0), window.now, metric["max_age"])
        return Reading(combined(counting, metric["statistic"]), points, of=f" {window}", unknown=old)


def _words(body: Any) -> str:
    return "; ".join(map(str, body.get("errors") or [])) if isinstance(body, dict) else ""


def _reset(answer: Any) -> float | None:
    return float(answer.headers["X-RateLimit-Reset"])
