# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recovery points are kept: those that any rule keeps, those that an incident may go back to, and always the newest."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Manifest

DEFAULT = {"last": 10, "days": 30, "daily": 30, "weekly": 12}
PARTS = ("variables", "configuration", "database", "release", "objects")


def policy(given: Mapping[str, Any]) -> dict[str, int]:
    """C(last) points, all of the last C(days), the newest of each of so many days (C(daily)) and weeks (C(weekly)). Refused otherwise."""
    unknown = sorted(set(given) - set(DEFAULT))
    bad = [name for name, value in given.items() if not isinstance(value, int) or isinstance(value, bool) or value < 0]
    if unknown or bad or not given:
        what = f"has no {unknown[0]}" if unknown else f"{bad[0]} is no whole number from 0 on" if bad else "says nothing"
        raise Refused(f"keep {what}", "It has last, days, daily and weekly, such as {last: 10, days: 30, daily: 30, weekly: 12}.")
    return {name: int(given.get(name, 0)) for name in DEFAULT}


def kept(points: Sequence[Manifest], keep: Mapping[str, int], open_at: Iterable[datetime], now: datetime) -> dict[str, str]:
    """By id, why it is kept. C(points) oldest first, of one environment; C(open_at) are the moments that open incidents go back to."""
    newest_first = list(reversed(points))
    found: dict[str, str] = {}
    for when in open_at:
        found |= dict.fromkeys(_used(newest_first, when), "an incident may go back to it")
    found |= {point["id"]: "one of the last" for point in newest_first[: keep["last"]]}
    since = now - timedelta(days=keep["days"])
    found |= {point["id"]: "younger" for point in newest_first if keep["days"] and _at(point) >= since}
    found |= dict.fromkeys(_newest_of(newest_first, lambda at: f"{at:%Y-%m-%d}", keep["daily"]), "the newest of its day")
    found |= dict.fromkeys(_newest_of(newest_first, lambda at: f"{at:%G-%V}", keep["weekly"]), "the newest of its week")
    return found | {point["id"]: "the newest" for point in newest_first[:1]}


def _newest_of(newest_first: Sequence[Manifest], period: Callable[[datetime], str], number: int) -> list[str]:
    """The newest point of each of the last periods that have any."""
    first: dict[str, str] = {}
    for point in newest_first:
        first.setdefault(period(_at(point)), point["id"])
    return list(first.values())[:number]


def _used(newest_first: Sequence[Manifest], when: datetime) -> set[str]:
    """Of every target, for each part, the newest point at or before the moment that has it; and the next one, which shows until when."""
    used: set[str] = set()
    seen: set[tuple[str, str]] = set()
    earlier = [point for point in newest_first if _at(point) <= when]
    for point in earlier:
        parts = {(name, part) for name, row in point["targets"].items() for part in PARTS if row.get(part)}
        if parts - seen:
            used.add(point["id"])
            seen |= parts
    later = [point["id"] for point in newest_first if _at(point) > when]
    return used | set(later[-1:])


def _at(point: Manifest) -> datetime:
    return moment.parse(point["captured_at"])
