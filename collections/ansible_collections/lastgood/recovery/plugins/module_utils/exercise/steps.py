# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exercise goes through: one drill for every level, and one during which people are told."""
from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

LEVELS = ("flag", "configuration", "release", "database", "disaster")
"""In order: the higher the level, the more goes back."""
COMMUNICATION = "communication"
EXERCISE: dict[str, Any] = {
    "levels": {"type": "dict", "options": {level: {"type": "list", "elements": "str"} for level in LEVELS}},
    "left_out": {"type": "dict", "options": {step: {"type": "str"} for step in (*LEVELS, COMMUNICATION)}},
    "communication": {"type": "dict", "options": {"failure": {"type": "str", "required": True}}},
    "key": {"type": "path"},
    "signer": {"type": "str"},
    "signers": {"type": "path"},
    "revoked": {"type": "path"},
}
"""The inventory's C(exercise)."""
Step = dict[str, Any]
"""{step, level, failure, says, seed, variables}: C(level) counts from 1 and is None of the communication."""
WHERE = "docs/exercises.md says how the inventory's exercise names them."


def chosen(exercise: Mapping[str, Any], failures: Collection[Mapping[str, Any]], name: str, seed: str) -> list[Step]:
    """The drills of the exercise C(name) in order; of a level's failures one by chance, the same for the same seed.

    Refused where a level has no failure, or one that there is not, unless the inventory says why it is left out.
    """
    says = {failure["name"]: failure["says"] for failure in failures}
    left_out, steps = _left_out(exercise), []
    for step in (*LEVELS, COMMUNICATION):
        named = _named(exercise, step)
        if step in left_out:
            if named:
                raise Refused(f"{step} has a failure and is left out", "Say one of the two in the inventory's exercise.")
            continue
        if not named:
            raise Refused(f"{step} has no failure to be drilled", WHERE)
        unknown = [one for one in named if one not in says]
        if unknown:
            raise Refused(f"{step} is to be drilled with {unknown[0]}, and there is no such failure", f"Known are {', '.join(says)}.")
        failure = random.Random(f"{seed} {step}").choice(sorted(named))
        own = f"{name}.{step}"
        told = {"deliver_notifications": True} if step == COMMUNICATION else {}
        steps.append({
            "step": step,
            "level": LEVELS.index(step) + 1 if step in LEVELS else None,
            "failure": failure,
            "says": says[failure],
            "seed": own,
            "variables": {"failure": failure, "seed": own, **told},
        })
    if not steps:
        raise Refused("everything is left out", WHERE)
    return steps


def _left_out(exercise: Mapping[str, Any]) -> dict[str, str]:
    """By step why, as the inventory has it."""
    return {step: why for step, why in (exercise.get("left_out") or {}).items() if why is not None}


def _named(exercise: Mapping[str, Any], step: str) -> list[str]:
    if step == COMMUNICATION:
        failure = (exercise.get("communication") or {}).get("failure")
        return [failure] if failure else []
    return list((exercise.get("levels") or {}).get(step) or [])
