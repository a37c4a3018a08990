# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worse after a rollback than it was before it: for that nobody should go on rolling back."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

TOLERANCE = 0.25
"""How much further a metric may be from its limit than it was, as a share of that distance or of the limit, whichever is more."""

Check = Mapping[str, Any]


def first_before(events: Iterable[Mapping[str, Any]]) -> list[Check]:
    """Every check as it was when the incident was opened: a later run's look before may show what an earlier one has changed."""
    looks = [event for event in events if event["event"] == "checked" and event.get("phase") == "before"]
    return _checks([look for look in looks if look["run"] == looks[0]["run"]])


def newest_after(events: Iterable[Mapping[str, Any]], run: str) -> list[Check] | None:
    """Every check as the newest look of that run saw it, with what other kinds of checks saw in the same phase; None without one."""
    looks = [event for event in events if event["event"] == "checked" and event["run"] == run and event.get("phase") != "before"]
    if not looks:
        return None
    return _checks([look for look in looks if look.get("phase") == looks[-1].get("phase")])


def worse(before: Iterable[Check], after: Iterable[Check], tolerance: float = TOLERANCE) -> list[str]:
    """In words, each check that passed before and fails now, and each metric that failed already and is clearly further from its limit."""
    was = {_key(check): check for check in before}
    words = [_change(was[_key(check)], check, tolerance) for check in after if _key(check) in was and check["verdict"] == "BAD"]
    return [word for word in words if word]


def worse_than_before(events: list[dict[str, Any]], run: str) -> list[str]:
    """The same of an incident's journal: what the newest look of that run saw against the first look before anything was changed."""
    return worse(first_before(events), newest_after(events, run) or [])


def _checks(looks: Iterable[Mapping[str, Any]]) -> list[Check]:
    """Of what was looked at twice the last; a flow and a metric of one name are two."""
    every = ({**check, "kind": look.get("kind", "")} for look in looks for check in look["checks"])
    return list({_key(check): check for check in every}.values())


def _key(check: Check) -> tuple[str, str]:
    return (check.get("kind", ""), check["name"])


def _change(was: Check, now: Check, tolerance: float) -> str:
    if was["verdict"] == "OK":
        return f"{now['name']} worked before" if now.get("value") is None else f"{now['name']} was within its limit before"
    before, after = distance(was), distance(now)
    if was["verdict"] != "BAD" or before is None or after is None:
        return ""
    over = now.get("at_most") is not None and now["value"] > now["at_most"]
    limit = (now["at_most"] if over else now.get("at_least")) or 0.0
    if after - before <= tolerance * max(abs(limit), before):
        return ""
    return f"{now['name']} {now['value']:,.4g}{now.get('unit') or ''}, was {was['value']:,.4g}{was.get('unit') or ''}"


def distance(check: Check) -> float | None:
    """How far a metric is beyond its limit, 0 within; None of what has no value or no limit."""
    value, least, most = check.get("value"), check.get("at_least"), check.get("at_most")
    if value is None or (least is None and most is None):
        return None
    return max(0.0, *(float(beyond) for beyond in (value - most if most is not None else 0.0, least - value if least is not None else 0.0)))
