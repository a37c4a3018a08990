# SPDX-License-Identifier: GPL-3.0-or-later
"""Beginning an exercise: what is drilled, whether it may be, who signs; or taking up one that was broken off."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.beginning import left_by_drills
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.failure import FAILURE, distinct, new_seed
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.listed import BEGUN, GIVEN_UP
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drills
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.record import (
    Exercise,
    Exercises,
    directories,
    held,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.signing import signing
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import COMMUNICATION, EXERCISE, chosen
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import user
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

PATIENCE = timedelta(days=1)
"""How long one that was broken off is taken up."""
SIGNED = {
    "key": {"type": "path", "fallback": (env_fallback, ["LASTGOOD_SIGNING_KEY"])},
    "unsigned": {"type": "bool", "default": False},
}
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "environment_title": {"type": "str"},
    "exercise": {"type": "dict", "required": True, "options": EXERCISE},
    "failures": {"type": "list", "elements": "dict", "required": True, "options": FAILURE},
    "allowed": {"type": "bool", "default": False},
    "test_messages": {"type": "bool", "default": False},
    "seed": {"type": "str"},
    **SIGNED,
}


def begin(options: Options, run: Run) -> Result:
    """The exercise, written down as begun before anything is broken, and the drills of it that are still to be held."""
    environment, now = options["environment_name"], datetime.now(UTC)
    store = Store(options["store"])
    exercises = Exercises(store, environment)
    _may(options, store, run)
    signer = _signer(options)
    rows = exercises.read()
    broken_off = _broken_off(rows, now)
    exercise = broken_off or _new(options, store, rows, now)
    exercise |= {"signer": signer}
    if broken_off is None and any(step["step"] == COMMUNICATION for step in exercise["steps"]) and not options["test_messages"]:
        raise Refused(
            f"messages of {environment} would not say that they are a test",
            "Say telling: {test: true} in its inventory, or leave communication out and say why.",
        )
    if not run.check:
        exercises.lock.take({"by": user(), "environment": environment, "incident": exercise["name"], "reason": "exercise"}, run.process)
        rows = exercises.read()
        for row in rows:
            if row["state"] == BEGUN and row["name"] != exercise["name"]:
                row["state"] = GIVEN_UP
        exercises.write([*(row for row in rows if row["name"] != exercise["name"]), exercise])
    drills = Drills(store, environment).read()
    steps = [step for step in exercise["steps"] if not held(step, drills)]
    return {
        "changed": True,
        "exercise": exercise,
        "steps": steps,
        "screen": _screen(exercise, steps, options["environment_title"] or environment.upper(), broken_off is not None),
        "summary": f"{exercise['name']}: {len(steps)} drills to be held",
    }


def _may(options: Options, store: Store, run: Run) -> None:
    """Refused where a drill would be, so that nothing is broken for an exercise that cannot come to its end."""
    environment = options["environment_name"]
    if not options["allowed"]:
        raise Refused(
            f"{environment} is no place for exercises: its inventory does not allow any drills",
            "Exercise in the sandbox or in staging; drills: {allowed: true} in the inventory allows it.",
        )
    distinct(options["failures"])
    left_by_drills(store, environment, run)
    drilling = Drills(store, environment).lock.other(run.process)
    if drilling:
        raise Refused(
            f"{drilling['by']} is drilling {environment} since {drilling['since']} ({drilling['incident']})",
            "Run the same command when that is over: what an exercise that was broken off has begun comes to its end by itself.",
        )


def _signer(options: Options) -> str | None:
    """Who will sign, as a signature for nothing proves; None when it was said that nobody does."""
    if options["unsigned"]:
        return None
    with_key = signing(options["exercise"], options["key"])
    with_key.sign(b"whether this key can sign the evidence of an exercise\n")
    return with_key.signer


def _broken_off(rows: list[Exercise], now: datetime) -> Exercise | None:
    going = [row for row in rows if row["state"] == BEGUN and now - moment.parse(row["began_at"]) < PATIENCE]
    return going[-1] if going else None


def _new(options: Options, store: Store, rows: list[Exercise], now: datetime) -> Exercise:
    environment, seed = options["environment_name"], options["seed"] or new_seed()
    taken = {row["name"] for row in rows} | {path.name for path in directories(store)}
    day = f"{now:%Y-%m-%d}-{environment}"
    name = next(one for one in (day, *(f"{day}-{number}" for number in range(2, 1000))) if one not in taken)
    return {
        "name": name,
        "environment": environment,
        "environment_title": options["environment_title"] or environment.upper(),
        "by": user(),
        "seed": seed,
        "began_at": moment.iso(now),
        "state": BEGUN,
        "steps": chosen(options["exercise"], options["failures"], name, seed),
        "left_out": {step: why for step, why in (options["exercise"].get("left_out") or {}).items() if why is not None},
    }


def _screen(exercise: Exercise, steps: list[dict[str, Any]], title: str, taken_up: bool) -> list[str]:
    lines = [f"EXERCISE · {title} · {exercise['name']} (seed {exercise['seed']})"]
    if taken_up:
        lines.append(paragraph(f"It was broken off and is taken up: {len(exercise['steps']) - len(steps)} of {len(exercise['steps'])} "
                               "drills have ended and are not repeated."))
    wide = max(len(step["step"]) for step in exercise["steps"])
    lines += [paragraph(f"  {step['step']:<{wide}}  {step['failure']}: {step['says']}") for step in steps]
    lines += [paragraph(f"  {step} is left out: {why}") for step, why in exercise["left_out"].items()]
    return [*lines, f"  {exercise['signer']} signs for it" if exercise["signer"] else "  nobody signs for it"]


BEGIN = Operation(ARGUMENTS, begin)
