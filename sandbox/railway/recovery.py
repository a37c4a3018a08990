"""Workflows, which go on after the answer, and the service that a recovery to a moment makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import real_database
from sandbox.clock import DAY, now_ms
from sandbox.railway import rollout, volumes
from sandbox.railway.access import Caller
from sandbox.railway.book import new_id
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway

WINDOW = 28 * DAY


def begin(railway: Railway, volume: Row, work: str, latency: str, **given: Any) -> Row:
    """A workflow for that volume's service; it is told of by its id alone."""
    workflow = new_id()
    railway.book.workflows[workflow] = {"status": "Running", "error": None}
    service = railway.book.services.get(volume["serviceId"]) or {"name": "volume"}
    seconds = railway.state.latency(latency)
    details = {"workflow": workflow, "volume": volume["id"], "work": work, "given": given}
    railway.state.later(seconds, "railway.worked", service["name"], **details)
    return {"workflowId": workflow}


def status(railway: Railway, caller: Caller, *, workflowId: str) -> Row:
    found: Row = railway.book.workflows.get(workflowId) or {"status": "NotFound", "error": None}
    return found


def replayed(railway: Railway, volume: Row, name: str, at: int) -> None:
    """A service beside, deployed, with a volume that holds what there was at that instant."""
    source = railway.book.instance(volume["environmentId"], volume["serviceId"])
    id, host = new_id(), f"{name.lower()}.railway.internal"
    railway.book.services[id] = {"id": id, "name": name, "createdAt": now_ms()}
    variables = {key: value for key, value in source["variables"].items() if not key.startswith("WAL_ARCHIVE_")}
    variables["DATABASE_URL"] = f"postgresql://postgres:planted-password@{host}:5432/railway"
    instance = {**source, "serviceId": id, "variables": variables, "settings": dict(source["settings"]), "purges": []}
    railway.book.instances.append(instance)
    fresh = volumes.record(volume["environmentId"], id, f"{name}-volume", now_ms())
    railway.book.volumes.append(fresh)
    real_database.copy(railway.state, volume["real"], fresh["real"], at)
    active = railway.book.active(source)[0]
    rollout.start(railway, instance, commit=active["commit"], kind="good", reason="deploy", image=active["image"])
