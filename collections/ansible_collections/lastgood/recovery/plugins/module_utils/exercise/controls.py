# SPDX-License-Identifier: GPL-3.0-or-later
"""What the evidence shows of an auditor's controls. One that some part of the evidence is missing for is not shown."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.screen import PASSED
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.judging import NOT_HELD
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import LEVELS
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.told import told_in_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import schema
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.reading import document_in
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT

NO_LEVEL = "no level was drilled to its end"
READY = Path(__file__).resolve().parents[3] / "controls"
SHOWN, WITH_FINDINGS, NOT_SHOWN = "shown", "shown, with findings", "not shown"
Evidence = Mapping[str, Any]
Part = tuple[str, str]
"""One of the three states, and what the evidence says, in words."""


def judge_controls(evidence: Evidence) -> list[dict[str, Any]]:
    """Each with {standard, id, title, state, parts: [{part, state, says}]}; its state is the worst of its parts'."""
    found = []
    for control in controls():
        parts = [{"part": name, **dict(zip(("state", "says"), PARTS[name](evidence), strict=True))} for name in control["shown_by"]]
        states = {part["state"] for part in parts}
        state = next(one for one in (NOT_SHOWN, WITH_FINDINGS, SHOWN) if one in states)
        found.append({**{key: control[key] for key in ("standard", "id", "title")}, "state": state, "parts": parts})
    return found


@cache
def controls() -> tuple[dict[str, Any], ...]:
    """Those of the collection; Refused when the file is not right."""
    document = document_in(READY / "default.yml")
    faults = list(schema.faults(document, json.loads((READY / "controls.schema.json").read_text(encoding="utf-8")), at="controls"))
    if faults:
        raise Refused(f"the controls are not valid: {'; '.join(faults[:3])}", "controls.schema.json describes every part.")
    return tuple(document["controls"])


def _held(evidence: Evidence) -> list[Mapping[str, Any]]:
    return [step for step in evidence["steps"] if step["verdict"] != NOT_HELD]


def _of_steps(steps: list[Mapping[str, Any]], nothing: str) -> Part:
    if not steps:
        return NOT_SHOWN, nothing
    bad = [step for step in steps if step["verdict"] != PASSED]
    said = [f"{step['step']}: {step['verdict']}, {step['came_to']}" for step in bad or steps]
    return (WITH_FINDINGS if bad else SHOWN), "; ".join(said)


def _procedures(evidence: Evidence) -> Part:
    state, says = _of_steps([step for step in _held(evidence) if step["level"]], NO_LEVEL)
    missing = _missing(evidence)
    return (WITH_FINDINGS, f"{says}; without {', '.join(missing)}") if missing and state == SHOWN else (state, says)


def _programme(evidence: Evidence) -> Part:
    missing = _missing(evidence)
    if len(missing) == len(LEVELS):
        return NOT_SHOWN, NO_LEVEL
    return (WITH_FINDINGS, f"without {', '.join(missing)}") if missing else (SHOWN, "every level was drilled to its end")


def _missing(evidence: Evidence) -> list[str]:
    held = {step["step"] for step in _held(evidence)}
    return [level for level in LEVELS if level not in held]


def _level(level: str, nothing: str) -> Callable[[Evidence], Part]:
    return lambda evidence: _of_steps([step for step in _held(evidence) if step["step"] == level], nothing)


def _backups(evidence: Evidence) -> Part:
    """A restored backup counts once checks have looked at what was restored, and it is known what was lost."""
    steps = [step for step in _held(evidence) if step["step"] == "database" and step["incident"]]
    looks = [look for step in steps for look in step["incident"]["checks"] if look["phase"] != "before"]
    losses = [loss for step in steps for loss in step["incident"]["losses"] if loss["newest"]]
    if not looks or not losses:
        return NOT_SHOWN, "no backup was restored, looked at and measured"
    state, says = _of_steps(steps, "")
    missed = [f"{loss['target']}: RPO {loss['judged']}" for loss in losses if loss["judged"] in ("missed", "unknown")]
    lost = "; ".join(f"{loss['target']} lost {', '.join(loss['rows']) or 'what nobody counted'}" for loss in losses)
    return (WITH_FINDINGS if missed else state), "; ".join([says, lost, *missed])


def _objectives(evidence: Evidence) -> Part:
    goals = [goal for step in _held(evidence) for goal in step["drill"].get("goals") or []]
    if not goals:
        return NOT_SHOWN, "nothing was measured against an objective"
    missed = [goal["goal"] for goal in goals if not goal["met"]]
    missed += [f"{step['step']} was not measured" for step in _held(evidence) if not step["drill"].get("goals")]
    says = f"{sum(goal['met'] for goal in goals)} of {len(goals)} objectives met"
    return (WITH_FINDINGS, f"{says}; not met: {', '.join(dict.fromkeys(missed))}") if missed else (SHOWN, says)


def _communication(evidence: Evidence) -> Part:
    told = evidence["communication"]
    if not told or not told_in_words(told["told"]):
        return NOT_SHOWN, "nobody was told anything"
    return (SHOWN if told["verdict"] == PASSED else WITH_FINDINGS), told["says"]


def _decisions(evidence: Evidence) -> Part:
    """By which rule it was decided, which plan was carried out, and whether somebody had to approve it."""
    held = [step for step in _held(evidence) if step["incident"]]
    if not held or not all(step["drill"].get("decision") and step["incident"]["plan"] for step in held):
        return NOT_SHOWN, "not every drill has a decision and a plan"
    overridden = [step["step"] for step in held if step["incident"]["overridden"]]
    approved = "; ".join(f"{step['step']}: {step['incident']['approved_by']}" for step in held)
    return (WITH_FINDINGS, f"against a refusal: {', '.join(overridden)}") if overridden else (SHOWN, f"approval {approved}")


def _integrity(evidence: Evidence) -> Part:
    journals = [step["incident"]["journal"]["state"] for step in evidence["steps"] if step["incident"]]
    if not journals or not evidence["signer"]:
        return NOT_SHOWN, "it is not signed" if journals else "there is no journal"
    if any(state != INTACT for state in journals):
        return WITH_FINDINGS, f"journals are {', '.join(sorted(set(journals)))}"
    return SHOWN, f"{len(journals)} journals intact, signed by {evidence['signer']}"


PARTS: dict[str, Callable[[Evidence], Part]] = {
    "procedures": _procedures,
    "programme": _programme,
    "backups": _backups,
    "disaster": _level("disaster", "disaster recovery was not drilled to its end"),
    "objectives": _objectives,
    "communication": _communication,
    "decisions": _decisions,
    "integrity": _integrity,
}
