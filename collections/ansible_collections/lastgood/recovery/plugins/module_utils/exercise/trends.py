# SPDX-License-Identifier: GPL-3.0-or-later
"""How long each level took, in this exercise and in those before it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DURATIONS = {"detect": "time to detect", "decide": "time to decide", "roll_back": "time to roll back", "verify": "time to verify",
             "total": "response"}
KEPT = 12
"""How many exercises the trends go back: three years."""


def of_exercise(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """{name, at, steps: {step: {failure, verdict, seconds}}}, one point of the trends."""
    return {
        "name": evidence["name"],
        "at": evidence["began_at"],
        "steps": {
            step["step"]: {
                "failure": step["failure"],
                "verdict": step["verdict"],
                "seconds": {key: ((step["drill"] or {}).get("seconds") or {}).get(key) for key in DURATIONS},
            }
            for step in evidence["steps"]
        },
    }


def compared(now: Mapping[str, Any], before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """{exercises, steps}: the points, oldest first; by step and duration C(now), C(before) (of the newest that knows it) and C(change)."""
    points = [*before, now][-KEPT:]
    steps = {
        step: {key: _compared(step, key, told["seconds"][key], points[:-1]) for key in DURATIONS}
        for step, told in now["steps"].items()
    }
    return {"exercises": [dict(point) for point in points], "steps": steps}


def entries(trends: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The points as rows of the record, for its pictures."""
    return [
        {"id": f"{point['name']} {step}", "opened_at": point["at"], "begun": True, "drill": True, "seconds": told["seconds"]}
        for point in trends["exercises"] for step, told in point["steps"].items()
    ]


def _compared(step: str, key: str, now: float | None, before: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    known = [point["steps"][step]["seconds"].get(key) for point in before if step in point["steps"]]
    last = next((seconds for seconds in reversed(known) if seconds is not None), None)
    change = round(now - last, 3) if now is not None and last is not None else None
    return {"now": now, "before": last, "change": change}
