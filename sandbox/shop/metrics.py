"""What the shop measures about itself: Prometheus metrics, and the fate of the last checkout attempts."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import quantiles

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from sandbox.artifacts import MEMORY, Serving
from sandbox.state import Row

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
NEW_PROCESS, FULL, LEAK = 40.0, 97.0, 0.5
"""Percent of its memory that a process has when it is new, at most, and loses with each request where its release leaks."""


class Metrics:
    """One registry for all services of the shop."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("service", "route")
        self.requests = Counter("requests", "Requests answered", (*labels, "status"), registry=self._registry)
        self.seconds = Histogram(
            "request_duration_seconds", "Time to answer", labels, buckets=BUCKETS, registry=self._registry
        )
        self.orders = Counter("orders", "Orders that were taken", registry=self._registry)
        self.attempts = Counter("checkout_attempts", "Checkouts tried", ("result",), registry=self._registry)
        self._memory = Gauge("process_memory_percent", "Memory in use", ("service",), registry=self._registry)
        self._leaked: dict[str, tuple[str, float]] = {}
        self._recent: deque[tuple[float, str, float]] = deque(maxlen=10_000)

    def worked(self, serving: Serving) -> None:
        """Note the memory of what has answered a request; another release is another process."""
        release, leaked = self._leaked.get(serving.service, ("", 0.0))
        leaked = leaked + LEAK if release == serving.release and serving.behaviour.leaks == MEMORY else 0.0
        self._leaked[serving.service] = (serving.release, leaked)
        self._memory.labels(serving.service).set(min(FULL, NEW_PROCESS + leaked))

    def pool(self, in_use: Callable[[], float]) -> None:
        """Show how much of the pool of database connections is lent, in percent."""
        shown = Gauge("database_pool_in_use_percent", "Connections lent", registry=self._registry)
        shown.set_function(in_use)

    def attempted(self, result: str, seconds: float) -> None:
        """Note one try to buy something; anything but `ok` is a failure."""
        self.attempts.labels(result).inc()
        self._recent.append((time.time(), result, seconds))

    def recent(self, seconds: float) -> Row:
        """The checkout attempts of the last seconds: how many, how many failed and why, error rate, p95."""
        since = time.time() - seconds
        recent = [attempt for attempt in self._recent if attempt[0] >= since]
        failed: dict[str, int] = {}
        for _, result, _ in recent:
            if result != "ok":
                failed[result] = failed.get(result, 0) + 1
        times = [took for _, _, took in recent]
        first = next((at for at, result, _ in recent if result != "ok"), None)
        return {
            "seconds": seconds,
            "attempts": len(recent),
            "failed": sum(failed.values()),
            "results": failed,
            "first_failure_at": first and datetime.fromtimestamp(first, UTC).isoformat(timespec="milliseconds"),
            "error_rate": sum(failed.values()) / len(recent) if recent else None,
            "p95_seconds": quantiles(times, n=20)[-1] if len(times) > 1 else None,
        }

    def text(self) -> bytes:
        """The Prometheus exposition."""
        return generate_latest(self._registry)
