"""Environment variables: a PUT of the list replaces all of them, and no change deploys by itself."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.render.book import wrapped
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.render import Render


def _env(render: Render, call: Call) -> dict[str, str]:
    env: dict[str, str] = render.book.service(call.match["serviceId"])["env"]
    return env


def _rows(env: dict[str, str]) -> list[Row]:
    return [{"key": key, "value": value} for key, value in env.items()]


def _value(wanted: Row) -> str:
    if wanted.get("generateValue"):
        return base64.b64encode(secrets.token_bytes(32)).decode()
    if not isinstance(wanted.get("value"), str):
        raise Refusal(400, "either value or generateValue is required")
    value: str = wanted["value"]
    return value


def list_variables(render: Render, call: Call) -> list[Row]:
    return wrapped("envVar", _rows(_env(render, call)), call, lambda row: row, key="key")


def replace_variables(render: Render, call: Call) -> list[Row]:
    env = _env(render, call)
    wanted = call.body or []  # the vendor takes null for an empty list
    if not isinstance(wanted, list):
        raise Refusal(400, "the body must be a list of environment variables")
    fresh = {one["key"]: _value(one) for one in wanted}
    env.clear()
    env.update(fresh)
    return wrapped("envVar", _rows(env), call, lambda row: row, key="key")


def get_variable(render: Render, call: Call) -> Row:
    env, key = _env(render, call), call.match["key"]
    if key not in env:
        raise Refusal(404, f"not found: {key}")
    return {"key": key, "value": env[key]}


def set_variable(render: Render, call: Call) -> Row:
    env, key = _env(render, call), call.match["key"]
    env[key] = _value(call.body or {})
    return {"key": key, "value": env[key]}


def delete_variable(render: Render, call: Call) -> Reply:
    get_variable(render, call)
    del _env(render, call)[call.match["key"]]
    return Reply(204)


_ALL = "/v1/services/{serviceId}/env-vars"
ROUTES: list[Route] = [
    ("GET", _ALL, list_variables),
    ("PUT", _ALL, replace_variables),
    ("GET", _ALL + "/{key}", get_variable),
    ("PUT", _ALL + "/{key}", set_variable),
    ("DELETE", _ALL + "/{key}", delete_variable),
]
