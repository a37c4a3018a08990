"""Variables, the audit log, pausing, and calling a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.convex import data
from sandbox.convex.book import body
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.convex import Convex


def info(convex: Convex, call: Call) -> Row:
    return {"kind": "selfHosted"}


def list_variables(convex: Convex, call: Call) -> Row:
    return {"environmentVariables": dict(convex.book.deployment["env"])}


def update_variables(convex: Convex, call: Call) -> Reply:
    """Set those with a value and remove the others; all of them or none."""
    changes = body(call).get("changes")
    if not isinstance(changes, list):
        raise Refusal(400, "missing field `changes`", "BadJsonBody")
    for change in changes:
        if not isinstance(change.get("name"), str) or not change["name"].isidentifier():
            raise Refusal(400, "Environment variable name must be an identifier", "EnvVarNameInvalid")
    for change in changes:
        convex.book.set_variable(change["name"], change.get("value"))
    return Reply(200)


def list_audit_log(convex: Convex, call: Call) -> Row:
    if convex.book.deployment["plan"] != "pro":
        raise Refusal(403, "The audit log is only available on Convex Professional", "AuditLogNotAvailable")
    start, limit = call.number("from", 0), min(100, call.number("limit", 15))
    events = [event for event in convex.book.deployment["audit"] if event["createTime"] >= start]
    skip = int(call.query.get("cursor") or 0)
    page, rest = events[skip : skip + limit], len(events) - skip - limit
    return {"items": page, "pagination": {"hasMore": rest > 0, "nextCursor": str(skip + limit) if rest > 0 else None}}


def pause(convex: Convex, call: Call) -> Reply:
    return _pause(convex, True)


def unpause(convex: Convex, call: Call) -> Reply:
    return _pause(convex, False)


def _pause(convex: Convex, paused: bool) -> Reply:
    deployment = convex.book.deployment
    if deployment["paused"] != paused:
        deployment["paused"] = paused
        convex.book.record("pause_deployment" if paused else "unpause_deployment")
    return Reply(200)


def query(convex: Convex, call: Call) -> Row:
    """Call a function, as an application or a test from outside does."""
    serving = convex.serving("bookings")
    if serving.unavailable:
        raise Refusal(400, "Cannot run functions while this deployment is paused", "DeploymentPaused")
    path = str(body(call).get("path", ""))
    if path == "_system/cli/queryImport:list":
        return {"status": "success", "value": data.imports(convex), "logLines": []}
    if path in data.QUERIES:
        return {"status": "success", "value": data.QUERIES[path](convex, (body(call).get("args") or [{}])[0]), "logLines": []}
    if path not in ("bookings:list", "bookings.js:list"):
        return {"status": "error", "errorMessage": f"Could not find public function for '{path}'", "logLines": []}
    if serving.behaviour.checkout_fails_one_in:
        return {"status": "error", "errorMessage": "Uncaught Error: no table is free", "logLines": []}
    return {"status": "success", "value": [], "logLines": []}


ROUTES: list[Route] = [
    ("GET", "/api/v1/deployment_info", info),
    ("GET", "/api/v1/list_environment_variables", list_variables),
    ("POST", "/api/v1/update_environment_variables", update_variables),
    ("POST", "/api/update_environment_variables", update_variables),
    ("GET", "/api/v1/list_audit_log_events", list_audit_log),
    ("POST", "/api/v1/pause_deployment", pause),
    ("POST", "/api/v1/unpause_deployment", unpause),
    ("POST", "/api/query", query),
]
