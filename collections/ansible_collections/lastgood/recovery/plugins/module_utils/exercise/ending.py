# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of an exercise: judged, written down, signed, and verified as it was written."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.listed import ENDED
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drills
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.beginning import SIGNED
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.evidence import (
    Evidence,
    as_bytes,
    compose,
    gather,
    sealed,
    sha256,
    versions_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.record import (
    EVIDENCE,
    SIGNATURE,
    Exercise,
    Exercises,
    directory,
    keep,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.screen import screen
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.signing import signing
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import EXERCISE
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.verification import (
    SOUND,
    Signers,
    verify_all,
    verify_exercise,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, short
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import TAMPERED
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "exercise": {"type": "dict", "required": True, "options": EXERCISE},
    "directory": {"type": "path", "default": "."},
    "ansible_version": {"type": "str"},
    **SIGNED,
}


def end(options: Options, run: Run) -> Result:
    """The evidence, on disk and verified. PASSED only where every drill has; C(exit_code) 0 only where it is signed as well."""
    store = Store(options["store"])
    exercises = Exercises(store, options["environment_name"])
    rows = exercises.read()
    exercise = next((row for row in rows if row["name"] == options["name"]), None)
    if exercise is None:
        raise Refused(f"there is no exercise {options['name']} in {exercises.path}", "Begin it first.")
    with_key = None if options["unsigned"] else signing(options["exercise"], options["key"])
    exercise |= {"signer": with_key.signer if with_key else None}
    steps = gather(store, exercise, Drills(store, options["environment_name"]).read())
    signers = Signers.of(options["exercise"])
    earlier, previous = _earlier(store, rows, exercise, signers)
    versions = versions_of(Path(options["directory"]), options["ansible_version"])
    evidence = compose(exercise, steps, versions, earlier, previous, moment.iso(datetime.now(UTC)))
    content, pages = sealed(evidence)
    armoured = with_key.sign(content) if with_key else None
    keep(store, exercise["name"], {**pages, EVIDENCE: content, **({SIGNATURE: armoured} if armoured else {})})
    told = {"ended_at": evidence["ended_at"], "verdict": evidence["verdict"], "number": evidence["number"], "sha256": sha256(content)}
    exercises.put({**exercise, "state": ENDED, **told})
    judged = verify_exercise(store, exercise["name"], signers)
    wrong = [] if judged.state in SOUND else [f"what was written is not what can be verified: {'; '.join(judged.findings)}"]
    if previous and previous["state"] == TAMPERED:
        wrong.append(f"the exercise before, {previous['name']}, is no longer what was signed: look at it with scripts/verify")
    still = exercises.lock.release(run.process)
    return {
        "changed": True,
        "verdict": evidence["verdict"],
        "exit_code": evidence["exit_code"],
        "evidence": short(directory(store, exercise["name"]) / EVIDENCE),
        "controls": {f"{one['standard']} {one['id']}": one["state"] for one in evidence["controls"]},
        "screen": screen(evidence, short(directory(store, exercise["name"]) / "evidence.html")),
        "warnings": [*wrong, *([still] if still else [])],
        "summary": f"{exercise['name']}: {evidence['verdict']}, {evidence['came_to']}",
        **({"failed": True, "msg": wrong[0]} if judged.state not in SOUND else {}),
    }


def _earlier(store: Store, rows: list[Exercise], exercise: Exercise, signers: Signers) -> tuple[list[Evidence], dict[str, Any] | None]:
    """The evidence of the exercises before, oldest first, and {name, number, sha256, state} of the newest of them.

    The hash is that of its evidence as it was written, even where somebody has changed it since.
    """
    judged = [one for one in verify_all(store, signers) if one.environment == exercise["environment"] and one.name != exercise["name"]]
    known = {one.name: {"name": one.name, "number": one.evidence["number"], "sha256": sha256(as_bytes(one.evidence)), "state": one.state}
             for one in judged if one.evidence}
    for row in (row for row in rows if row["state"] == ENDED and row["name"] != exercise["name"]):
        known[row["name"]] = {"name": row["name"], "number": row["number"], "sha256": row["sha256"],
                              "state": known.get(row["name"], {}).get("state", TAMPERED)}
    newest = max(known.values(), key=lambda one: int(one["number"]), default=None)
    return [one.evidence for one in judged if one.evidence], newest


END = Operation(ARGUMENTS, end)
