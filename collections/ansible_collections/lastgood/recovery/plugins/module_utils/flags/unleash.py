# SPDX-License-Identifier: GPL-3.0-or-later
"""Unleash: a switch is answered with 200 and no body, and SDKs get it up to a second later, when the server's cache has noticed."""
from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.flag import Flag
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

OPTIONS: dict[str, Any] = {
    "token": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["UNLEASH_ADMIN_TOKEN"])},
    "project": {"type": "str", "default": "default"},
    "environment": {"type": "str", "required": True},
    "api_url": {"type": "str", "required": True, "fallback": (env_fallback, ["UNLEASH_URL"])},
    "client_token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["UNLEASH_API_TOKEN"])},
    "client_url": {"type": "str"},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check UNLEASH_ADMIN_TOKEN: an admin token, or a personal or service account's that may update the flag there.",
    errors.NotFound: "Check name, project and environment: a flag is only found in its own project.",
}
CLIENT_HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check UNLEASH_API_TOKEN: it must be a client (backend) token of that environment.",
}
BYPASS = "SKIP_CHANGE_REQUEST"
"""The permission that a token lacks where an environment's changes have to be approved."""


class Unleash(Flag):
    """The answer to a switch says nothing and is the same whether the flag moved, so only reading back counts."""

    def __init__(self, options: Options, run: Run) -> None:
        self.name, self.environment = options["name"], options["environment"]
        self.label = f"Unleash flag {self.name} in {self.environment}"
        url = _root(options["api_url"])
        where = f"projects/{quote(options['project'], safe='')}/features/{quote(self.name, safe='')}"
        self.flag = f"/api/admin/{where}"
        self.place = f"{self.flag}/environments/{quote(self.environment, safe='')}"
        self.dashboard = f"{url}/{where}"
        self.api = Api("Unleash", url, {"Authorization": options["token"]}, run, hints=HINTS)
        self.client = None
        if options["client_token"]:
            client_url, header = _root(options["client_url"] or url), {"Authorization": options["client_token"]}
            self.client = Api("Unleash's client API", client_url, header, run, hints=CLIENT_HINTS)

    def read(self) -> bool:
        return bool(self.api.get(self.place)["enabled"])

    def write(self, value: Any) -> None:
        try:
            self.api.send("POST", f"{self.place}/{'on' if value else 'off'}")
        except errors.NotAuthorised as error:
            if BYPASS in error.message:
                raise errors.ApprovalNeeded(f"Unleash wants a change request approved for {self.environment}: {error.message}") from None
            raise

    def seen(self) -> bool | None:
        if self.client is None:
            return None
        answer = self.client.get("/api/client/features")
        environment = answer.get("query", {}).get("environment", self.environment)
        found = [row for row in answer["features"] if row["name"] == self.name]
        if environment != self.environment or not found:
            raise errors.NotFound(
                f"SDKs with this client token get no flag {self.name} of {self.environment}",
                "Check UNLEASH_API_TOKEN: it may belong to another environment or project.",
            )
        return bool(found[0]["enabled"])

    def dependents(self) -> list[str]:
        return sorted(self.api.get(self.flag).get("children", []))


VENDOR = Vendor(name="unleash", place="project/environment", options=OPTIONS, parts={"flags": Unleash})


def _root(url: str) -> str:
    """Unleash's own tools want the address with or without its last part."""
    return url.rstrip("/").removesuffix("/api")
