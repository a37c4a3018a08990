# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a drill: what came of it, measured and written down."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.goals import Goal, goal, of_durations, of_recovery
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.listed import ENDED
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drills
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.screen import PASSED, screen, short_of
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import Entry, read_entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import Objectives, read_objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, short
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import EXIT_CODES, PARTIAL, RESTORED
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

FAILED = "FAILED"
STOPPED = 2
"""What the process answers when there was no rollback to be judged, or what was broken could not be repaired."""
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "drill": {"type": "dict", "required": True},
    "actions": {"type": "list", "elements": "str", "required": True},
    "steps": {"type": "dict", "required": True},
    "objectives": {"type": "dict", "default": {}},
    "sla": {"type": "dict", "default": {}},
}
BEFORE = {"left": "what an earlier drill left could not be cleared up", "prepared": "it could not be prepared", "quiet": "not all was well",
          "broken": "it could not be broken"}
"""Steps before anything is noticed, in order, and what it means that one failed."""
AFTER = {"kept": "the incident could not be ended", "repaired": "what was broken could not be repaired", "well": "not all is well again"}
"""Steps after the rollback was judged, and the same of them."""


def end(options: Options, run: Run) -> Result:
    """PASSED only when it was noticed, decided, RESTORED within every objective, and cleared up."""
    store = Store(options["store"])
    drills = Drills(store, options["environment_name"])
    objectives = read_objectives(options["objectives"])
    steps = {name: step if isinstance(step, Mapping) else {} for name, step in options["steps"].items()}
    came_to, exit_code = _came_to(steps, options["actions"])
    seconds, goals, report = _measured(store, steps, options, objectives)
    missed = [one for one in goals if not one["met"]]
    if missed and exit_code == 0:
        came_to, exit_code = f"restored, but not as well as it has to be: {', '.join(short_of(one) for one in missed)}", EXIT_CODES[PARTIAL]
    uncleared = [f"{words}: {_why(steps[name])}" for name, words in AFTER.items() if _failed(steps.get(name, {}))]
    if uncleared:
        came_to, exit_code = "; ".join([came_to, *uncleared]), exit_code or STOPPED
    verdict = FAILED if exit_code else PASSED
    detected, decided = steps.get("detected", {}), steps.get("decided", {})
    told = {
        "state": ENDED,
        "ended_at": moment.iso(datetime.now(UTC)),
        "verdict": verdict,
        "came_to": came_to,
        "exit_code": exit_code,
        "incident": (steps.get("played", {}).get("incident") or {}).get("id"),
        "fired": detected.get("fired") or [],
        "facts": detected.get("facts") or {},
        "decision": {key: decided[key] for key in ("policy", "severity", "action", "within") if key in decided},
        "seconds": seconds,
        "goals": goals,
    }
    drill = drills.change(options["drill"]["id"], **told)
    still = drills.lock.release(run.process)
    return {
        "changed": True,
        "drill": drill,
        "exit_code": exit_code,
        "screen": screen(drill, seconds, goals, detected, decided, report),
        "warnings": [still] if still else [],
        "summary": f"{drill['failure']}: {verdict}, {came_to}",
    }


def _came_to(steps: Mapping[str, Mapping[str, Any]], actions: list[str]) -> tuple[str, int]:
    """In words, and what the process answers."""
    for name, words in BEFORE.items():
        if _failed(steps.get(name, {})):
            return f"{words}: {_why(steps[name])}", STOPPED
    detected, decided, played = (steps.get(name, {}) for name in ("detected", "decided", "played"))
    if not detected.get("fired"):
        return f"nobody noticed: {_why(detected)}", STOPPED
    if decided.get("action") not in actions:
        return f"the decision was {_why(decided)}, so nothing was rolled back", STOPPED
    if "code" not in played:
        return f"the rollback did not come to its end: {_why(played)}", STOPPED
    incident = played.get("incident") or {}
    if played["code"] == 0 and incident.get("verdict") == RESTORED:
        return "noticed, decided and restored", 0
    if played["code"] == 0:
        return "the rollback ended well and has judged nothing", EXIT_CODES[PARTIAL]
    words = f"the rollback ended with {incident.get('verdict') or 'no verdict'}, exit code {played['code']}"
    return words, int(played["code"]) if played["code"] > 0 else STOPPED


def _measured(
    store: Store, steps: Mapping[str, Mapping[str, Any]], options: Options, objectives: Objectives
) -> tuple[dict[str, float | None], list[Goal], str]:
    """How long each part took in seconds, what that is measured by, and where the incident's own report is."""
    detected, played = steps.get("detected", {}), steps.get("played", {})
    if not detected.get("fired"):
        return {}, [], ""
    seconds: dict[str, float | None] = {"detect": detected["seconds"]}
    if "code" not in played:
        return seconds, of_durations(seconds, Objectives({key: most for key, most in objectives.durations.items() if key == "detect"})), ""
    seconds["decide"] = _between(detected["at"], played["began_at"])
    entry: Entry | None = None
    if played.get("incident"):
        incident = store.find(played["incident"]["id"])
        entry = read_entry(incident.directory.name, incident.fields, incident.journal.events())
        seconds |= {name: entry["seconds"].get(name) for name in ("roll_back", "verify", "total")}
        broken = detected["seconds"] + _between(detected["at"], played["ended_at"])
        seconds["broken"] = round(broken, 3) if entry["verdict"] == RESTORED else None
    goals = of_durations(seconds, objectives)
    tier = options["drill"]["tier"]
    if tier in options["sla"]:
        goals.append(goal(f"SLA of {tier}", played["took"], float(options["sla"][tier])))
    goals += of_recovery(entry, objectives, seconds["broken"]) if entry else []
    report = incident.directory / "report.html" if entry else None
    return seconds, goals, short(report) if report and report.exists() else ""


def _between(earlier: str, later: str) -> float:
    return round((moment.parse(later) - moment.parse(earlier)).total_seconds(), 3)


def _failed(step: Mapping[str, Any]) -> bool:
    return bool(step.get("failed")) or any(isinstance(one, Mapping) and one.get("failed") for one in step.get("results") or [])


def _why(step: Mapping[str, Any]) -> str:
    rows = [one for one in step.get("results") or [] if isinstance(one, Mapping) and one.get("failed")]
    inner = rows[0] if rows else step
    said = inner.get("summary") or str(inner.get("stderr") or "").strip() or inner.get("msg") or "it was not tried"
    return " ".join(str(said).split())


END = Operation(ARGUMENTS, end)
