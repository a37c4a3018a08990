# SPDX-License-Identifier: GPL-3.0-or-later
"""How a project at Vercel is reached."""
from __future__ import annotations

import os
import time
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run


def team_of_environment() -> str:
    """VERCEL_TEAM_ID, or VERCEL_ORG_ID unless that is the id of a user, who is no team."""
    team = os.environ.get("VERCEL_TEAM_ID") or os.environ.get("VERCEL_ORG_ID", "")
    if not team or ("VERCEL_TEAM_ID" not in os.environ and not team.startswith("team_")):
        raise AnsibleFallbackNotFound
    return team


OPTIONS: dict[str, Any] = {
    "token": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["VERCEL_TOKEN"])},
    "project": {"type": "str", "required": True, "fallback": (env_fallback, ["VERCEL_PROJECT_ID"])},
    "team": {"type": "str", "fallback": (team_of_environment,)},
    "api_url": {"type": "str", "default": "https://api.vercel.com", "fallback": (env_fallback, ["VERCEL_API_URL"])},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check VERCEL_TOKEN: it must be valid, and its scope must include the team and the project.",
    errors.NotFound: "Check project and team: a project is only found under the team that owns it.",
    errors.PlanLimit: "The Hobby plan goes back one production deployment only; name that one, or upgrade.",
    errors.NotRestorable: "Retention may have removed it; name another release.",
    errors.Conflict: "Another rollback or promotion of this project may be running; run the same command again.",
}


def api(options: Options, run: Run) -> Api:
    """Every call carries the token and names the team."""
    return Api("Vercel", options["api_url"], bearer(options["token"]), run, _explain, _reset, HINTS, _scope(options["team"]))


def _scope(team: str | None) -> dict[str, str]:
    """The query that names the team, by its id or its slug."""
    if not team:
        return {}
    return {"teamId": team} if team.startswith("team_") else {"slug": team}


def _explain(body: dict[str, Any]) -> str:
    error = body.get("error") or body.get("err") or body
    return str(error.get("message") or "") if isinstance(error, dict) else str(error)


def _reset(response: Any) -> float | None:
    """Seconds until the limit resets; Vercel gives an epoch, in the body or a header."""
    try:
        epoch = response.json()["error"]["limit"]["reset"]
    except (ValueError, KeyError, TypeError):
        epoch = response.headers.get("X-RateLimit-Reset")
    return None if epoch is None else float(epoch) - time.time()
