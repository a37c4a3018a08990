# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exercise came to: PASSED when every drill of it has passed, people were told where they had to be, and nothing is in doubt."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.screen import PASSED
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import COMMUNICATION, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.told import judge_told, told_in_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import EXIT_CODES, NOT_RESTORED, PARTIAL
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT

FAILED, NOT_HELD = "FAILED", "NOT HELD"
FELL_SHORT, FELL_THROUGH = EXIT_CODES[PARTIAL], EXIT_CODES[NOT_RESTORED]


def judge_step(step: Step, drill: Mapping[str, Any] | None, attempts: int, incident: Mapping[str, Any] | None) -> dict[str, Any]:
    """The step with its C(drill) and C(incident), C(verdict), C(came_to) and C(exit_code)."""
    if drill is None:
        broken_off = f"; {attempts} begun and broken off" if attempts else ""
        told = {"verdict": NOT_HELD, "came_to": f"no drill of it came to its end{broken_off}", "exit_code": FELL_THROUGH}
    else:
        code = drill["exit_code"]
        told = {"verdict": drill["verdict"], "came_to": drill["came_to"],
                "exit_code": code if code in (0, FELL_SHORT) else FELL_THROUGH}
        torn = incident is not None and incident["journal"]["state"] != INTACT
        doubts = [f"its journal is {incident['journal']['state']}"] if incident and torn else []
        if step["step"] == COMMUNICATION:
            doubts += judge_told(incident["told"] if incident else [])
        if doubts:
            said = "; ".join([str(drill["came_to"]), *doubts])
            told = {"verdict": FAILED, "came_to": said, "exit_code": told["exit_code"] or FELL_SHORT}
    known = {key: step[key] for key in ("step", "level", "failure", "says")}
    left = {"drill": dict(drill) if drill else None, "incident": dict(incident) if incident else None}
    return {**known, **told, "attempts": attempts, **left}


def told_of(steps: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The communication as it was: {verdict, says, told}; None when no drill was held for it."""
    step = next((one for one in steps if one["step"] == COMMUNICATION), None)
    if not step or not step["incident"]:
        return None
    told = step["incident"]["told"]
    wrong = judge_told(told)
    return {"verdict": FAILED if wrong else PASSED, "says": "; ".join(wrong) or told_in_words(told), "told": told}


def judge(steps: Sequence[Mapping[str, Any]], signer: str | None) -> tuple[str, str, int]:
    """The verdict, in words what it came to, and the exit code: 0 only when all has passed and somebody signs for it."""
    passed = sum(step["verdict"] == PASSED for step in steps)
    code = max((step["exit_code"] for step in steps), default=FELL_THROUGH)
    verdict = PASSED if steps and passed == len(steps) else FAILED
    words = f"{passed} of {len(steps)} drills passed"
    return verdict, words, code or (0 if signer else FELL_SHORT)
