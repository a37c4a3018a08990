"""A restore: what the branch held goes to a new branch, and the branch itself, with its compute and address, gets another past."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox import real_database
from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Route
from sandbox.neon import operations
from sandbox.neon.book import new_id
from sandbox.neon.branches import branch_record, moment_of
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.neon import Neon


def restore(neon: Neon, call: Call) -> Row:
    neon.book.in_project(call.match["project"])
    branch, body = neon.book.branch(call.match["branch"]), call.body or {}
    source = neon.book.branch(body.get("source_branch_id", ""))
    at, keep_as = moment_of(neon, source, body.get("source_timestamp")), body.get("preserve_under_name")
    children = any(row["parent_id"] == branch["id"] for row in neon.book.branches.values())
    if source is branch and at is None:
        raise Refusal(400, "source_timestamp or source_lsn is required when the branch is its own source")
    if (source is branch or children) and not keep_as:
        raise Refusal(400, "preserve_under_name is required")
    if keep_as and neon.book.named(keep_as):
        raise Refusal(409, f"branch with the name {keep_as!r} already exists")
    neon.book.free(branch["id"], source["id"])
    kept = _preserved(neon, branch, keep_as) if keep_as else None
    branch.update(current_state="resetting", state_changed_at=now_ms(), updated_at=now_ms())
    begun = operations.begun(neon, branch["id"], "create_branch", "suspend_compute", "apply_config", "start_compute")
    details = {"branch": branch["id"], "source": source["id"], "kept": kept and kept["id"], "at": at or now_ms()}
    neon.state.later(neon.state.latency("neon.restore"), "neon.restored", neon.book.project["name"], **details)
    return {"branch": neon.book.branch_row(branch), "operations": [neon.book.operation_row(row) for row in begun]}


def _preserved(neon: Neon, branch: Row, name: str) -> Row:
    """It takes the branch's place in the tree, with all children."""
    kept = branch_record(new_id("br"), name, now_ms(), parent=branch["parent_id"], at=branch["parent_timestamp"])
    for row in neon.book.branches.values():
        if row["parent_id"] == branch["id"]:
            row["parent_id"] = kept["id"]
    neon.book.branches[kept["id"]] = kept
    return kept


def restored(neon: Neon, target: str, branch: str, source: str, kept: str | None, at: int) -> None:
    row, book = neon.book.branches[branch], neon.book
    row.update(current_state="ready", state_changed_at=now_ms(), updated_at=now_ms())
    if neon.state.fails_now(target):
        operations.end(neon, branch, "timeline could not be created")
        if kept:
            for one in book.branches.values():
                if one["parent_id"] == kept:
                    one["parent_id"] = branch
            del book.branches[kept]
        return
    if kept:
        real_database.rename(neon.state, row["real"], book.branches[kept]["real"])
    past = book.branches[kept if kept and source == branch else source]
    real_database.copy(neon.state, past["real"], row["real"], at)
    row.update(parent_id=past["id"], parent_timestamp=None)  # "this value might stay empty"
    operations.end(neon, branch)


ROUTES: list[Route] = [("POST", "/api/v2/projects/{project}/branches/{branch}/restore", restore)]
STEPS: dict[str, Callable[..., None]] = {"restored": restored}
