# SPDX-License-Identifier: GPL-3.0-or-later
"""The forecast against what came of it: how long the plan expected things to take, and how long they took."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event, plan_rows
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_targets import MOVED, Target
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import number, seconds_between, span, text, time_of

Forecast = dict[str, Any]
WHOLE = "whole rollback"
JUDGED = {  # (symbol, tone)
    "as usual": ("✓", "good"),
    "within p95": ("✓", "good"),
    "slower than p95": ("✗", "bad"),
    "no history": ("—", "plain"),
    "not known": ("?", "unknown"),
}


def read_forecast(incident: dict[str, Any], events: list[Event], targets: list[Target]) -> list[Forecast]:
    """A row for the whole rollback and one for each target that moved or should have: {name, runs, p50, p95, seconds, judged}.

    What the first plan expected counts, for it is what people decided on. The whole is measured from the lock to the first verdict.
    """
    first: dict[str, Any] = {}
    for row in (row for event in events for row in plan_rows(event)):
        first.setdefault(text(row.get("target")), row.get("expected"))
    plan = next((event for event in events if event.get("event") == "plan"), None)
    if plan is None:
        return []
    rows = [_row(WHOLE, plan.get("expected"), _took(incident, events))]
    rows += [_row(target["target"], first.get(target["target"]), target["seconds"] if target["outcome"] in MOVED else None)
             for target in targets if target["changes"] and target["outcome"] != "not needed"]
    return rows


def expected_words(row: Forecast) -> str:
    """C(12.0 s, p95 20.0 s, 7 runs)."""
    if row["p50"] is None:
        return "no history"
    p95 = f", p95 {span(row['p95'])}" if row["p95"] is not None else ""
    return f"{span(row['p50'])}{p95}, {row['runs']} run{'' if row['runs'] == 1 else 's'}"


def _took(incident: dict[str, Any], events: list[Event]) -> float | None:
    def first(name: str) -> Any:
        return time_of(next((event.get("at") for event in events if event.get("event") == name), None))

    if not first("verdict"):
        return None
    return number(incident.get("seconds")) or seconds_between(first("lock_taken"), first("verdict"))


def _row(name: str, expected: Any, seconds: float | None) -> Forecast:
    known = expected if isinstance(expected, dict) else {}
    p50, p95, runs = (number(known.get(key)) for key in ("p50", "p95", "runs"))
    limit = p50 if p95 is None else p95
    if p50 is None or limit is None:
        judged = "no history"
    elif seconds is None:
        judged = "not known"
    else:
        judged = "as usual" if seconds <= p50 else "within p95" if seconds <= limit else "slower than p95"
    return {"name": name, "runs": int(runs or 0), "p50": p50, "p95": p95, "seconds": seconds, "judged": judged}
