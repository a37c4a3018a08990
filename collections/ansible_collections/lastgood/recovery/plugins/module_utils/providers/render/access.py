# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service at Render is reached."""
from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

OPTIONS: dict[str, Any] = {
    "api_key": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["RENDER_API_KEY"])},
    "service": {"type": "str", "required": True},
    "api_url": {"type": "str", "default": "https://api.render.com/v1", "fallback": (env_fallback, ["RENDER_HOST"])},
}
DATABASE: dict[str, Any] = {
    "api_key": OPTIONS["api_key"],
    "api_url": OPTIONS["api_url"],
    "postgres": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "export": {"type": "bool", "default": False},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check RENDER_API_KEY: it must be valid, and its owner must be a member of the workspace.",
    errors.NotFound: "Check the id of the service (srv-…) or the database (dpg-…); a deploy is only found under its own service.",
    errors.NotRestorable: "Render keeps the artifacts of a fixed number of builds; name a newer release.",
    errors.Conflict: "Another deploy of this service may be running; run the same command again.",
}


def api(options: Options, run: Run) -> Api:
    """Every call carries the key."""
    return Api("Render", options["api_url"], bearer(options["api_key"]), run, reset=_reset, hints=HINTS)


def _reset(response: Any) -> float | None:
    """Seconds until the limit resets; Render's header counts down, it is no epoch."""
    value = response.headers.get("Retry-After") or response.headers.get("Ratelimit-Reset")
    return None if value is None else float(value)
