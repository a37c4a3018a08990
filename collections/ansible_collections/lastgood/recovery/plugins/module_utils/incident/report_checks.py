# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of an incident: what each flow said before the rollback and after every stage of it."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import SEVERITY
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    CHECKS,
    number,
    stamp,
    text,
    time_of,
)

Looks = list[dict[str, Any]]
BEFORE = "before"


def read_looks(events: list[Event]) -> Looks:
    """Every look at the checks in order: {phase, verdict, at, end, checks: [{name, verdict, expected, got, seconds}]}."""
    looks: Looks = []
    for event in events:
        if event.get("event") != "checked":
            continue
        listed = event.get("checks")
        checks = [_check(check) for check in listed if isinstance(check, dict)] if isinstance(listed, list) else []
        end = time_of(event.get("at"))
        try:  # the checks of one look run at the same time
            start = end - timedelta(seconds=max((check["seconds"] or 0 for check in checks), default=0)) if end else None
        except OverflowError:
            start = end
        look = {"phase": text(event.get("phase")) or "checked", "verdict": _verdict(event.get("verdict")),
                "at": stamp(start), "end": stamp(end), "checks": checks, "run": text(event.get("run"))}
        if looks and all(looks[-1][key] == look[key] for key in ("phase", "run")):
            look = _together(looks.pop(), look)
        looks.append(look)
    return looks


def _together(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two kinds of checks in the same phase of a run are one look; the worst verdict of both is its own."""
    by_name = {check["name"]: check for look in (one, other) for check in look["checks"]}
    worst = max((one["verdict"], other["verdict"]), key=SEVERITY.index)
    return {**one, "verdict": worst, "end": other["end"], "checks": list(by_name.values())}


def compare(looks: Looks) -> dict[str, Any]:
    """One row per check, one column per phase: {phases: [look without checks], rows: [{name, cells: [check or None]}]}.

    Of repeated looks the first C(before) counts, for it saw the fault, and the last of every other phase.
    """
    columns: dict[str, dict[str, Any]] = {}
    for look in looks:
        if look["phase"] != BEFORE or BEFORE not in columns:
            columns[look["phase"]] = look
    names = dict.fromkeys(check["name"] for look in columns.values() for check in look["checks"])
    said = [{check["name"]: check for check in look["checks"]} for look in columns.values()]
    return {
        "phases": [{key: look[key] for key in ("phase", "verdict", "at", "end")} for look in columns.values()],
        "rows": [{"name": name, "cells": [column.get(name) for column in said]} for name in names],
    }


def _check(check: dict[str, Any]) -> dict[str, Any]:
    return {"name": text(check.get("name")), "verdict": _verdict(check.get("verdict")), "seconds": number(check.get("seconds")),
            "expected": text(check.get("expected")), "got": text(check.get("got"))}


def _verdict(value: Any) -> str:
    return value if isinstance(value, str) and value in CHECKS else "UNKNOWN"
