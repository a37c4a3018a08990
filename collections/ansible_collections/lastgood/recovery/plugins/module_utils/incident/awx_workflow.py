# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflow that this job is a node of, as AWX tells it: who launched it, and what its approval nodes before this job say.

Which job this is comes from C(JOB_ID), which AWX puts into the environment of every job and takes from no credential and no variable;
everything else is read from AWX's API at the address in the inventory. Extra variables are not looked at.
"""
from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

JOB, HOST, TOKEN = "JOB_ID", "AWX_HOST", "CONTROLLER_OAUTH_TOKEN"
ROOT = "/api/v2"
PAGE = 100
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: f"Give the job a credential whose {TOKEN} may read workflow jobs.",
    errors.Unavailable: "Run the same job again once AWX answers.",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Node:
    """An approval node before this job: C(plan) is the hash that the last job before it has handed on, C(at) when it was answered."""

    id: int
    name: str
    status: str
    timed_out: bool
    person: str
    person_id: int | None
    at: str
    plan: str


@dataclass(frozen=True)
class Workflow:
    """C(launched_by) is empty where no person launched it, but a schedule or a webhook."""

    id: int
    job: int
    running: bool
    launched_by: str
    approvals: tuple[Node, ...]


def own_job() -> int | None:
    """The job of AWX that this process belongs to."""
    given = os.environ.get(JOB, "")
    return int(given) if given.isdecimal() else None


def in_awx() -> bool:
    """For words alone: whoever sets these variables gets other sentences, and no approval."""
    return own_job() is not None and HOST in os.environ


class Awx:
    """AWX's API, read with the job's own token; 2 is the only version there is."""

    def __init__(self, url: str, run: Run) -> None:
        token = os.environ.get(TOKEN, "")
        if not token:
            raise errors.NotAuthorised(f"there is no {TOKEN} in its environment", HINTS[errors.NotAuthorised])
        self._api = Api("AWX", url, bearer(token), run, explain=lambda body: str(body.get("detail") or ""), hints=HINTS)

    def workflow(self, job: int) -> Workflow:
        """NotFound when the job, or a part of its workflow, is none that the token may see."""
        row = self._get("jobs", job)
        source = row["summary_fields"].get("source_workflow_job")
        if not source:
            raise errors.NotFound(f"job {job} was not started by a workflow", "Launch the workflow: its approval node is before this job.")
        workflow = self._get("workflow_jobs", source["id"])
        nodes = {node["id"]: node for node in self._list(f"workflow_jobs/{source['id']}/workflow_nodes")}
        mine = next((node["id"] for node in nodes.values() if node["job"] == job), None)
        approvals = [self._node(nodes, node) for node in _before(nodes, mine) if _kind(nodes[node]) == "workflow_approval"]
        launched = workflow["summary_fields"].get("created_by") or {}
        return Workflow(int(source["id"]), job, row["status"] == "running", str(launched.get("username", "")), tuple(approvals))

    def teams(self, person: int) -> list[str]:
        """Names of the teams that somebody is in, as far as the token may see them."""
        return [str(team["name"]) for team in self._list(f"users/{person}/teams")]

    def _node(self, nodes: Mapping[int, Row], node: int) -> Node:
        row = self._get("workflow_approvals", nodes[node]["job"])
        by = row["summary_fields"].get("approved_or_denied_by") or {}
        answered = row["finished"] or row["modified"]
        plan = self._plan(nodes[one] for one in _before(nodes, node) if _kind(nodes[one]) == "job")
        return Node(int(row["id"]), str(row["name"]), str(row["status"]), bool(row["timed_out"]), str(by.get("username", "")),
                    by.get("id"), str(answered), plan)

    def _plan(self, before: Iterable[Row]) -> str:
        """The hash of the plan that was made last; empty when none was."""
        jobs = [self._get("jobs", node["job"]) for node in before if node["job"]]
        made = [job for job in jobs if job["status"] == "successful" and isinstance(job["artifacts"].get("plan"), str)]
        return max(made, key=lambda job: str(job["finished"]))["artifacts"]["plan"] if made else ""

    def _get(self, kind: str, id: int) -> Row:
        row: Row = self._api.get(f"{ROOT}/{kind}/{id}/")
        return row

    def _list(self, path: str) -> list[Row]:
        rows: list[Row] = []
        page = 1
        while True:
            answer = self._api.get(f"{ROOT}/{path}/", page=str(page), page_size=str(PAGE))
            rows += answer["results"]
            if not answer["next"]:
                return rows
            page += 1


def _before(nodes: Mapping[int, Row], node: int | None) -> list[int]:
    """Every node that a path leads from to this one."""
    found: list[int] = []
    wanted = [node]
    while wanted:
        to = wanted.pop()
        for id, row in nodes.items():
            if id not in found and to in [*row["success_nodes"], *row["failure_nodes"], *row["always_nodes"]]:
                found.append(id)
                wanted.append(id)
    return sorted(found)


def _kind(node: Row) -> str:
    return str((node["summary_fields"].get("job") or {}).get("type", ""))
