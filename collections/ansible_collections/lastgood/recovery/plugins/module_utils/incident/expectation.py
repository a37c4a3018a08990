# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it will take, by this team's own earlier runs and drills, and whether that is within the RTO."""
from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import FAILED

FITS, TOO_LONG, CANNOT_SAY = "fits", "does not fit", "cannot say"
NEWEST = 50
"""Incidents whose journals are read at most."""
Expected = dict[str, Any]


def earlier(store: Store, environment: str, scenario: str, own: str = "") -> tuple[list[Incident], str]:
    """The newest incidents of the scenario, oldest first; where the environment has none that rolled back, the drills of another.

    The incident C(own), which has seconds when it is taken up again after its verdict, is not an earlier one.

    The second value is that other environment, or empty.
    """
    others = [one for one in store.incidents() if one.fields.get("id") != own]
    ran = [one for one in others if one.fields.get("scenario") == scenario and one.fields.get("seconds")]
    mine = [one for one in ran if one.fields.get("environment") == environment]
    elsewhere = sorted({str(one.fields.get("environment")) for one in ran} - {environment})
    return (mine or ran)[-NEWEST:], "" if mine else " and ".join(elsewhere)


def expect(incidents: Iterable[Incident], drills: str = "") -> Expected:
    """Seconds from confirmation to verdict: C(runs), and with any C(p50) and C(p95); C(drills_in) says whose they were, if not our own."""
    return _spread([float(incident.fields["seconds"]) for incident in incidents], drills)


def expect_targets(incidents: Sequence[Incident], drills: str = "") -> dict[str, Expected]:
    """By target, how long it took to go back: the first time that it did in each incident, since an undo moves it, too."""
    took: dict[str, list[float]] = {}
    for incident in incidents:
        for target, seconds in _first_moves(incident.journal.events()).items():
            took.setdefault(target, []).append(seconds)
    return {target: _spread(seconds, drills) for target, seconds in took.items()}


def judge_rto(expected: Mapping[str, Any], rto: float | None, bad_at: datetime, now: datetime) -> dict[str, str]:
    """C(verdict) and C(why): whether what is left of the RTO, which counts from when it was bad, is enough for 19 runs in 20."""
    if not rto:
        return {"verdict": CANNOT_SAY, "why": "no RTO declared"}
    left = rto - max(0.0, (now - bad_at).total_seconds())
    if left <= 0:
        return {"verdict": TOO_LONG, "why": f"it was over {moment.span(-left)} ago"}
    if not expected["runs"]:
        return {"verdict": CANNOT_SAY, "why": "no history"}
    why = f"{moment.span(left)} are left, and p95 is {moment.span(expected['p95'])}"
    return {"verdict": FITS if expected["p95"] <= left else TOO_LONG, "why": why}


def _first_moves(events: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for event in events:
        moved = event.get("event") == "result" and event.get("kind") in FAILED and event.get("status") == "changed"
        if moved and event.get("seconds"):
            found.setdefault(str(event["target"]), float(event["seconds"]))
    return found


def _spread(took: list[float], drills: str) -> Expected:
    if not took:
        return {"runs": 0}
    p95 = statistics.quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]
    spread = {"runs": len(took), "p50": round(statistics.median(took), 1), "p95": round(p95, 1)}
    return {**spread, **({"drills_in": drills} if drills else {})}
