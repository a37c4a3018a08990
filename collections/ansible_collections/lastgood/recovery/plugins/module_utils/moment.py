# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time: read as people and vendors write them, written one way (UTC, ISO 8601)."""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused


class NotATime(Refused):
    """Nobody can tell which moment is meant."""


def parse(text: str, now: datetime | None = None) -> datetime:
    """The moment in C(text): ISO 8601 (UTC unless it says otherwise) or C(HH:MM), the last time the clock showed that in UTC."""
    text = str(text).strip()
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            now = now or datetime.now(UTC)
            clock = datetime.strptime(text, "%H:%M" if text.count(":") == 1 else "%H:%M:%S")
            moment = now.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=0)
            return moment if moment <= now else moment - timedelta(days=1)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NotATime(f"'{text}' is not a time", "Write 02:38 or 2026-11-22T02:38:00Z (UTC).") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def last_of(text: str, now: datetime | None = None) -> datetime:
    """The last instant that C(text) can mean: C(02:38) is a minute, and what went live in it must not count as later."""
    moment = parse(text, now)
    return moment + timedelta(seconds=59.999) if re.fullmatch(r"\d{1,2}:\d{2}", str(text).strip()) else moment


def from_epoch_ms(value: float) -> datetime:
    """The moment of a vendor's millisecond timestamp."""
    return datetime.fromtimestamp(value / 1000, UTC)


def iso(moment: datetime) -> str:
    """C(2026-11-22T02:38:00.120Z): milliseconds, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def short(moment: datetime | None) -> str:
    """C(Sun 22 Nov 02:38) in UTC, as the plan shows it."""
    return "never" if moment is None else moment.astimezone(UTC).strftime("%a %d %b %H:%M")


def span(seconds: float) -> str:
    """C(22.8 s), C(3 min 20 s) or C(2 h 5 min)."""
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
