# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service at Railway is reached: one address, two kinds of token, errors that come with HTTP 200."""
from __future__ import annotations

import re
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.documents import WHERE

OPTIONS: dict[str, Any] = {
    "token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["RAILWAY_TOKEN"])},
    "api_token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["RAILWAY_API_TOKEN"])},
    "project": {"type": "str", "fallback": (env_fallback, ["RAILWAY_PROJECT_ID"])},
    "environment": {"type": "str", "fallback": (env_fallback, ["RAILWAY_ENVIRONMENT_ID"])},
    "service": {"type": "str", "required": True, "fallback": (env_fallback, ["RAILWAY_SERVICE_ID"])},
    "api_url": {
        "type": "str",
        "default": "https://backboard.railway.com/graphql/v2",
        "fallback": (env_fallback, ["RAILWAY_GRAPHQL_ENDPOINT"]),
    },
}
DATABASE_OPTIONS: dict[str, Any] = {
    "clients": {"type": "list", "elements": "str", "default": []},
    "emergency_backup": {"type": "bool", "default": True},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check RAILWAY_TOKEN (a token of the project and its environment) or RAILWAY_API_TOKEN (an account's or a "
    "workspace's): Railway gives the same answer for a dead token and for a project, environment or service that it may not touch.",
    errors.NotFound: "Check the ids of project, environment and service; a service is only found in an environment of its own project.",
    errors.NotRestorable: "Railway keeps images for some days after a deployment was removed, depending on the plan; name a newer release.",
    errors.RateLimited: "Run the same command again after that.",
    errors.Unanswered: "It may or may not have taken effect; run the same command again, it reads back first.",
}
# In Railway's own words, lower case; it has no other codes for them.
BY_WORDS: tuple[tuple[str, type[errors.RecoveryError]], ...] = (
    ("not authorized", errors.NotAuthorised),
    ("project token not found", errors.NotAuthorised),
    ("two factor", errors.NotAuthorised),
    ("rate limit", errors.RateLimited),
    ("not found", errors.NotFound),
    ("problem processing request", errors.Unanswered),
)


class Graph:
    """Railway's GraphQL for one service; the ids of its place go with every document that takes them."""

    def __init__(self, options: Options, run: Run) -> None:
        token, account = options["token"], options["api_token"]
        if not token and not account:
            raise errors.Refused(
                "missing required arguments: token or api_token",
                "Give one of them in the inventory, or in the environment: RAILWAY_TOKEN, RAILWAY_API_TOKEN.",
            )
        self.options = options
        headers = {"Project-Access-Token": token} if token else bearer(account)
        # The network in front of Railway refuses clients by their names; the one of the requests library may be among them.
        headers["User-Agent"] = "lastgood"
        self.api = Api("Railway", options["api_url"], headers, run, _words, hints=HINTS, reject=_reject)
        self._place: dict[str, str] = {}

    @property
    def place(self) -> dict[str, str]:
        """C(projectId), C(environmentId) and C(serviceId); a project token knows the first two by itself."""
        if not self._place:
            project, environment = self.options["project"], self.options["environment"]
            if not (project and environment):
                if not self.options["token"]:
                    raise errors.Refused(
                        "with api_token, project and environment are needed too",
                        "Give them in the inventory, or in the environment: RAILWAY_PROJECT_ID, RAILWAY_ENVIRONMENT_ID.",
                    )
                mine = self.api.ask("", {"query": WHERE}, named="where")["data"]["projectToken"]
                project, environment = project or mine["projectId"], environment or mine["environmentId"]
            if not (project and environment):
                raise ValueError("an answer that names no place")
            self._place = {"projectId": project, "environmentId": environment, "serviceId": self.options["service"]}
        return self._place

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The C(data) of a query."""
        return self.api.ask("", self._body(document, variables), named=_name(document))["data"]

    def send(self, document: str, **variables: Any) -> dict[str, Any]:
        """The C(data) of a mutation, which is sent once."""
        return self.api.send("POST", "", self._body(document, variables), named=_name(document))["data"]

    def _body(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        known = {**self.place, **variables}
        return {"query": document, "variables": {name: known[name] for name in re.findall(r"\$(\w+):", document)}}


def _name(document: str) -> str:
    """The operation's own name: every call goes to the same address."""
    named = re.match(r"\s*(?:query|mutation) (\w+)", document)
    return named[1] if named else ""


def _reject(body: Any) -> errors.RecoveryError | None:
    """The error in an answer with status 200."""
    if not isinstance(body, dict):
        return errors.Unanswered("Railway's answer is no GraphQL", HINTS[errors.Unanswered])
    if body.get("errors"):
        words = _words(body)
        kind = next((kind for part, kind in BY_WORDS if part in words.lower()), errors.VendorError)
        return kind(f"Railway says: {words}", HINTS.get(kind, "Look at the deployment at Railway, then run the same command again."))
    if not isinstance(body.get("data"), dict):
        return errors.Unanswered("Railway's answer has no data", HINTS[errors.Unanswered])
    return None


def _words(body: Any) -> str:
    found = body.get("errors") if isinstance(body, dict) else None
    said = []
    for error in found if isinstance(found, list) else []:
        about: dict[str, Any] = error if isinstance(error, dict) else {"message": str(error)}
        workspace = (about.get("extensions") or {}).get("workspaceName")
        said.append(f"{about.get('message', 'an error without words')}{f' (workspace {workspace})' if workspace else ''}")
    return "; ".join(dict.fromkeys(said))
