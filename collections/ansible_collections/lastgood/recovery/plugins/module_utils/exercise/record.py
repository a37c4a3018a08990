# SPDX-License-Identifier: GPL-3.0-or-later
"""The exercises of an environment, C(exercises-ENVIRONMENT.json) in the incident store, and each one's directory of evidence."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.listed import ENDED, Listed
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drill
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import Step
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import EXERCISES
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, write

Exercise = dict[str, Any]
"""{name, number, environment, environment_title, by, seed, began_at, state, steps, left_out, signer}, and once it has ended
{ended_at, verdict, sha256}."""
EVIDENCE, SIGNATURE, PAGES = "evidence.json", "evidence.json.sig", ("evidence.md", "evidence.html")


class Exercises(Listed):
    """Those of one environment."""

    def __init__(self, store: Store, environment: str) -> None:
        lock = Lock(store.root, f"exercise-{environment}", "holding an exercise in {environment}")
        super().__init__(store, "exercises", "name", environment, lock)

    def put(self, row: Exercise) -> None:
        """That exercise in place of the one of its name, or behind all others."""
        rows = self.read()
        at = next((index for index, one in enumerate(rows) if one["name"] == row["name"]), len(rows))
        self.write([*rows[:at], row, *rows[at + 1 :]])


def directory(store: Store, name: str) -> Path:
    return store.root / EXERCISES / name


def directories(store: Store) -> list[Path]:
    """Those that there are; where the store is a bucket, what is in it now."""
    if store.mirror:
        store.mirror.pull_exercises()
    return sorted(path for path in (store.root / EXERCISES).glob("*") if path.is_dir())


def keep(store: Store, name: str, files: dict[str, bytes]) -> None:
    """Write these files of its evidence."""
    place = directory(store, name)
    place.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        write(place / file, content.decode())


def attempts(step: Step, drills: list[Drill]) -> list[Drill]:
    """The drills that were held for this step, oldest first: a drill's seed says for which."""
    return [drill for drill in drills if drill.get("seed") == step["seed"] and drill.get("failure") == step["failure"]]


def held(step: Step, drills: list[Drill]) -> Drill | None:
    """The one that came to its end."""
    return next((drill for drill in attempts(step, drills) if drill["state"] == ENDED), None)
