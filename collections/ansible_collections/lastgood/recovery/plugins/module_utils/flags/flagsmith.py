# SPDX-License-Identifier: GPL-3.0-or-later
"""Flagsmith: its API switches past the approvals that its own pages ask for, and overrides win over the environment's default."""
from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.flag import Flag
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import rows
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

CLOUD, EDGE = "https://api.flagsmith.com/api/v1", "https://edge.api.flagsmith.com/api/v1"
OPTIONS: dict[str, Any] = {
    "token": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["FLAGSMITH_MASTER_API_KEY"])},
    "environment": {"type": "str", "required": True, "fallback": (env_fallback, ["FLAGSMITH_ENVIRONMENT_KEY"])},
    "api_url": {"type": "str", "default": CLOUD, "fallback": (env_fallback, ["FLAGSMITH_API_URL"])},
    "client_url": {"type": "str"},
}
PAGES = 20
"""Pages of overrides read at most."""
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check FLAGSMITH_MASTER_API_KEY: an organisation's API key that may update the environment's feature states.",
    errors.NotFound: "Check name and environment: the environment is its client-side key, not its name.",
}
CLIENT_HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check environment and client_url: applications are refused with this environment key.",
}


class Flagsmith(Flag):
    """A flag's state in an environment is a row of its own; with versioning it cannot be edited, only followed by a new version."""

    def __init__(self, options: Options, run: Run) -> None:
        self.name, self.environment = options["name"], options["environment"]
        self.label = f"Flagsmith flag {self.name}"
        self.url = options["api_url"].rstrip("/")
        self.place = f"/environments/{quote(self.environment, safe='')}"
        self.dashboard = _pages(self.url)
        self.api = Api("Flagsmith", self.url, {"Authorization": f"Api-Key {options['token']}"}, run, _explain, hints=HINTS)
        client_url = options["client_url"] or (EDGE if self.url == CLOUD else self.url)
        key = {"X-Environment-Key": self.environment}
        self.client = Api("Flagsmith's SDK service", client_url, key, run, _explain, hints=CLIENT_HINTS)
        self.settings: dict[str, Any] = {}
        self.state: dict[str, Any] = {}

    def read(self) -> bool:
        self.settings = self.settings or self.api.get(f"{self.place}/")
        states = rows(self.api.get(f"{self.place}/featurestates/", feature_name=self.name)["results"])
        if not states:
            raise errors.NotFound(f"Flagsmith has no flag {self.name} in {self.settings['name']}", HINTS[errors.NotFound])
        self.state = states[0]
        self.label = f"Flagsmith flag {self.name} in {self.settings['name']}"
        self.dashboard = (
            f"{_pages(self.url)}/project/{self.settings['project']}/environment/{self.environment}/features?feature={self.state['feature']}"
        )
        return bool(self.state["enabled"])

    def rehearse(self, value: Any) -> None:
        if self.settings.get("minimum_change_request_approvals") is not None:
            raise errors.ApprovalNeeded(f"Flagsmith wants changes in {self.settings['name']} approved with a change request")

    def write(self, value: Any) -> None:
        self.rehearse(value)
        if self.settings.get("use_v2_feature_versioning"):
            self._publish(value)
        else:
            self.api.send("PATCH", f"{self.place}/featurestates/{self.state['id']}/", {"enabled": value})

    def seen(self) -> bool:
        found = [row for row in rows(self.client.get("/flags/")) if row["feature"]["name"] == self.name]
        if not found and self.settings.get("hide_disabled_flags") is False:
            raise errors.NotFound(f"applications get no flag {self.name}", CLIENT_HINTS[errors.NotAuthorised])
        return any(row["enabled"] for row in found)  # an environment, or its project, may be set not to send flags that are off

    def dependents(self) -> None:
        return None

    def warnings(self, value: Any) -> list[str]:
        """Segments and users for whom the environment's default does not count."""
        feature = self.state["feature"]
        states = self._all("/features/featurestates/", environment=self.settings["id"], feature=feature)
        overrides = {
            "segments": [state for state in states if state["feature_segment"] is not None],
            "users": self._all(f"{self.place}/featurestates/", feature=feature, anyIdentity="1"),
        }
        others = {who: sum(state["enabled"] is not value for state in mine) for who, mine in overrides.items()}
        kept = " and ".join(f"{number} {who}" for who, number in others.items() if number)
        return [f"{self.label} stays {'off' if value else 'on'} for {kept}: their overrides win"] if kept else []

    def _all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, PAGES + 1):
            answer = self.api.get(path, page=page, **query)
            found += answer["results"]
            if not answer["next"]:
                break
        return found

    def _publish(self, value: Any) -> None:
        """A new version with the same value and variants, live at once."""
        environment, feature = self.settings["id"], self.state["feature"]
        versions = f"/environments/{environment}/features/{feature}/versions/"
        states = self.api.get(f"{versions}{self.state['environment_feature_version']}/featurestates/")
        default = next(row for row in states if row["feature_segment"] is None and row["identity"] is None)
        update = {"enabled": value, "feature_segment": None, "feature_state_value": default["feature_state_value"]}
        update["multivariate_feature_state_values"] = default.get("multivariate_feature_state_values", [])
        self.api.send("POST", versions, {"feature_states_to_update": [update], "publish_immediately": True})


VENDOR = Vendor(name="flagsmith", place="environment", options=OPTIONS, parts={"flags": Flagsmith})


def _pages(api_url: str) -> str:
    """Where people look: Flagsmith's own application, or the server itself where it is self-hosted."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.replace('api.flagsmith.com', 'app.flagsmith.com')}"


def _explain(body: dict[str, Any]) -> str:
    return str(body.get("detail") or body.get("message") or "; ".join(f"{name}: {problem}" for name, problem in body.items()))
