"""An answer bent in ways that its status does not show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

Change = Callable[[Any], Any]


def every_value(body: Any, change: Change) -> Any:
    """The same JSON with each text, number, boolean and null changed."""
    if isinstance(body, dict):
        return {name: every_value(value, change) for name, value in body.items()}
    if isinstance(body, list):
        return [every_value(value, change) for value in body]
    return change(body)


def emptied(body: Any) -> Any:
    """Without the entries of any list, and with nothing left to page through: as if a page had got lost."""
    if isinstance(body, dict):
        return {name: False if name == "hasNextPage" else None if name == "next" else emptied(value) for name, value in body.items()}
    return [] if isinstance(body, list) else body


def halved(body: Any) -> Any:
    """With half of each list, and nothing left to page through: as if the vendor had stopped counting too early."""
    if isinstance(body, dict):
        return {name: False if name == "hasNextPage" else None if name == "next" else halved(value) for name, value in body.items()}
    return [halved(value) for value in body[: (len(body) + 1) // 2]] if isinstance(body, list) else body


def without_names(body: Any) -> Any:
    """Each object under other names than agreed: an API of another version."""
    if isinstance(body, dict):
        return {f"{name}V2": without_names(value) for name, value in body.items()}
    return [without_names(value) for value in body] if isinstance(body, list) else body


def shifted(body: Any, seconds: float) -> Any:
    """Every instant in it moved: ISO 8601, or seconds or milliseconds since 1970."""

    def move(value: Any) -> Any:
        if isinstance(value, str) and len(value) >= 20 and value[10:11] == "T":
            try:
                instant = datetime.fromisoformat(value)
            except ValueError:
                return value
            return (instant + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value + seconds if 1e9 < value < 1e10 else value + seconds * 1000 if 1e12 < value < 1e13 else value
        return value

    return every_value(body, move)


def shifted_date(text: str, seconds: float) -> str:
    """An HTTP date moved."""
    return format_datetime(parsedate_to_datetime(text) + timedelta(seconds=seconds), usegmt=True)
