# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time went, and whether it was within the recovery time objective (RTO)."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_checks import BEFORE, Looks
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    covered,
    number,
    seconds_between,
    stamp,
    time_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import COULD_NOT_VERIFY


def read_moments(incident: dict[str, Any], events: list[Event], verdict: dict[str, Any]) -> dict[str, str | None]:
    """The moments everything is measured between: {bad_at, good_at, opened_at, confirmed_at, verdict_at, restored_at}."""
    def first(name: str) -> Any:
        return next((event.get("at") for event in events if event.get("event") == name), None)

    given = {name: time_of(incident.get(name)) for name in ("bad_at", "good_at", "opened_at")}
    given["opened_at"] = given["opened_at"] or time_of(first("opened"))
    given["confirmed_at"] = time_of(first("confirmed"))
    given["verdict_at"], given["restored_at"] = time_of(verdict["at"]), time_of(verdict["restored_at"])
    return {name: stamp(at) for name, at in given.items()}


def read_durations(moments: dict[str, str | None], steps: list[Step], looks: Looks, planned: set[str],
                   now: datetime) -> list[dict[str, Any]]:
    """The spans of the incident in order: [{name, what, seconds or None, running}]; C(running) ones are still growing."""
    at = {name: time_of(value) for name, value in moments.items()}
    acting = [(time_of(step["at"]), time_of(step["end"])) for step in steps
              if step["target"] in planned and step["status"] != "skipped"]
    looking = [(time_of(look["at"]), time_of(look["end"])) for look in looks if look["phase"] != BEFORE]
    rows = [
        ("broken", "since the fault", seconds_between(at["bad_at"], at["restored_at"] or now), not at["restored_at"]),
        ("detect", "fault to incident opened", seconds_between(at["bad_at"], at["opened_at"]), False),
        ("decide", "opened to confirmed", seconds_between(at["opened_at"], at["confirmed_at"]), False),
        ("roll back", "work on the targets", covered(acting), False),
        ("verify", "checks afterwards", covered(looking), False),
        ("total", "opened to verdict", seconds_between(at["opened_at"], at["restored_at"] or at["verdict_at"] or now),
         not at["verdict_at"]),
    ]
    return [{"name": name, "what": what, "seconds": seconds, "running": running and seconds is not None}
            for name, what, seconds, running in rows]


def read_rto(incident: dict[str, Any], moments: dict[str, str | None], verdict: dict[str, Any],
             now: datetime) -> dict[str, Any] | None:
    """The objective, counted from C(bad_at): {seconds, deadline, used, margin, judged: met|missed|running|unknown}.

    C(margin) is how much is or was left, below zero when passed. None without an objective or a start.
    """
    return judge_rto(number(incident.get("rto")), time_of(moments["bad_at"]), time_of(moments["restored_at"]), verdict["word"], now)


def judge_rto(allowed: float | None, start: datetime | None, restored: datetime | None, verdict: str,
              now: datetime) -> dict[str, Any] | None:
    """One objective judged, in the form of C(read_rto); what is not restored yet is measured until C(now)."""
    if not allowed or not start:
        return None
    used = seconds_between(start, restored or now)
    if used is None:
        return None
    judged = "missed" if used > allowed else "met" if restored else "running"
    if verdict == COULD_NOT_VERIFY:
        judged = "unknown"
    try:
        deadline = stamp(start + timedelta(seconds=allowed))
    except OverflowError:
        return None
    return {"seconds": allowed, "deadline": deadline, "used": used, "margin": allowed - used, "judged": judged}
