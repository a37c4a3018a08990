# SPDX-License-Identifier: GPL-3.0-or-later
"""How a report reads what it is given and says what it found: times, durations, verdicts, plain text."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import (
    COULD_NOT_VERIFY,
    NOT_RESTORED,
    PARTIAL,
    RESTORED,
)

IN_PROGRESS = "IN PROGRESS"
VERDICTS = {  # verdict: (symbol, tone); only RESTORED is ever green
    RESTORED: ("✓", "good"),
    PARTIAL: ("◐", "warn"),
    NOT_RESTORED: ("✗", "bad"),
    COULD_NOT_VERIFY: ("?", "unknown"),
    IN_PROGRESS: ("▸", "running"),
}
CHECKS = {"OK": ("✓", "good"), "BAD": ("✗", "bad"), "UNKNOWN": ("?", "unknown"), "SKIPPED": ("—", "plain")}
OUTCOMES = {  # of a target: (symbol, tone)
    "rolled back": ("✓", "good"),
    "changed": ("✓", "good"),
    "already there": ("✓", "good"),
    "put back": ("↺", "good"),
    "undone": ("↺", "plain"),
    "failed": ("✗", "bad"),
    "interrupted": ("!", "warn"),
    "waiting": ("▸", "running"),
    "not reached": ("—", "unknown"),
    "not needed": ("—", "plain"),
    "unchanged": ("—", "plain"),
}


def text(value: Any) -> str:
    """The value as text any file and any terminal can bear: no control or bidirectional characters; None is empty."""
    plain = "" if value is None else str(value).encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in plain).strip()


def texts(value: Any) -> list[str]:
    """The texts in a list, or the one text instead of a list; empty ones are left out."""
    return [one for one in map(text, value if isinstance(value, list) else [value]) if one]


def time_of(value: Any) -> datetime | None:
    """The UTC time in a text or a YAML timestamp; None when there is none to be read."""
    if isinstance(value, datetime):
        value = value.isoformat()
    try:
        return moment.parse(value) if isinstance(value, str) else None
    except (Refused, OverflowError):
        return None


def stamp(value: datetime | None) -> str | None:
    """The time as facts carry it: ISO 8601 with milliseconds."""
    return moment.iso(value) if value else None


def number(value: Any) -> float | None:
    """A finite, non-negative number of seconds, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < 1e12 else None


def finite(value: Any) -> float | None:
    """A figure that can be drawn: finite, of either sign, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -1e15 < value < 1e15 else None


def figure(value: float | None, unit: str) -> str:
    """C(3.14 %), C(1240 ms), or a dash for what is not known."""
    if value is None:
        return "—"
    plain = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{plain} {unit}".strip()


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from start to end, never below zero (clocks get set back); None when either is unknown."""
    return max(0.0, (end - start).total_seconds()) if start and end else None


def covered(spans: Iterable[tuple[datetime | None, datetime | None]]) -> float | None:
    """Seconds covered by at least one of the spans; None when no span is known."""
    known = sorted((start, end) for start, end in spans if start and end and end >= start)
    if not known:
        return None
    total, (reach, _end) = timedelta(), known[0]
    for start, end in known:
        total += max(timedelta(), end - max(start, reach))
        reach = max(reach, end)
    return total.total_seconds()


def span(seconds: float | None) -> str:
    """C(22.8 s), C(3 min 20 s), C(3 d 4 h), or a dash for what is not known."""
    if seconds is None:
        return "—"
    if 0 < seconds < 0.05:
        return "< 0.1 s"
    return f"{int(seconds // 86400)} d {int(seconds % 86400 // 3600)} h" if seconds >= 172800 else moment.span(seconds)


def clock(value: str | None) -> str:
    """C(02:41:05), in UTC."""
    at = time_of(value)
    return at.strftime("%H:%M:%S") if at else "—"


def day_and_clock(value: str | None) -> str:
    """C(Sun 22 Nov 2026 02:41:05 UTC)."""
    at = time_of(value)
    return at.strftime("%a %d %b %Y %H:%M:%S UTC") if at else "—"


def local_clock(value: str | None, zone: dict[str, Any] | None) -> str:
    """C(13:41 AEDT), with the weekday where that differs from UTC; empty when the reader's zone is UTC."""
    at = time_of(value)
    if not at or not zone:
        return ""
    try:
        there = at.astimezone(timezone(timedelta(seconds=zone["offset"])))
    except OverflowError:
        return ""
    day = "" if there.date() == at.date() else there.strftime("%a ")
    return f"{day}{there:%H:%M} {zone['name']}"


def both_clocks(value: str | None, zone: dict[str, Any] | None) -> str:
    """C(02:41:05 UTC, 13:41 AEDT): the local time is left out where the reader's zone is UTC; a dash without a time."""
    local = local_clock(value, zone)
    return f"{clock(value)} UTC{f', {local}' if local else ''}" if time_of(value) else "—"


def both_days(value: str | None, zone: dict[str, Any] | None) -> str:
    """C(Sun 22 Nov 2026 02:41:05 UTC, 13:41 AEDT)."""
    local = local_clock(value, zone)
    return day_and_clock(value) + (f", {local}" if local else "")


def zone_words(zone: dict[str, Any] | None) -> str:
    """C(AEDT is UTC+11:00), beside pictures that show UTC alone; empty where the reader's zone is UTC."""
    if not zone:
        return ""
    minutes = round(abs(zone["offset"]) / 60)
    return f"{zone['name']} is UTC{'-' if zone['offset'] < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def rto_words(rto: dict[str, Any]) -> str:
    """C(RTO 15 min met, 11 min 27 s to spare)."""
    judged = {
        "met": f"met, {span(rto['margin'])} to spare",
        "missed": f"missed by {span(-rto['margin'])}",
        "running": f"still running, {span(rto['margin'])} left",
        "unknown": "not judged: the end could not be verified",
    }
    return f"RTO {span(rto['seconds'])} {judged[rto['judged']]}"


def held_words(held: bool | None) -> str:
    """What the next push will do, for a target whose deploys were held, were not, or were not asked about."""
    return "—" if held is None else "held back" if held else "go live"


def resumed_words(resume: dict[str, Any]) -> str:
    """Whether the run took up one that had been cut off, or came after one that had ended."""
    return "run again" if resume["after_close"] else "resumed"


def artifact_name(release: Any) -> str:
    """What the release runs, commits shortened to seven figures as git does; empty when that is what it is called."""
    name = text(release.get("artifact")) if isinstance(release, dict) else ""
    if name and name == text(release.get("id")):
        return ""
    commit = len(name) == 40 and all(figure in "0123456789abcdef" for figure in name)
    return name[:7] if commit else name
