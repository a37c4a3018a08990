"""AWX's API as far as approvals need it: workflows of plan, approval node and apply, whose jobs somebody else runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sandbox.awx.rows import USERS, launched, listed, shown_approval, shown_job, shown_node, shown_workflow, started
from sandbox.clock import iso, now_ms
from sandbox.emulator import Bucket, Call, Refusal, Reply, Route
from sandbox.no_releases import NoReleases
from sandbox.state import Row

TEMPLATES = {
    10: {"id": 10, "name": "rollback", "edge": "success_nodes"},
    11: {"id": 11, "name": "rollback whatever is said", "edge": "always_nodes"},
    12: {"id": 12, "name": "rollback when nobody answers", "edge": "always_nodes", "timeout": 0},
}
"""By id. Those that are drawn wrong start their last job even when the approval is denied, or when its time is over, which is at once."""
READER = "lastgood"
"""Who the job's own token belongs to: reads everything, approves nothing."""


def now() -> str:
    return str(iso(now_ms()))


def token(username: str) -> str:
    return f"sandbox-awx-token-{username}"


def templates(vendor: Awx, call: Call) -> Row:
    wanted = call.query.get("name")
    return listed([{"type": "workflow_job_template", **row} for row in TEMPLATES.values() if wanted in (None, row["name"])])


def launch(vendor: Awx, call: Call) -> Reply:
    """The job that plans is over at once, with the C(plan) of the extra variables as what it hands on."""
    template = TEMPLATES.get(int(call.match["id"])) or vendor.missing()
    plan = (call.body or {}).get("extra_vars", {}).get("plan")
    row = launched(vendor.rows, template, vendor.user(call), {"plan": plan} if plan else {}, now())
    if template.get("timeout") == 0:
        approval = vendor.rows["approvals"][str(row["approval"])]
        approval.update(status="failed", timed_out=True, finished=now())
        started(vendor.rows, approval, now())
    return Reply(201, {"id": row["id"], "workflow_job": row["id"], **shown_workflow(vendor.rows, row)})


def approve(vendor: Awx, call: Call) -> Reply:
    return vendor.answered(call, "successful")


def deny(vendor: Awx, call: Call) -> Reply:
    return vendor.answered(call, "failed")


def teams(vendor: Awx, call: Call) -> Row:
    user = next((user for user in USERS.values() if user["id"] == int(call.match["id"])), None) or vendor.missing()
    return listed([{"type": "team", "id": 60 + place, "name": name} for place, name in enumerate(user["teams"])])


def _one(kind: str, shown: Callable[[Row, Row], Row]) -> Callable[[Awx, Call], Row]:
    def read(vendor: Awx, call: Call) -> Row:
        return shown(vendor.rows, vendor.row(kind, call))

    return read


def nodes(vendor: Awx, call: Call) -> Row:
    workflow = vendor.row("workflow_jobs", call)
    return listed([shown_node(vendor.rows, row) for row in vendor.rows["nodes"].values() if row["workflow_job"] == workflow["id"]])


class Awx(NoReleases):
    """Users' tokens say who they are; the launcher may approve too, as in AWX whoever has the role may."""

    name = "awx"
    served = ()
    tokens = tuple(map(token, USERS))
    limits: ClassVar = {"call": (100_000, 60.0)}
    latencies: ClassVar = {"http": 0.0}
    steps: ClassVar = {}
    routes: ClassVar[list[Route]] = [
        ("GET", "/api/v2/workflow_job_templates/", templates),
        ("POST", "/api/v2/workflow_job_templates/{id:\\d+}/launch/", launch),
        ("GET", "/api/v2/jobs/{id:\\d+}/", _one("jobs", shown_job)),
        ("GET", "/api/v2/workflow_jobs/{id:\\d+}/", _one("workflow_jobs", shown_workflow)),
        ("GET", "/api/v2/workflow_jobs/{id:\\d+}/workflow_nodes/", nodes),
        ("GET", "/api/v2/workflow_approvals/{id:\\d+}/", _one("approvals", shown_approval)),
        ("POST", "/api/v2/workflow_approvals/{id:\\d+}/approve/", approve),
        ("POST", "/api/v2/workflow_approvals/{id:\\d+}/deny/", deny),
        ("GET", "/api/v2/users/{id:\\d+}/teams/", teams),
    ]

    @property
    def rows(self) -> Row:
        rows: Row = self.state.data[self.name]
        return rows

    @classmethod
    def history(cls, friday: int) -> Row:
        return {"last": 100, "jobs": {}, "workflow_jobs": {}, "nodes": {}, "approvals": {}}

    def authorize(self, call: Call) -> None:
        if call.bearer not in self.tokens:
            raise Refusal(401, "Authentication credentials were not provided. To establish a login session, visit /api/login/.")

    def user(self, call: Call) -> str:
        return call.bearer.removeprefix(token(""))

    def row(self, kind: str, call: Call) -> Row:
        row: Row = self.rows[kind].get(call.match["id"]) or self.missing()
        return row

    def missing(self) -> Any:
        raise Refusal(404, "Not found.")

    def answered(self, call: Call, status: str) -> Reply:
        row, user = self.row("approvals", call), self.user(call)
        if not USERS[user]["approves"]:
            raise Refusal(403, "User does not have permission to approve or deny this workflow.")
        if row["status"] != "pending":
            raise Refusal(400, "This workflow step has already been approved or denied.", "error")
        row.update(status=status, by=user, finished=now())
        started(self.rows, row, now())
        return Reply(204)

    def bucket_name(self, call: Call) -> str:
        return "call"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {}

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Request was throttled.")

    def error_body(self, refusal: Refusal) -> Row:
        return {refusal.code or "detail": refusal.message}

    def targets(self) -> list[str]:
        return []
