# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions and conflicts as lines of at most 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import in_words
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH

REASONS = 8
"""The most that are shown; all are in the result."""


def headline(decision: Mapping[str, Any]) -> str:
    """C(P0, roll back now, level 3; nobody has to approve), or between what and what it is as long as it is not settled."""
    least, most = in_words(decision["at_least"]), in_words(decision["at_most"])
    if not decision["decided"]:
        return f"UNKNOWN: {least}, or up to {most}" if most != least else f"UNKNOWN: {least}, but not by whose word"
    higher = " or higher" if "level" in decision["unsettled"] else ""
    return f"{least}{higher}; {' and '.join(decision['approval']) or 'nobody'} has to approve a rollback"


def decision_screen(decision: Mapping[str, Any]) -> list[str]:
    """The decision, when it is due, why, and what is missing."""
    lines = [f"{decision['policy']}: {headline(decision)}"]
    if decision["deadline"]:
        lines.append(f"Due by {moment.short(moment.parse(decision['deadline']))} UTC.")
    reasons = decision["reasons"]
    lines += [f"  + {reason['says']} ({reason['row']}): {reason['asks']}" for reason in reasons[:REASONS]]
    if len(reasons) > REASONS:
        lines.append(f"  + {len(reasons) - REASONS} more rows that match")
    if not reasons:
        lines.append("  + no row matches what is known")
    could_be: dict[str, list[str]] = {}
    for one in decision["missing"]:
        why = "" if one["because"] == "not given" else f" ({one['because']})"
        could_be.setdefault(one["could_be"], []).append(one["fact"] + why)
    lines += [f"  ? {', '.join(facts)}: could make it {words}" for words, facts in could_be.items()]
    lines += [f"  ! no row knows {', '.join(decision['ignored'])}"] if decision["ignored"] else []
    return _fitted(lines)


def conflict_screen(conflicts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each disagreement, who says what, and what counts."""
    lines = []
    for one in conflicts:
        lines.append(f"{one['trouble']}: they differ in {', '.join(one['differ'])}")
        for saying in one["says"]:
            by = f"; {' and '.join(saying['approval']) or 'nobody'} approves" if saying["approval"] is not None else ""
            lines.append(f"  - {', '.join(saying['rows'] or [saying['policy']])}: {saying['words']}{by}")
        lines.append(f"  = {one['resolved']}; {' and '.join(one['approval']) or 'nobody'} approves")
    return _fitted(lines)


def _fitted(lines: Sequence[str]) -> list[str]:
    """What does not fit goes on below, four columns in."""
    return [part for line in lines for part in textwrap.wrap(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False)]
