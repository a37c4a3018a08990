# SPDX-License-Identifier: GPL-3.0-or-later
"""What every source of metrics is asked, and for which time."""
from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import Reading

Metric = Mapping[str, Any]
"""One entry of the option C(metrics)."""
LEAST = 1.0
"""Seconds that a window has at least."""


@dataclass(frozen=True)
class Window:
    """C(start) and C(now) in seconds since the epoch; C(since) is the rollback, before which nothing counts."""

    now: float
    start: float
    since: float | None = None

    @classmethod
    def of(cls, minutes: float, now: float, since: float | None) -> Window:
        whole = now - 60 * minutes
        return cls(now, whole, since if since is not None and since > whole else None)

    @property
    def counts_from(self) -> float:
        return self.start if self.since is None else min(self.since, self.now - LEAST)

    @property
    def seconds(self) -> float:
        return self.now - self.counts_from

    def __str__(self) -> str:
        if self.since is None:
            return f"in the last {round((self.now - self.start) / 60)} min"
        return f"in {self.seconds:.0f} s since the rollback"


class Source(Protocol):
    """One kind of monitoring, reached with what C(sources) says of it."""

    name: str

    def read(self, metric: Metric, window: Window) -> Reading:
        """What it answers; raises RecoveryError when it does not, and C(readable.MISREAD) at an answer of another form."""


def configured(given: Mapping[str, Any], source: str, *names: str) -> None:
    """Refused when the connection lacks one of them, or its address holds a password that could be shown."""
    missing = [name for name in names if not given[name]]
    if missing:
        raise Refused(f"{source} is not configured: {' and '.join(missing)} missing", f"Give it in sources, under {source}.")
    if urlsplit(given["url"]).username:
        raise Refused(f"the address of {source} holds a user name", "Give username and password on their own.")


def basic(username: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}
