# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps in a journal: each intent with its result, and what was cut off between the two."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    number,
    seconds_between,
    stamp,
    text,
    time_of,
)

Event = dict[str, Any]
Step = dict[str, Any]
CUT, OPEN = "cut", "open"  # an intent without a result: its run is known to have ended, or the journal just ends


def read_steps(events: list[Event]) -> list[Step]:
    """Every step in order: {target, task, run, at, end, status, seconds, summary, from, to, held}.

    An intent that has no result has status C(cut) or C(open); its end is the last sign of life of its run.
    """
    steps: list[Step] = []
    waiting: dict[tuple[str, str, str], Step] = {}
    alive: str | None = None
    for event in events:
        if event.get("event") in ("resumed", "opened"):
            _end(waiting, alive, CUT)
        alive = stamp(time_of(event.get("at"))) or alive
        key = (text(event.get("target")), text(event.get("task")), text(event.get("run")))
        if event.get("event") == "intent":
            if key in waiting:  # announced again under the same run: the first attempt never answered
                _end({key: waiting.pop(key)}, alive, CUT)
            waiting[key] = _step(key, alive)
            steps.append(waiting[key])
        elif event.get("event") == "result":
            step = waiting.pop(key, None)
            if step is None:
                step = _step(key, _began(event, alive))
                steps.append(step)
            _finish(step, event, alive)
    _end(waiting, alive, OPEN)
    return steps


def read_cuts(events: list[Event], steps: list[Step], concluded: bool) -> list[dict[str, Any]]:
    """What began and has no recorded end, in order: {kind: step|call|line, target, what, at, later}.

    A concluded incident's report is written by a last step that cannot have its own result yet; that one is left out.
    """
    planned = planned_targets(events)
    cut = [step for step in steps if step["status"] in (CUT, OPEN)]
    if concluded and cut and cut[-1] is steps[-1] and cut[-1]["status"] == OPEN and cut[-1]["target"] not in planned:
        cut.pop()
    cuts = [{"kind": "step", "target": step["target"], "what": step["task"], "at": step["at"], "later": _later(step, steps)}
            for step in cut]
    return sorted(cuts + _unanswered(events) + _unreadable(events), key=lambda cut: cut["at"] or "")


def planned_targets(events: list[Event]) -> set[str]:
    """The names of all targets any plan in the journal speaks of."""
    return {text(row.get("target")) for event in events for row in plan_rows(event)}


def told_apart(events: list[Event]) -> list[Event]:
    """A target whose release and whose measure were both planned is two in a report: C(api), and C(api, its measure)."""
    planned = [(_rows(event.get("targets")), _rows(event.get("measures"))) for event in events if event.get("event") == "plan"]
    released = {text(row.get("target")) for targets, _measures in planned for row in targets}
    both = {text(row.get("target")) for _targets, measures in planned for row in measures} & released

    def named(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "target": f"{row['target']}, its measure"} if text(row.get("target")) in both else row

    return [
        {**event, "measures": [named(row) for row in _rows(event.get("measures"))]} if event.get("event") == "plan"
        else named(event) if event.get("kind") == "measure" else event
        for event in events
    ] if both else events


def plan_rows(event: Event) -> list[dict[str, Any]]:
    """The per-target rows of a C(plan) event, C(measure) those of measures; none for any other."""
    if event.get("event") != "plan":
        return []
    targets, measures = (_rows(event.get(part)) for part in ("targets", "measures"))
    names = {text(row.get("target")) for row in targets}
    return targets + [{**row, "measure": True} for row in measures if text(row.get("target")) not in names]


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _step(key: tuple[str, str, str], at: str | None) -> Step:
    target, task, run = key
    return {"target": target, "task": task, "run": run, "at": at, "end": at, "status": OPEN,
            "seconds": None, "summary": "", "from": None, "to": None, "held": None}


def _began(event: Event, alive: str | None) -> str | None:
    end = time_of(event.get("at"))
    try:
        return stamp(end - timedelta(seconds=number(event.get("seconds")) or 0)) if end else alive
    except OverflowError:
        return alive


def _finish(step: Step, event: Event, alive: str | None) -> None:
    step.update(
        end=alive,
        status=text(event.get("status")) or "ok",
        seconds=number(event.get("seconds")),
        summary=text(event.get("summary")),
        held=event.get("held") if isinstance(event.get("held"), bool) else None,
    )
    step.update({side: event[side] for side in ("from", "to") if isinstance(event.get(side), (dict, str))})
    if step["seconds"] is None:
        step["seconds"] = seconds_between(time_of(step["at"]), time_of(alive))


def _end(waiting: dict[tuple[str, str, str], Step], alive: str | None, status: str) -> None:
    for step in waiting.values():
        step.update(end=max(step["at"] or "", alive or "") or None, status=status)
    waiting.clear()


def _later(step: Step, steps: list[Step]) -> str:
    place = next(index for index, other in enumerate(steps) if other is step)
    again = [other for other in steps[place + 1:] if (other["target"], other["task"]) == (step["target"], step["task"])]
    if not again:
        return "not taken up again"
    return "tried again, no result either" if again[-1]["status"] in (CUT, OPEN) else f"taken up again: {again[-1]['status']}"


def _unanswered(events: list[Event]) -> list[dict[str, Any]]:
    cuts: list[dict[str, Any]] = []
    for event in events:
        if event.get("event") not in ("call", "answer"):
            continue
        what = " ".join(filter(None, (text(event.get("method")), text(event.get("path")))))
        same = [cut for cut in cuts if (cut["target"], cut["what"]) == (text(event.get("target")), what)]
        if event["event"] == "call":
            cuts.append({"kind": "call", "target": text(event.get("target")), "what": what,
                         "at": stamp(time_of(event.get("at"))), "later": "may or may not have taken effect"})
        elif same:
            cuts.remove(same[-1])
    return cuts


def _unreadable(events: list[Event]) -> list[dict[str, Any]]:
    cuts: list[dict[str, Any]] = []
    at = None
    for event in events:
        at = stamp(time_of(event.get("at"))) or at
        if event.get("event") == "unreadable":
            cuts.append({"kind": "line", "target": "", "what": "a journal line cut off while it was written", "at": at,
                         "later": "what it said is lost"})
    return cuts
