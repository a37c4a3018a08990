# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to each target: from which release to which, why, how long it took, how it ended."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import (
    CUT,
    OPEN,
    Event,
    Step,
    plan_rows,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    covered,
    text,
    texts,
    time_of,
)

Target = dict[str, Any]
MOVED = ("rolled back", "changed", "put back")
"""The outcome of a target that another release serves now, of a measure, and of one that is as before because it was needed no more."""


def read_targets(events: list[Event], steps: list[Step], concluded: bool) -> list[Target]:
    """Every planned target in plan order.

    {target, tier, from, to, why, changes, only_if, comes_back, stays, measure, outcome, seconds, held}. Where an incident was planned
    more than once, C(from) is what the first plan found and the rest what the last one said.
    """
    targets: dict[str, Target] = {}
    for row in (row for event in events for row in plan_rows(event)):
        name = text(row.get("target"))
        first = targets.get(name, row)
        targets[name] = {
            "target": name,
            "tier": text(row.get("tier")),
            "from": _release(first.get("from")),
            "to": _release(row.get("to")),
            "why": text(row.get("why")),
            "changes": bool(row.get("changes")) or bool(first.get("changes")),
            "only_if": text(row.get("only_if")),
            "comes_back": texts(row.get("comes_back")),
            "stays": texts(row.get("stays")),
            "measure": bool(row.get("measure")),
        }
    for target in targets.values():
        own = [step for step in steps if step["target"] == target["target"] and step["status"] != "skipped"]
        target["outcome"] = _outcome(target, own, concluded)
        target["seconds"] = covered((time_of(step["at"]), time_of(step["end"])) for step in own)
        target["held"] = next((step["held"] for step in reversed(own) if step["held"] is not None), None)
        if target["outcome"] in MOVED:
            target["to"] = _release(next(step["to"] for step in reversed(own) if step["to"]))
        if target["outcome"] == "changed" and target["to"] == target["from"]:
            target["outcome"] = "put back"
    return list(targets.values())


def apply_ending(targets: list[Target], state: str, steps: list[Step]) -> None:
    """Say of the targets what committing or undoing the rollback made of them."""
    for target in targets:
        if state == "undone" and target["outcome"] in MOVED:
            target["outcome"] = "undone"
        held = [step["held"] for step in steps if step["target"] == target["target"] and step["held"] is not None]
        target["held"] = held[-1] if held else target["held"]


def left_as_it_is(targets: list[Target]) -> list[dict[str, str]]:
    """What did not come back: [{target, what}]; a target that was due and did not move is left as a whole."""
    rows = []
    for target in targets:
        if target["outcome"] in (*MOVED, "already there"):
            rows.append({"target": target["target"], "what": ", ".join(target["stays"])})
        elif target["changes"] and target["outcome"] != "undone":
            rows.append({"target": target["target"], "what": f"the whole target: {target['outcome']}"})
    return [row for row in rows if row["what"]]


def _outcome(target: Target, own: list[Step], concluded: bool) -> str:
    last = {step["task"]: step["status"] for step in own}.values()
    if "failed" in last or "unreachable" in last:
        return "failed"
    if CUT in last or OPEN in last:
        return "interrupted"
    if not target["changes"]:
        return "unchanged"
    arrived = any(step["to"] and step["status"] in ("ok", "changed") for step in own)
    if arrived and any(_moved(step) or step["status"] == CUT for step in own):
        return "changed" if target["measure"] else "rolled back"
    if arrived:
        return "already there"
    if not concluded:
        return "waiting"
    return "not needed" if target["only_if"] else "not reached"


def _moved(step: Step) -> bool:
    """Whether the step changed what is served, not only whether new pushes are held back."""
    before, after = _release(step["from"]), _release(step["to"])
    return step["status"] == "changed" and (before["artifact"] or before["id"]) != (after["artifact"] or after["id"])


def _release(release: Any) -> dict[str, str]:
    fields = release if isinstance(release, dict) else {"id": release}
    return {name: text(fields.get(name)) for name in ("id", "artifact", "created_at", "live_from", "title")}
