# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus, and what speaks its API: Mimir, Thanos, VictoriaMetrics, Grafana Cloud. No data is a success without results there."""
from __future__ import annotations

import math
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import AT_MOST, Points, Reading, too_old
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.source import Metric, Window, basic, configured
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

KINDS: dict[int, type[errors.RecoveryError]] = {400: errors.BadRequest, 422: errors.BadRequest}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.BadRequest: "Try the query in Prometheus itself.",
    errors.NotAuthorised: "Check username and password, or token.",
}


class Prometheus:
    """The value is that of an instant query; $window in a query is the time that counts, as 5m."""

    name = "Prometheus"

    def __init__(self, given: dict[str, Any], run: Run) -> None:
        configured(given, "prometheus", "url")
        headers = {**(bearer(given["token"]) if given["token"] else {})}
        if given["username"]:
            headers = basic(given["username"], given["password"] or "")
        if given["tenant"]:
            headers["X-Scope-OrgID"] = given["tenant"]
        self._api = Api(self.name, given["url"], headers, run, explain=_words, kinds=KINDS, hints=HINTS)

    def read(self, metric: Metric, window: Window) -> Reading:
        query = metric["query"].replace("$window", f"{max(1, math.floor(window.seconds))}s")
        now = f"{window.now:.3f}"
        data, doubt = self._ask("query", query=query, time=now)
        points, shown = self._series(query, window)
        doubt = doubt or shown
        sample = _only(data)
        if isinstance(sample, str):
            return Reading(None, points, unknown=sample)
        doubt = doubt or self._age(metric["sample"] or query, bool(metric["sample"]), window, metric["max_age"])
        return Reading(sample, points, of=f" {window}", unknown=doubt)

    def _series(self, query: str, window: Window) -> tuple[Points, str]:
        """The values over the whole window, for reports; none where there is not one series."""
        step = max(1, math.ceil((window.now - window.start) / (AT_MOST - 1)))
        data, doubt = self._ask("query_range", query=query, start=f"{window.start:.3f}", end=f"{window.now:.3f}", step=str(step))
        rows = data["result"]
        return ([(float(at), float(value)) for at, value in rows[0]["values"]] if len(rows) == 1 else []), doubt

    def _age(self, selector: str, asked_for: bool, window: Window, most: float) -> str:
        """Why the newest sample is too old; Prometheus goes on answering with it for five minutes. Only a selector has samples."""
        try:
            data, doubt = self._ask("query", query=f"max(timestamp({selector}))", time=f"{window.now:.3f}")
        except errors.BadRequest:
            if asked_for:
                raise
            return ""
        newest = _only(data)
        if isinstance(newest, str):
            return f"{selector}: {newest}" if asked_for else ""
        return doubt or too_old(newest, window.now, most)

    def _ask(self, what: str, **query: str) -> tuple[dict[str, Any], str]:
        """The data, and why it may not be all of it."""
        body = self._api.get(f"/api/v1/{what}", **query)
        if body["status"] != "success":
            raise errors.VendorError(f"{self.name} answered {body['status']}: {_words(body)}", "Try the query in Prometheus itself.")
        warnings = body.get("warnings") or []
        return body["data"], f"not sure: {'; '.join(map(str, warnings))}" if warnings else ""


def _only(data: dict[str, Any]) -> float | str:
    """The only sample, or why there is none: empty, several, or no samples at all but text."""
    kind, result = data["resultType"], data["result"]
    if kind == "scalar":
        return float(result[1])
    if kind != "vector":
        return f"the query gives a {kind}, not one number"
    if not result:
        return "no data"
    if len(result) > 1:
        return f"{len(result)} series where one was expected"
    return float(result[0]["value"][1])


def _words(body: Any) -> str:
    return str(body.get("error") or "") if isinstance(body, dict) else ""
