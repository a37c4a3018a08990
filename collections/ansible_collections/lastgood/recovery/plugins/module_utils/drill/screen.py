# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drill came to, as people read it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.goals import Goal
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

PASSED = "PASSED"


def short_of(one: Goal) -> str:
    return f"{one['goal']} {span(one['seconds']) if one['seconds'] is not None else 'not known'}"


def screen(
    drill: Mapping[str, Any],
    seconds: Mapping[str, float | None],
    goals: list[Goal],
    detected: Mapping[str, Any],
    decided: Mapping[str, Any],
    report: str,
) -> list[str]:
    """The verdict, what led to it, and every goal, in lines of 80 columns."""
    sign = "✔" if drill["verdict"] == PASSED else "✘"
    lines = [paragraph(f"{sign} DRILL {drill['verdict']} · {drill['failure']} · {drill['came_to']}")]
    if detected.get("fired"):
        lines.append(paragraph(f"  noticed by {detected['summary']}"))
    if decided.get("summary"):
        lines.append(paragraph(f"  decided: {decided['summary']}"))
    rest = {name: took for name, took in seconds.items() if took is not None}
    if rest:
        lines.append(paragraph("  " + " · ".join(f"{name.replace('_', ' ')} {span(took)}" for name, took in rest.items())))
    wide = max((len(one["goal"]) for one in goals), default=0)
    for one in goals:
        took = span(one["seconds"]) if one["seconds"] is not None else "not known"
        lines.append(f"  {'✔' if one['met'] else '✘'} {one['goal']:<{wide}}  {took:>12}  of {span(one['at_most'])}")
    return [*lines, *([f"  report: {report}"] if report else [])]
