# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch: as P(lastgood.recovery.cloudwatch_check#module) reads it, all metrics of one window in one call."""
from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch.metrics import Metrics
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.source import Metric
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import iso
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run


def look(metrics: list[Metric], given: dict[str, Any], since: float | None, run: Run) -> list[Check]:
    """A check for each of them."""
    checks: list[Check] = []
    start = iso(datetime.fromtimestamp(since, UTC)) if since is not None else None
    for minutes, some in groupby(sorted(metrics, key=_minutes), key=_minutes):
        wanted = [{**metric, "min": metric["at_least"], "max": metric["at_most"]} for metric in some]
        checks += Metrics({**given, "metrics": wanted, "window": minutes, "since": start}, run).look()
    return checks


def _minutes(metric: Metric) -> int:
    return int(metric["window"])
