"""A workflow of AWX, driven by people with tokens of their own: the sandbox's emulator and AWX itself are asked the very same."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

PATIENCE = 120.0
ROLLBACK, WHATEVER, NOBODY_ANSWERS = "rollback", "rollback whatever is said", "rollback when nobody answers"
"""The workflows: plan, approval node, apply; the others go on when it is denied, and when its time is over at once."""


@dataclass(frozen=True)
class Tower:
    """C(tokens) by person."""

    url: str
    tokens: Mapping[str, str]

    def call(self, person: str, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[person]}"}
        answer = requests.request(method, f"{self.url}/api/v2/{path}", headers=headers, json=body, timeout=30)
        if not answer.ok:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def launch(self, name: str, person: str, plan: str = "") -> int:
        """The workflow job."""
        (template,) = self.call(person, "GET", f"workflow_job_templates/?name={name}")["results"]
        given = {"extra_vars": {"plan": plan}} if plan else {}
        return int(self.call(person, "POST", f"workflow_job_templates/{template['id']}/launch/", given)["id"])

    def approval(self, workflow: int, person: str = "lastgood") -> int:
        """The approval that it waits for."""
        return int(self._started(workflow, "workflow_approval", person))

    def answer(self, workflow: int, person: str, how: str = "approve") -> None:
        self.call(person, "POST", f"workflow_approvals/{self.approval(workflow)}/{how}/")

    def apply(self, workflow: int) -> int:
        """The job after the approval node."""
        return int(self._started(workflow, "job", "lastgood", 2))

    def _started(self, workflow: int, kind: str, person: str, number: int = 1) -> int:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            nodes = self.call(person, "GET", f"workflow_jobs/{workflow}/workflow_nodes/")["results"]
            jobs = sorted(node["job"] for node in nodes if node["summary_fields"].get("job", {}).get("type") == kind)
            if len(jobs) >= number:
                return int(jobs[number - 1])
            time.sleep(0.2)
        raise AssertionError(f"workflow job {workflow} has not come to a {kind}")
