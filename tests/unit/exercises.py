"""Exercises on real files: incidents with journals, drills, and evidence signed by the real ssh-keygen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drills
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.beginning import begin
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.ending import end
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import LEVELS
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.verification import Judged, Signers, verify_all
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.unit.ssh_people import People
from tests.unit.test_drill import failure

ANNA = "anna@x.com"
MESSAGES = [{"channel": "incidents", "stage": stage, "number": 1, "state": "sent"} for stage in ("started", "restored")]
SECONDS = {"detect": 3.0, "decide": 1.0, "roll_back": 4.0, "verify": 2.0, "total": 12.0, "broken": 20.0}


class Team:
    """Somebody with a key who holds exercises in staging."""

    def __init__(self, directory: Path) -> None:
        self.store, self.people = directory / "incidents", People(directory)
        self.address = str(self.store)
        self.key = self.people.add(ANNA)
        self.failures = [failure(level) for level in (*LEVELS, "communication")]

    @property
    def signers(self) -> Signers:
        return Signers(self.people.signers)

    def options(self, **said: Any) -> dict[str, Any]:
        exercise = {"levels": {level: [level] for level in LEVELS}, "communication": {"failure": "communication"},
                    "signers": str(self.people.signers)}
        given = {"store": self.address, "environment_name": "staging", "environment_title": "STAGING", "key": str(self.key),
                 "unsigned": False, "exercise": exercise}
        return {**given, **said}

    def begin(self, run: Run | None = None, **said: Any) -> dict[str, Any]:
        more = {"failures": self.failures, "allowed": True, "test_messages": True, "seed": "7"}
        return begin(self.options(**more, **said) if not said.keys() & more.keys() else self.options(**{**more, **said}), run or Run())

    def end(self, name: str, **said: Any) -> dict[str, Any]:
        more = {"name": name, "directory": str(self.people.directory), "ansible_version": "2.19.0"}
        return end({**self.options(**said), **more}, Run())

    def drill(self, step: dict[str, Any], *, seconds: float = 12.0, goal: bool = True, messages: Any = None, **said: Any) -> Incident:
        """One that has come to its end, and its incident."""
        scenario, store = step["step"], Store(self.address)
        opened = {"environment": "staging", "scenario": scenario, "opened_at": "2026-11-22T02:38:00.000Z", "state": "committed",
                  "drill": True, "reason": f"drill: {step['says']}", "severity": "P0", "bad_at": "2026-11-22T02:37:00.000Z"}
        incident = store.create(datetime(2026, 11, 22, tzinfo=UTC), scenario, opened)
        loss = {"seconds": 30.0, "tables": {"public.orders": 3}}
        journal = incident.journal
        row = {"target": "shop", "tier": "database", "vendor": "x", "changes": True}
        journal.append("plan", targets=[row], measures=[], good_at=None, plan="3f2a" * 16)
        journal.append("intent", target="shop")
        journal.append("result", target="shop", status="changed", loss=loss)
        journal.append("checked", phase="after all", verdict="OK", checks=[{"name": "orders", "verdict": "OK", "expected": "", "got": ""}])
        journal.append("verdict", verdict="RESTORED")
        for message in messages if messages is not None else MESSAGES if scenario == "communication" else []:
            journal.append("told", **message)
        drills = Drills(store, "staging")
        drills.write([*drills.read(), {
            "id": f"{step['seed']}-1", "environment": "staging", "failure": step["failure"], "seed": step["seed"], "scenario": scenario,
            "state": "ended", "verdict": "PASSED", "came_to": "noticed, decided and restored", "exit_code": 0, "fired": ["alert"],
            "incident": incident.directory.name, "decision": {"severity": "P0", "action": "roll_back"},
            "seconds": {**SECONDS, "total": seconds},
            "goals": [{"goal": "time to detect", "seconds": 3.0, "at_most": 300.0, "met": goal}], **said,
        }])
        return incident

    def hold(self, **said: Any) -> str:
        """A whole exercise that passes; its name."""
        begun = self.begin()
        for step in begun["steps"]:
            self.drill(step, **said)
        return str(self.end(begun["exercise"]["name"])["summary"]).partition(":")[0]

    def place(self, name: str) -> Path:
        return self.store / "exercises" / name

    def evidence(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.place(name) / "evidence.json").read_text())
        return found

    def verified(self) -> dict[str, Judged]:
        return {one.name: one for one in verify_all(Store(self.address), self.signers)}
