"""The project, its branches, and where each answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox import real_database
from sandbox.clock import from_iso, now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.neon import operations
from sandbox.neon.book import instant, new_id
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.neon import Neon


def branch_record(id: str, name: str, created: int, *, parent: str | None = None, at: int | None = None, default: bool = False) -> Row:
    """A branch as the state keeps it; instants in ms."""
    return {
        "id": id,
        "name": name,
        "parent_id": parent,
        "parent_timestamp": at,
        "current_state": "ready",
        "state_changed_at": created,
        "created_at": created,
        "updated_at": created,
        "default": default,
        "real": id,
        "root": not parent,
    }


def get_project(neon: Neon, call: Call) -> Row:
    neon.book.in_project(call.match["project"])
    project = neon.book.project
    times = {name: instant(project[name]) for name in ("created_at", "updated_at")}
    spent = dict.fromkeys(
        (
            "active_time_seconds",
            "compute_time_seconds",
            "written_data_bytes",
            "data_storage_bytes_hour",
            "data_transfer_bytes",
            "cpu_used_sec",
            "branch_logical_size_limit",
            "branch_logical_size_limit_bytes",
        ),
        0,
    )
    period = {"consumption_period_start": times["created_at"], "consumption_period_end": times["updated_at"]}
    about = {"platform_id": "aws", "region_id": "aws-eu-central-1", "provisioner": "k8s-neonvm", "owner_id": "org-lastgood"}
    return {
        "project": {
            **project,
            **times,
            **spent,
            **period,
            **about,
            "pg_version": 17,
            "proxy_host": "eu-central-1.aws.neon.tech",
            "store_passwords": True,
            "creation_source": "console",
        }
    }


def list_branches(neon: Neon, call: Call) -> Row:
    neon.book.in_project(call.match["project"])
    wanted = call.query.get("search", "")
    rows = sorted(neon.book.branches.values(), key=lambda row: row["updated_at"], reverse=True)
    rows = [row for row in rows if wanted in row["name"] or wanted in row["id"]]
    start, limit = int(call.query.get("cursor", "0")), min(call.number("limit", 100), 10_000)
    more = {"next": str(start + limit)} if start + limit < len(rows) else {}
    return {
        "branches": [neon.book.branch_row(row) for row in rows[start : start + limit]],
        "annotations": {},
        "pagination": {**more, "sort_by": "updated_at", "sort_order": "DESC"},
    }


def get_branch(neon: Neon, call: Call) -> Row:
    neon.book.in_project(call.match["project"])
    row = neon.book.branch(call.match["branch"])
    annotation = {"object": {"type": "console/branch", "id": row["id"]}, "value": {}}
    return {"branch": neon.book.branch_row(row), "annotation": annotation}


def create_branch(neon: Neon, call: Call) -> Reply:
    """A branch of another one, as of now or of a moment, with an endpoint where one is asked for."""
    neon.book.in_project(call.match["project"])
    body = call.body or {}
    about = body.get("branch") or {}
    main = next(row for row in neon.book.branches.values() if row["default"])
    parent = neon.book.branch(about.get("parent_id") or main["id"])
    name = about.get("name") or new_id("br")
    if neon.book.named(name):
        raise Refusal(409, f"branch with the name {name!r} already exists")
    at = moment_of(neon, parent, about.get("parent_timestamp")) or now_ms()
    neon.book.free(parent["id"])
    fresh = branch_record(new_id("br"), name, now_ms(), parent=parent["id"], at=at)
    fresh["current_state"] = "init"
    neon.book.branches[fresh["id"]] = fresh
    endpoints = [_endpoint(neon, fresh["id"]) for _ in body.get("endpoints") or []]
    begun = operations.begun(neon, fresh["id"], "create_branch", *(["start_compute"] if endpoints else []))
    seconds = neon.state.latency("neon.branch")
    neon.state.later(seconds, "neon.branched", neon.book.project["name"], branch=fresh["id"], parent=parent["id"], at=at)
    return Reply(
        201,
        {
            "branch": neon.book.branch_row(fresh),
            "endpoints": [neon.book.endpoint_row(row) for row in endpoints],
            "operations": [neon.book.operation_row(row) for row in begun],
            "roles": [],
            "databases": [],
        },
    )


def _endpoint(neon: Neon, branch: str) -> Row:
    row: Row = {"id": new_id("ep"), "branch_id": branch, "created_at": now_ms()}
    neon.book.endpoints[row["id"]] = row
    return row


def moment_of(neon: Neon, branch: Row, text: str | None) -> int | None:
    """The instant (ms) within the history that the project keeps; the vendor's refusal when it is outside."""
    if text is None:
        return None
    try:
        at = from_iso(text)
    except ValueError:
        raise Refusal(400, "invalid timestamp") from None
    kept = now_ms() - neon.book.project["history_retention_seconds"] * 1000
    if not kept <= at <= now_ms():
        raise Refusal(400, "timestamp is outside of the history retention window")
    return at


