"""Environment variables: they belong to the account, or to one of its sites; a value for each context, secret ones unreadable."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.netlify.book import ACCOUNT, USER, instant
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.netlify import Netlify

SCOPES = ["builds", "functions", "runtime", "post-processing"]
_CONTEXTS = ("all", "dev", "dev-server", "branch-deploy", "deploy-preview", "production", "branch")


def variable_record(wanted: Row, at: int) -> Row:
    """A variable as it is kept; refuses what the vendor would."""
    values = wanted.get("values") or []
    if not wanted.get("key") or not values or any(one.get("context", "all") not in _CONTEXTS for one in values):
        raise Refusal(422, "key and values are required")
    return {
        "key": wanted["key"],
        "scopes": wanted.get("scopes") or list(SCOPES),
        "values": [_value_record(one) for one in values],
        "is_secret": bool(wanted.get("is_secret")),
        "updated_at": at,
        "updated_by": USER,
    }


def _value_record(wanted: Row) -> Row:
    parameter = {"context_parameter": wanted["context_parameter"]} if wanted.get("context_parameter") else {}
    return {"id": str(uuid.uuid4()), "value": wanted["value"], "context": wanted.get("context", "all"), **parameter}


def _shown(variable: Row, context: str | None = None) -> Row:
    """As the API writes it: of a secret only the value for local development can be read."""
    secret = variable["is_secret"]
    values = [
        {**value, "value": "" if secret and value["context"] != "dev" else value["value"]}
        for value in variable["values"]
        if context is None or value["context"] in (context, "all")
    ]
    return {**variable, "values": values, "updated_at": instant(variable["updated_at"])}


def _env(netlify: Netlify, call: Call) -> dict[str, Row]:
    if call.match["account_id"] not in (ACCOUNT["id"], ACCOUNT["slug"]):
        raise Refusal(404, "Not Found")
    site = call.query.get("site_id")
    env: dict[str, Row] = netlify.book.site(site)["env"] if site else netlify.book.account_env
    return env


def _variable(netlify: Netlify, call: Call) -> Row:
    env = _env(netlify, call)
    if call.match["key"] not in env:
        raise Refusal(404, "Not Found")
    return env[call.match["key"]]


def list_variables(netlify: Netlify, call: Call) -> list[Row]:
    scope, context = call.query.get("scope"), call.query.get("context_name")
    rows = [v for v in _env(netlify, call).values() if scope is None or scope in v["scopes"]]
    return [row for row in (_shown(v, context) for v in rows) if row["values"]]


def create_variables(netlify: Netlify, call: Call) -> Reply:
    """All of them or none; a key that is there already is refused."""
    env = _env(netlify, call)
    if not isinstance(call.body, list):
        raise Refusal(422, "the body must be a list of environment variables")
    fresh = [variable_record(wanted, now_ms()) for wanted in call.body]
    for variable in fresh:
        if variable["key"] in env:
            raise Refusal(422, f"Environment variable {variable['key']} already exists")
        _check_plan(netlify, call, variable)
    env.update({variable["key"]: variable for variable in fresh})
    return Reply(201, [_shown(variable) for variable in fresh])


def _check_plan(netlify: Netlify, call: Call, variable: Row) -> None:
    site = call.query.get("site_id")
    if site and netlify.book.site(site)["plan"] != "pro" and set(variable["scopes"]) != set(SCOPES):
        raise Refusal(422, "Scopes are available on Pro plans and above")


def get_variable(netlify: Netlify, call: Call) -> Row:
    return _shown(_variable(netlify, call))


def replace_variable(netlify: Netlify, call: Call) -> Row:
    """All its values at once: a context that is not named is gone."""
    old, env = _variable(netlify, call), _env(netlify, call)
    fresh = variable_record({**old, **(call.body or {})}, now_ms())
    _check_plan(netlify, call, fresh)
    del env[old["key"]]
    env[fresh["key"]] = fresh
    return _shown(fresh)


def set_value(netlify: Netlify, call: Call) -> Reply:
    """One context's value, of a key that is there already."""
    variable, wanted = _variable(netlify, call), call.body or {}
    if wanted.get("context") not in _CONTEXTS or not isinstance(wanted.get("value"), str):
        raise Refusal(422, "context and value are required")
    place: Any = (wanted["context"], wanted.get("context_parameter"))
    others = [one for one in variable["values"] if (one["context"], one.get("context_parameter")) != place]
    variable.update(values=[*others, _value_record(wanted)], updated_at=now_ms())
    return Reply(201, _shown(variable))


def delete_variable(netlify: Netlify, call: Call) -> Reply:
    del _env(netlify, call)[_variable(netlify, call)["key"]]
    return Reply(204)


def delete_value(netlify: Netlify, call: Call) -> Reply:
    variable = _variable(netlify, call)
    left = [one for one in variable["values"] if one["id"] != call.match["id"]]
    if len(left) == len(variable["values"]):
        raise Refusal(404, "Not Found")
    variable.update(values=left, updated_at=now_ms())
    return Reply(204)


_ALL = "/api/v1/accounts/{account_id}/env"
ROUTES: list[Route] = [
    ("GET", _ALL, list_variables),
    ("POST", _ALL, create_variables),
    ("GET", _ALL + "/{key}", get_variable),
    ("PUT", _ALL + "/{key}", replace_variable),
    ("PATCH", _ALL + "/{key}", set_value),
    ("DELETE", _ALL + "/{key}", delete_variable),
    ("DELETE", _ALL + "/{key}/value/{id}", delete_value),
]
