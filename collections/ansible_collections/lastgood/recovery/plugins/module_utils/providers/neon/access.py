# SPDX-License-Identifier: GPL-3.0-or-later
"""How a branch at Neon is reached."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

OPTIONS: dict[str, Any] = {
    "api_key": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["NEON_API_KEY"])},
    "project": {"type": "str", "required": True, "fallback": (env_fallback, ["NEON_PROJECT_ID"])},
    "branch": {"type": "str", "default": "main"},
    "database": {"type": "str", "default": "neondb"},
    "role": {"type": "str", "default": "neondb_owner"},
    "api_url": {"type": "str", "default": "https://console.neon.tech/api/v2", "fallback": (env_fallback, ["NEON_API_HOST"])},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check NEON_API_KEY: it must be valid, and may work with the project.",
    errors.NotFound: "Check project (its id), branch, database and role.",
    errors.Conflict: "Another operation of this project may be running; run the same command again.",
    errors.BadRequest: "Correct what Neon names, then run the same command again.",
    errors.NotRestorable: "Neon does not allow it for this branch; what it says is all that is known.",
}


def api(options: Options, run: Run) -> Api:
    """Every call carries the key. 423 means that another operation is under way."""
    return Api("Neon", options["api_url"], bearer(options["api_key"]), run, hints=HINTS, kinds={423: errors.Conflict})


def every(api: Api, path: str, of: str, next: str) -> list[Any]:
    """All rows of a list; C(next) is where Neon says how the page after this one is asked for."""
    rows: list[Any] = []
    query: dict[str, str] = {"limit": "400"}
    while True:
        page = api.get(path, **query)
        rows += page[of]
        cursor = (page.get("pagination") or {}).get(next)
        if not cursor or not page[of]:
            return rows
        query = {**query, "cursor": cursor}


def once_free(act: Callable[[], Any], tick: Callable[[], None]) -> Any:
    """What C(act) returns. While the project is busy Neon changes nothing and says so; Conflict when it is so for too long."""
    while True:
        try:
            return act()
        except errors.Conflict as busy:
            if "423" not in busy.message:
                raise
            try:
                tick()
            except errors.TimedOut:
                raise busy from None
