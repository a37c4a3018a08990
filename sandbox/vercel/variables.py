"""Project variables: upserts that fail in part with a 201, and sensitive values that nobody reads back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.state import Row
from sandbox.vercel.book import USER, new_id

if TYPE_CHECKING:
    from sandbox.vercel import Vercel

_TYPES = ("system", "secret", "encrypted", "plain", "sensitive")
_FIELDS = ("key", "value", "type", "target", "gitBranch", "comment", "customEnvironmentIds")


def _shown(variable: Row, decrypted: bool) -> Row:
    """As the API writes it; `encrypted` is ciphertext in lists, `sensitive` is empty everywhere."""
    value = variable["value"]
    if variable["type"] == "sensitive":
        value, decrypted = "", False
    elif variable["type"] != "plain" and not decrypted:
        value = base64.b64encode(value[::-1].encode()).decode()
    return {**variable, "value": value, "decrypted": decrypted or variable["type"] == "plain"}


def list_variables(vercel: Vercel, call: Call) -> Row:
    project = vercel.book.project(call.match["idOrName"])
    return {"envs": [_shown(v, decrypted=False) for v in project["env"].values()]}


def get_variable(vercel: Vercel, call: Call) -> Row:
    return _shown(_variable(vercel, call), decrypted=True)


def _variable(vercel: Vercel, call: Call) -> Row:
    env: dict[str, Row] = vercel.book.project(call.match["idOrName"])["env"]
    if call.match["id"] not in env:
        raise Refusal(404, "The environment variable was not found.", "not_found")
    return env[call.match["id"]]


def create_variables(vercel: Vercel, call: Call) -> Reply:
    """One or many; what cannot be written is in `failed`, and the answer is 201 all the same."""
    env: dict[str, Row] = vercel.book.project(call.match["idOrName"])["env"]
    upsert = call.query.get("upsert") == "true"
    many = isinstance(call.body, list)
    created, failed = [], []
    for wanted in call.body if many else [call.body or {}]:
        problem = _problem(wanted, env, upsert)
        if problem:
            failed.append({"error": problem})
            continue
        old = _same_place(wanted, env)
        fresh = _row(wanted, old)
        env[fresh["id"]] = fresh
        created.append(_shown(fresh, decrypted=False))
    if failed and not many:
        raise Refusal(400, failed[0]["error"]["message"], failed[0]["error"]["code"])
    return Reply(201, {"created": created if many else created[0], "failed": failed})


def _row(wanted: Row, old: Row | None) -> Row:
    now = now_ms()
    origin = old or {"id": new_id("env_", 16), "createdAt": now, "createdBy": USER["uid"]}
    return {**origin, **{k: wanted[k] for k in _FIELDS if k in wanted}, "updatedAt": now, "updatedBy": USER["uid"]}


def _problem(wanted: Row, env: dict[str, Row], upsert: bool) -> Row | None:
    key = wanted.get("key", "")
    missing = [name for name in ("key", "value", "type") if name not in wanted]
    if missing:
        return {"code": "bad_request", "message": f"Invalid request: missing required property `{missing[0]}`."}
    if wanted["type"] not in _TYPES or not (wanted.get("target") or wanted.get("customEnvironmentIds")):
        return {"code": "bad_request", "message": "Invalid request: `type` or `target` is wrong.", "key": key}
    if not key.replace("_", "").isalnum() or key[0].isdigit():
        return {"code": "INVALID_KEY", "message": f"The name `{key}` contains invalid characters.", "key": key}
    if wanted["type"] == "sensitive" and "development" in (wanted.get("target") or []):
        return {"code": "BAD_REQUEST", "message": "A sensitive variable cannot target development.", "key": key}
    if _same_place(wanted, env) and not upsert:
        return {"code": "ENV_ALREADY_EXISTS", "message": f"A variable `{key}` already exists.", "key": key}
    return None


def _same_place(wanted: Row, env: dict[str, Row]) -> Row | None:
    targets = set(wanted.get("target") or [])
    for old in env.values():
        same_branch = old.get("gitBranch") == wanted.get("gitBranch")
        if old["key"] == wanted["key"] and same_branch and targets & set(old.get("target") or []):
            return old
    return None


def update_variable(vercel: Vercel, call: Call) -> Row:
    variable = _variable(vercel, call)
    variable.update({k: v for k, v in (call.body or {}).items() if k in _FIELDS}, updatedAt=now_ms())
    return _shown(variable, decrypted=False)


def delete_variable(vercel: Vercel, call: Call) -> Row:
    variable = _variable(vercel, call)
    del vercel.book.project(call.match["idOrName"])["env"][variable["id"]]
    return _shown(variable, decrypted=False)


def delete_variables(vercel: Vercel, call: Call) -> Any:
    env: dict[str, Row] = vercel.book.project(call.match["idOrName"])["env"]
    ids = [id for id in (call.body or {}).get("ids", []) if env.pop(id, None)]
    return {"deleted": len(ids), "ids": ids}


ROUTES: list[Route] = [
    ("GET", "/{version:v9|v10}/projects/{idOrName}/env", list_variables),
    ("POST", "/v10/projects/{idOrName}/env", create_variables),
    ("DELETE", "/v1/projects/{idOrName}/env", delete_variables),
    ("GET", "/v1/projects/{idOrName}/env/{id}", get_variable),
    ("PATCH", "/v9/projects/{idOrName}/env/{id}", update_variable),
    ("DELETE", "/v9/projects/{idOrName}/env/{id}", delete_variable),
]
