"""What the vendor's program does when it deploys: start, wait until the data is found to fit the schema, finish."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from sandbox.artifacts import KINDS
from sandbox.convex.book import body
from sandbox.emulator import Call, Refusal, Route
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.convex import Convex

_ROOT = {"definitionPath": "", "componentPath": "", "args": {}, "childComponents": {}, "exports": {}}


def evaluate(convex: Convex, call: Call) -> Row:
    return {"schemaChange": _change("")}


def start(convex: Convex, call: Call) -> Row:
    """Take the code, and look whether it can be loaded: what throws at its start is refused here, and never serves."""
    sent = body(call)
    changed, unchanged = _modules(sent["appDefinition"])
    commit = convex.book.commit_of(changed) or (convex.book.served_commit() if unchanged and not changed else None)
    if commit is None:
        raise Refusal(400, "Hit an error while pushing: no module tells its release", "InvalidModules")
    kind = KINDS[commit["kind"]]
    if not kind.builds or not kind.starts:
        words = f"Failed to analyze bookings.js: Uncaught Error: {kind.message}"
        raise Refusal(400, f"Hit an error while pushing:\n{words}", "ModulesError")
    push = secrets.token_hex(8)
    if not sent.get("dryRun"):
        pushes = convex.book.deployment["pushes"]
        state = "failed" if commit["number"] in convex.book.deployment["outgrown"] else "inProgress"
        pushes[push] = {"number": commit["number"], "modules": [*_hashes(changed), *unchanged], "state": state}
        convex.state.later(convex.state.latency("convex.schema"), "convex.checked", convex.book.deployment["name"], push=push)
    return {
        "environmentVariables": convex.book.deployment["env"],
        "externalDepsId": None,
        "componentDefinitionPackages": {},
        "appAuth": [],
        "analysis": {"": _analysis(sent)},
        "app": {**_ROOT, "httpRoutes": {"httpModuleRoutes": None, "mounts": []}},
        "schemaChange": _change(push),
    }


def _modules(app: Row) -> tuple[list[Row], list[Row]]:
    """The modules that were sent, and hashes of those that are said to be here already: newer versions of the program send only changes."""
    unchanged = [{**module, "hash": module.get("sha256")} for module in app.get("unchangedModuleHashes", [])]
    return app.get("changedModules") or app.get("functions") or [], unchanged


def checked(convex: Convex, target: str, push: str) -> None:
    row = convex.book.deployment["pushes"].get(push)
    if row and row["state"] == "inProgress":
        row["state"] = "failed" if convex.state.fails_now(target) else "complete"


def wait_for_schema(convex: Convex, call: Call) -> Row:
    push = body(call)["schemaChange"]["schemaIds"].get("push", "")
    row = convex.book.deployment["pushes"].get(push)
    if body(call).get("dryRun"):
        return {"type": "complete"}
    if row is None:
        return {"type": "raceDetected"}
    if row["state"] == "failed":
        words = 'Document with ID "j57a" in table "bookings" does not match the schema: Object contains extra field `class`.'
        return {"type": "failed", "error": words, "componentPath": "", "tableName": "bookings"}
    if row["state"] == "complete":
        return {"type": "complete"}
    return {"type": "inProgress", "components": {"": {"schemaValidationComplete": False, "indexesComplete": 0, "indexesTotal": 0}}}


def hashes(convex: Convex, call: Call) -> Row:
    config = {"functions": "convex/", "authInfo": []}
    return {"config": config, "moduleHashes": convex.book.deployment["modules"], "nodeDependencies": [], "udfServerVersion": "1.31.0"}


def finish(convex: Convex, call: Call) -> Row:
    """The new code serves from here on. A push that another one has overtaken is refused."""
    deployment, sent = convex.book.deployment, body(call)
    row = deployment["pushes"].pop(sent["startPush"]["schemaChange"]["schemaIds"].get("push", ""), None)
    diff: Row = {"authDiff": {"added": [], "removed": []}, "definitionDiffs": {}, "componentDiffs": {}}
    if sent.get("dryRun"):
        return diff
    if row is None or row["state"] != "complete":
        raise Refusal(400, "The schema was not validated, or was overwritten by another push", "SchemaNotReady")
    deployment.update(serving=row["number"], modules=row["modules"], pushes={})
    convex.book.record("push_config_with_components", {"component_diffs": []})
    return diff


def report(convex: Convex, call: Call) -> Row:
    return {}


def _hashes(modules: list[Row]) -> list[Row]:
    return [
        {
            "path": module["path"],
            "hash": hashlib.sha256((module["source"] + module.get("sourceMap", "")).encode()).hexdigest(),
            "environment": module["environment"],
        }
        for module in modules
    ]


def _change(push: str) -> Row:
    return {"allocatedComponentIds": {}, "schemaIds": {"push": push}, "indexDiffs": {}}


def _analysis(sent: Row) -> Row:
    version: Any = sent["appDefinition"].get("udfServerVersion", "")
    return {
        "definition": {
            "path": "",
            "definitionType": {"type": "app"},
            "childComponents": [],
            "httpMounts": {},
            "exports": {"type": "branch", "branch": []},
        },
        "schema": None,
        "functions": {},
        "udfConfig": {"serverVersion": version, "importPhaseRngSeed": None, "importPhaseUnixTimestamp": None},
    }


ROUTES: list[Route] = [
    ("POST", "/api/deploy2/evaluate_push", evaluate),
    ("POST", "/api/deploy2/start_push", start),
    ("POST", "/api/deploy2/wait_for_schema", wait_for_schema),
    ("POST", "/api/deploy2/finish_push", finish),
    ("POST", "/api/deploy2/report_push_completed", report),
    ("POST", "/api/get_config_hashes", hashes),
]
