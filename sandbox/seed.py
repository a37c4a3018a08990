"""The history a fresh sandbox starts with: three weeks of releases up to Friday's, which is good."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sandbox.emulator import Emulator
from sandbox.state import Row


def history(vendors: Iterable[type[Emulator]]) -> Row:
    """Every vendor's slice of the state, as it was left on the last Friday afternoon."""
    friday = _last_friday(datetime.now(UTC))
    return {**{vendor.name: vendor.history(friday) for vendor in vendors}, "shop": {"token_key": secrets.token_hex(32)}}


def _last_friday(now: datetime) -> int:
    """16:04 UTC of the last Friday that is at least three hours ago, in ms."""
    friday = (now - timedelta(days=(now.weekday() - 4) % 7)).replace(hour=16, minute=4, second=11, microsecond=0)
    if now - friday < timedelta(hours=3):
        friday -= timedelta(days=7)
    return int(friday.timestamp() * 1000)
