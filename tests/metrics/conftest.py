from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import metric

from tests import prometheus_server
from tests.contract.bench import printed_by

SECRET = "hush-hush-secret"
STEP = 5
MINUTES = 20
BROKEN = 60
"""Seconds before now at which the shop of the past was rolled back: 40 of 100 requests failed until then, none since."""


def ask(check: bool = False, sources: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """What the module prints; it never changes anything and never shows a secret."""
    result = printed_by(metric.main, check, sources=sources, **options)
    assert SECRET not in str(result)
    assert not result["changed"]
    return result


def one(name: str = "it", **options: Any) -> dict[str, Any]:
    """One metric as the inventory has it, and its limits."""
    return {"name": name, **({} if {"at_least", "at_most"} & set(options) else {"at_most": 1}), **options}


@dataclass(frozen=True)
class Monitored:
    """A Prometheus that knows a shop, which was broken until C(healed) (seconds since the epoch)."""

    url: str
    healed: float

    def ask(self, *metrics: dict[str, Any], **options: Any) -> dict[str, Any]:
        listed = [one(f"metric {number}", source="prometheus", **metric) for number, metric in enumerate(metrics)]
        return ask(metrics=listed, sources={"prometheus": {"url": self.url}}, **options)

    def look(self, query: str, **metric: Any) -> dict[str, Any]:
        """The check of one query."""
        (check,) = self.ask({"query": query, **metric})["checks"]
        return dict(check)


@pytest.fixture(scope="session")
def monitored() -> Iterator[Monitored]:
    now = time.time()
    healed = now - BROKEN
    times = [now - 60 * MINUTES + STEP * number for number in range(60 * MINUTES // STEP + 1)]
    broken = [at for at in times if at <= healed]
    failed = [40.0 * STEP * (min(at, healed) - times[0]) / STEP for at in times]
    past = {
        'requests_total{code="200"}': [(at, 100 * (at - times[0]) - bad) for at, bad in zip(times, failed, strict=True)],
        'requests_total{code="500"}': list(zip(times, failed, strict=True)),
        "queue": [(at, 7.0) for at in times],
        "silent": [(at, 7.0) for at in broken[:-36]],
        "strange": [(at, float("nan")) for at in times],
    }
    try:
        with prometheus_server.serving(past) as url:
            yield Monitored(url, healed)
    except prometheus_server.Missing as reason:
        pytest.skip(str(reason))
