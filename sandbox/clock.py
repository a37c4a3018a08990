"""Time as the vendors write it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

MINUTE = 60_000
DAY = 86_400_000
"""Milliseconds."""


def now_ms() -> int:
    """Milliseconds since the epoch: Vercel's unit, and the only one kept in the state."""
    return int(time.time() * 1000)


def iso(ms: int | None) -> str | None:
    """Render's way of writing an instant: `2026-11-20T16:05:00.123000Z`."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_iso(text: str) -> int:
    """Milliseconds of an ISO instant; raises ValueError."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)