def branched(neon: Neon, target: str, branch: str, parent: str, at: int) -> None:
    fresh = neon.book.branches.get(branch)
    if fresh is None:
        return
    if neon.state.fails_now(target):
        operations.end(neon, branch, "compute could not be started")
        return
    real_database.copy(neon.state, neon.book.branches[parent]["real"], fresh["real"], at)
    fresh.update(current_state="ready", state_changed_at=now_ms(), updated_at=now_ms())
    operations.end(neon, branch)


def delete_branch(neon: Neon, call: Call) -> Reply:
    neon.book.in_project(call.match["project"])
    row = neon.book.branches.get(call.match["branch"])
    if row is None:
        return Reply(204)
    if row["default"] or any(one["parent_id"] == row["id"] for one in neon.book.branches.values()):
        raise Refusal(422, "cannot delete the branch: it is the default one, or has children")
    neon.book.free(row["id"])
    del neon.book.branches[row["id"]]
    if endpoint := neon.book.endpoint_of(row["id"]):
        del neon.book.endpoints[endpoint["id"]]
    begun = operations.begun(neon, row["id"], "suspend_compute", "delete_timeline")
    reply = {"branch": neon.book.branch_row(row), "operations": [neon.book.operation_row(one) for one in begun]}
    operations.end(neon, row["id"])
    return Reply(200, reply)


def list_endpoints(neon: Neon, call: Call) -> Row:
    neon.book.in_project(call.match["project"])
    branch = neon.book.branch(call.match["branch"])
    return {"endpoints": [neon.book.endpoint_row(row) for row in neon.book.endpoints.values() if row["branch_id"] == branch["id"]]}


def get_connection_uri(neon: Neon, call: Call) -> Row:
    """It leads to a real database where the sandbox was given a server."""
    neon.book.in_project(call.match["project"])
    branch = neon.book.branch(call.query.get("branch_id", ""))
    endpoint = neon.book.endpoint_of(branch["id"])
    if endpoint is None:
        raise Refusal(404, "endpoint not found")
    role, database = call.query.get("role_name"), call.query.get("database_name")
    if (role, database) != ("shop", "shop"):
        raise Refusal(404, "role not found" if role != "shop" else "database not found")
    host = neon.book.endpoint_row(endpoint)["host"]
    made_up = f"postgresql://{role}:npg_planted@{host}/{database}?sslmode=require"
    return {"uri": real_database.url(neon.state, branch["real"]) or made_up}


_ONE = "/api/v2/projects/{project}"
ROUTES: list[Route] = [
    ("GET", _ONE, get_project),
    ("GET", _ONE + "/branches", list_branches),
    ("POST", _ONE + "/branches", create_branch),
    ("GET", _ONE + "/branches/{branch}", get_branch),
    ("DELETE", _ONE + "/branches/{branch}", delete_branch),
    ("GET", _ONE + "/branches/{branch}/endpoints", list_endpoints),
    ("GET", _ONE + "/connection_uri", get_connection_uri),
]
STEPS: dict[str, Callable[..., None]] = {"branched": branched}
