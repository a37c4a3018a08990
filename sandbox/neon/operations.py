"""Operations: what a call has only begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Route
from sandbox.neon.book import new_uuid
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.neon import Neon


def begun(neon: Neon, branch: str, *actions: str) -> list[Row]:
    """The first one runs, the others wait for it."""
    rows = []
    for number, action in enumerate(actions):
        at = now_ms()
        row = {
            "id": new_uuid(),
            "project_id": neon.book.project["id"],
            "branch_id": branch,
            "action": action,
            "status": "scheduling" if number else "running",
            "error": None,
            "created_at": at,
            "updated_at": at,
        }
        neon.book.operations[row["id"]] = row
        rows.append(row)
    return rows


def end(neon: Neon, branch: str, error: str = "") -> None:
    """All of a branch that are under way: finished, or failed and the rest of them cancelled."""
    under_way = [row for row in neon.book.operations.values() if row["branch_id"] == branch and row["status"] in ("scheduling", "running")]
    for number, row in enumerate(under_way):
        status = ("cancelled" if number else "failed") if error else ("skipped" if row["action"] == "apply_config" else "finished")
        row.update(status=status, updated_at=now_ms(), error=error or None)


def get_operation(neon: Neon, call: Call) -> Row:
    neon.book.in_project(call.match["project"])
    row = neon.book.operations.get(call.match["operation"])
    if row is None:
        raise Refusal(404, "operation not found")
    return {"operation": neon.book.operation_row(row)}


def list_operations(neon: Neon, call: Call) -> Row:
    """Newest first, in pages."""
    neon.book.in_project(call.match["project"])
    rows = sorted(neon.book.operations.values(), key=lambda row: row["created_at"], reverse=True)
    start, limit = int(call.query.get("cursor", "0")), min(call.number("limit", 100), 1000)
    page = rows[start : start + limit]
    more = {"pagination": {"cursor": str(start + limit)}} if start + limit < len(rows) else {}
    return {"operations": [neon.book.operation_row(row) for row in page], **more}


ROUTES: list[Route] = [
    ("GET", "/api/v2/projects/{project}/operations", list_operations),
    ("GET", "/api/v2/projects/{project}/operations/{operation}", get_operation),
]
