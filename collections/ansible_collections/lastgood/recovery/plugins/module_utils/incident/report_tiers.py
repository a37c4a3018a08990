# SPDX-License-Identifier: GPL-3.0-or-later
"""How long each tier took, when it was back, and whether that was within its recovery time objective (RTO)."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_durations import judge_rto
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Step
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_targets import Target
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    artifact_name,
    covered,
    day_and_clock,
    number,
    seconds_between,
    stamp,
    text,
    time_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import RESTORED

BACK = ("rolled back", "changed", "put back", "already there")
SPARED = ("unchanged", "not needed")


def read_objectives(incident: dict[str, Any]) -> dict[str, dict[str, float | None]]:
    """By target or tier: {rto, rpo} in seconds, from the inventory's C(objectives.services); what else is there is left out."""
    given = incident.get("objectives")
    services = given.get("services") if isinstance(given, dict) else None
    named = services.items() if isinstance(services, dict) else ()
    return {text(name): {key: number(one.get(key)) for key in ("rto", "rpo")} for name, one in named if isinstance(one, dict)}


def read_arrivals(targets: list[Target], steps: list[Step]) -> dict[str, str | None]:
    """By target that went back: the moment it first served what it went back to."""
    arrivals: dict[str, str | None] = {}
    for target in targets:
        wanted = target["to"]["artifact"] or target["to"]["id"]
        for step in steps:
            served = step["to"] if isinstance(step["to"], dict) else {"id": step["to"]}
            arrived = step["target"] == target["target"] and step["to"] and step["status"] in ("ok", "changed")
            if arrived and wanted in (text(served.get("artifact")), text(served.get("id"))) and target["outcome"] in BACK:
                arrivals.setdefault(target["target"], step["end"])
    return arrivals


def read_tiers(targets: list[Target], steps: list[Step], objectives: dict[str, dict[str, float | None]],
               moments: dict[str, str | None], verdict: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """A row for each tier, and one for each target with an objective of its own, in plan order.

    {name, kind: tier|target, due, back, seconds, back_at, after, rto}; C(seconds) is the work, C(after) counts from C(bad_at) until
    the last of them was back, and C(rto) is as C(read_rto) has it. Only a verdict of RESTORED lets an objective be met.
    """
    arrivals = read_arrivals(targets, steps)
    groups = [("tier", name, [target for target in targets if target["tier"] == name]) for name in _tiers(targets)]
    groups += [("target", target["target"], [target]) for target in targets if target["target"] in objectives]
    rows = []
    for kind, name, members in groups:
        names = {target["target"] for target in members}
        due = [target for target in members if target["outcome"] not in SPARED]
        reached = [time_of(arrivals.get(target["target"])) for target in due if target["outcome"] in BACK]
        known = [at for at in reached if at]
        back_at = max(known) if due and len(known) == len(due) else None
        started = time_of(moments["bad_at"])
        restored = back_at if verdict["word"] == RESTORED else None
        rto = judge_rto(objectives.get(name, {}).get("rto"), started, restored, verdict["word"], now) if due else None
        rows.append({
            "name": name, "kind": kind, "due": len(due), "back": len(reached),
            "seconds": covered((time_of(step["at"]), time_of(step["end"])) for step in steps
                               if step["target"] in names and step["status"] != "skipped"),
            "back_at": stamp(back_at), "after": seconds_between(started, back_at), "rto": rto,
        })
    return rows


def is_state(release: dict[str, str]) -> bool:
    """Whether it is the state of a moment, as of a database or of objects, and no release."""
    return bool(release["id"]) and time_of(release["id"]) is not None


def release_words(release: dict[str, str]) -> str:
    """C(dpl_9f2 (c0ffec0, Faster checkout)), or C(the state of Sun 22 Nov 2026 02:14:00 UTC), for a sentence."""
    if is_state(release):
        return f"the state of {day_and_clock(release['id'])}"
    more = ", ".join(filter(None, (artifact_name(release), release["title"])))
    return (release["id"] or "an unknown release") + (f" ({more})" if more else "")


def _tiers(targets: Iterable[Target]) -> list[str]:
    return list(dict.fromkeys(target["tier"] for target in targets))
