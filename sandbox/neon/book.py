"""Neon's rows, how to find one, and how the API writes them."""

from __future__ import annotations

import secrets
import uuid

from sandbox.clock import iso
from sandbox.emulator import Refusal
from sandbox.state import Row, State

INWARD = ("real", "root")
_WORDS = ("aged", "bitter", "calm", "damp", "early", "falling", "green", "hidden")


def new_uuid() -> str:
    return str(uuid.uuid4())


def new_id(kind: str) -> str:
    """`br-calm-salad-630245`."""
    return f"{kind}-{secrets.choice(_WORDS)}-salad-{secrets.randbelow(900_000) + 100_000}"


class Book:
    """Neon's slice of the state: one project with its branches, endpoints and operations."""

    def __init__(self, state: State) -> None:
        rows: Row = state.data["neon"]
        self.project: Row = rows["project"]
        self.branches: dict[str, Row] = rows["branches"]
        self.endpoints: dict[str, Row] = rows["endpoints"]
        self.operations: dict[str, Row] = rows["operations"]

    def in_project(self, id: str) -> None:
        if id != self.project["id"]:
            raise Refusal(404, "project not found")

    def branch(self, id: str) -> Row:
        if id not in self.branches:
            raise Refusal(404, "branch not found")
        return self.branches[id]

    def named(self, name: str) -> Row | None:
        return next((row for row in self.branches.values() if row["name"] == name), None)

    def endpoint_of(self, branch: str) -> Row | None:
        return next((row for row in self.endpoints.values() if row["branch_id"] == branch), None)

    def free(self, *branches: str) -> None:
        """The vendor's 423 while an operation of these branches is under way."""
        busy = [row for row in self.operations.values() if row["branch_id"] in branches and row["status"] in ("scheduling", "running")]
        if busy:
            raise Refusal(423, "project already has running conflicting operations, scheduling of new ones is prohibited")

    def branch_row(self, row: Row) -> Row:
        known = {name: value for name, value in row.items() if name not in INWARD and value is not None}
        times = {name: instant(row[name]) for name in ("created_at", "updated_at", "state_changed_at")}
        parent = {"parent_timestamp": instant(row["parent_timestamp"])} if row["parent_timestamp"] else {}
        used = dict.fromkeys(
            ("cpu_used_sec", "active_time_seconds", "compute_time_seconds", "written_data_bytes", "data_transfer_bytes"), 100
        )
        about = {"project_id": self.project["id"], "creation_source": "console", "protected": False, "logical_size": 31_000_000}
        return {**known, **times, **parent, **used, **about}

    def operation_row(self, row: Row) -> Row:
        known = {name: value for name, value in row.items() if value is not None}
        spent = {"total_duration_ms": row["updated_at"] - row["created_at"], "failures_count": int(row["status"] == "failed")}
        return {**known, **spent, "created_at": instant(row["created_at"]), "updated_at": instant(row["updated_at"])}

    def endpoint_row(self, row: Row) -> Row:
        host = "eu-central-1.aws.neon.tech"
        return {
            **row,
            "host": f"{row['id']}.{host}",
            "project_id": self.project["id"],
            "region_id": "aws-eu-central-1",
            "autoscaling_limit_min_cu": 0.25,
            "autoscaling_limit_max_cu": 2,
            "type": "read_write",
            "current_state": "active",
            "pooler_enabled": False,
            "pooler_mode": "transaction",
            "disabled": False,
            "passwordless_access": True,
            "creation_source": "console",
            "created_at": instant(row["created_at"]),
            "updated_at": instant(row["created_at"]),
            "settings": {"pg_settings": {}},
            "proxy_host": host,
            "suspend_timeout_seconds": 0,
            "provisioner": "k8s-neonvm",
        }


def instant(ms: int) -> str:
    """`2026-11-20T16:05:00Z`: whole seconds."""
    return (iso(ms - ms % 1000) or "").replace(".000000Z", "Z")
