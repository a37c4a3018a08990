# SPDX-License-Identifier: GPL-3.0-or-later
"""What every rule reads at one look, whoever knows it."""
from __future__ import annotations

import time
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.health import Health
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.page import Page
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import Rule, promql
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.prometheus import Prometheus
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.source import Window
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.readable import MISREAD


class Monitoring:
    """C(source) is a C(page) or a C(prometheus); health checks are asked for themselves."""

    def __init__(self, source: dict[str, Any], rules: list[Rule], window: float, run: Run) -> None:
        self._rules, self._window = rules, window
        self._page = Page(source["page"], window) if source.get("page") else None
        self._prometheus = Prometheus(source["prometheus"], run) if source.get("prometheus") else None
        self._health = Health(url for rule in rules for url in rule["health"] or ())
        if not self._page and not self._prometheus and any(not rule["health"] for rule in rules):
            raise Refused("nobody is named whom the alerts could be asked of", "Give page or prometheus in source.")

    def look(self) -> dict[str, float | str]:
        """By the rule's name its value, or why nobody can tell."""
        self._health.look()
        trouble = self._page.look() if self._page else ""
        return {rule["name"]: self._value(rule, trouble) for rule in self._rules}

    def _value(self, rule: Rule, trouble: str) -> float | str:
        if rule["health"]:
            return self._health.value(rule["health"])
        if self._page:
            return trouble or self._page.value(rule)
        return self._asked(self._prometheus, rule) if self._prometheus else "nobody is asked"

    def _asked(self, prometheus: Prometheus, rule: Rule) -> float | str:
        metric = {"query": promql(rule, "$window"), "sample": None, "max_age": 180}
        try:
            reading = prometheus.read(metric, Window.of(self._window / 60, time.time(), None))
        except RecoveryError as error:
            return error.message
        except MISREAD as error:
            return f"Prometheus answered in a form that is not its API's ({type(error).__name__})"
        return reading.unknown or "no data" if reading.unknown or reading.value is None else reading.value
