"""What AWX remembers of a workflow that runs, and how its API shows it."""

from __future__ import annotations

from typing import Any

from sandbox.state import Row

USERS: dict[str, Row] = {
    "lastgood": {"id": 40, "approves": False, "teams": []},
    "maria": {"id": 41, "approves": True, "teams": ["On call"]},
    "anna": {"id": 42, "approves": True, "teams": []},
    "ben": {"id": 43, "approves": True, "teams": ["Engineering leads"]},
    "dora": {"id": 44, "approves": True, "teams": ["On call"]},
}
FOLLOWING = ("success_nodes", "failure_nodes", "always_nodes")


def launched(rows: Row, template: Row, user: str, artifacts: Row, now: str) -> Row:
    """A workflow job of three nodes; the first is over, the second waits."""
    workflow, plan, approval = (_next(rows) for _ in range(3))
    nodes = [_next(rows) for _ in range(3)]
    mine = {"workflow_job": workflow, "created": now}
    rows["jobs"][str(plan)] = {"id": plan, **mine, "name": "plan", "status": "successful", "artifacts": artifacts, "finished": now}
    known = {"status": "pending", "timed_out": False, "by": "", "finished": None}
    rows["approvals"][str(approval)] = {"id": approval, **mine, "name": "A lead approves the plan", **known}
    row = {"id": workflow, "name": template["name"], "by": user, "created": now, "status": "running", "approval": approval}
    rows["workflow_jobs"][str(workflow)] = row
    edges = ["success_nodes", template["edge"], None]
    jobs = [("job", plan), ("workflow_approval", approval), ("job", None)]
    for place, (node, edge, (kind, job)) in enumerate(zip(nodes, edges, jobs, strict=True)):
        after: dict[str, list[int]] = {name: [nodes[place + 1]] if name == edge else [] for name in FOLLOWING}
        rows["nodes"][str(node)] = {"id": node, "workflow_job": workflow, "kind": kind, "job": job, **after}
    return row


def started(rows: Row, approval: Row, now: str) -> None:
    """What comes after the approval begins, where an edge leads there; the workflow is over where none does."""
    nodes = rows["nodes"]
    mine = next(node for node in nodes.values() if node["kind"] == "workflow_approval" and node["job"] == approval["id"])
    to = [*mine["always_nodes"], *(mine["success_nodes"] if approval["status"] == "successful" else mine["failure_nodes"])]
    for node in to:
        job = _next(rows)
        about: Row = {"name": "apply", "status": "running", "artifacts": {}, "finished": None, "created": now}
        rows["jobs"][str(job)] = {"id": job, "workflow_job": mine["workflow_job"], **about}
        nodes[str(node)]["job"] = job
    if not to:
        rows["workflow_jobs"][str(mine["workflow_job"])]["status"] = "failed"


def listed(rows: list[Row]) -> Row:
    return {"count": len(rows), "next": None, "previous": None, "results": rows}


def shown_job(rows: Row, row: Row) -> Row:
    workflow = rows["workflow_jobs"][str(row["workflow_job"])]
    kept = {key: row[key] for key in ("id", "name", "status", "artifacts", "created", "finished")}
    about = {"id": workflow["id"], "name": workflow["name"], "status": workflow["status"]}
    summary = {"source_workflow_job": about, "created_by": _user(workflow["by"])}
    return {"type": "job", **kept, "launch_type": "workflow", "summary_fields": summary, "launched_by": _by(workflow["by"])}


def shown_workflow(rows: Row, row: Row) -> Row:
    kept = {key: row[key] for key in ("id", "name", "status", "created")}
    summary = {"created_by": _user(row["by"])}
    return {"type": "workflow_job", **kept, "launch_type": "manual", "summary_fields": summary, "launched_by": _by(row["by"])}


def shown_node(rows: Row, row: Row) -> Row:
    kept = {key: row[key] for key in ("id", "workflow_job", "job", *FOLLOWING)}
    known = rows["approvals" if row["kind"] == "workflow_approval" else "jobs"].get(str(row["job"]))
    about = {"job": {"id": known["id"], "name": known["name"], "status": known["status"], "type": row["kind"]}} if known else {}
    return {"type": "workflow_job_node", **kept, "do_not_run": False, "summary_fields": about}


def shown_approval(rows: Row, row: Row) -> Row:
    workflow = rows["workflow_jobs"][str(row["workflow_job"])]
    kept = {key: row[key] for key in ("id", "name", "status", "timed_out", "created", "finished")}
    summary: dict[str, Any] = {"source_workflow_job": {"id": workflow["id"], "name": workflow["name"]}}
    if row["by"]:
        summary["approved_or_denied_by"] = _user(row["by"])
    return {"type": "workflow_approval", **kept, "modified": row["finished"] or row["created"], "summary_fields": summary}


def _user(name: str) -> Row:
    return {"id": USERS[name]["id"], "username": name, "first_name": "", "last_name": ""}


def _by(name: str) -> Row:
    return {"id": USERS[name]["id"], "name": name, "type": "user", "url": f"/api/v2/users/{USERS[name]['id']}/"}


def _next(rows: Row) -> int:
    rows["last"] += 1
    last: int = rows["last"]
    return last
