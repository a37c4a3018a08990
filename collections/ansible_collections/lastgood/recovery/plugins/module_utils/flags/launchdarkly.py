# SPDX-License-Identifier: GPL-3.0-or-later
"""LaunchDarkly: off serves the off variation, which may be true, and an environment that needs approvals answers 405."""
from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.flag import Flag
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import words
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

OPTIONS: dict[str, Any] = {
    "token": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["LAUNCHDARKLY_ACCESS_TOKEN"])},
    "project": {"type": "str", "required": True},
    "environment": {"type": "str", "required": True},
    "comment": {"type": "str", "default": "Switched by lastgood"},
    "api_url": {"type": "str", "default": "https://app.launchdarkly.com", "fallback": (env_fallback, ["LAUNCHDARKLY_API_HOST"])},
    "sdk_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["LAUNCHDARKLY_SDK_KEY"])},
    "client_url": {"type": "str", "default": "https://sdk.launchdarkly.com"},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check LAUNCHDARKLY_ACCESS_TOKEN: it must be valid, and its role must allow to update targeting there.",
    errors.NotFound: "Check name, project and environment; all three are keys, not names.",
    errors.Conflict: "Somebody else is changing this flag; run the same command again.",
}
CLIENT_HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check LAUNCHDARKLY_SDK_KEY: it must be a server-side SDK key of that environment.",
}
SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch"


class LaunchDarkly(Flag):
    """The switch is the environment's C(on); what C(off) serves is a variation like any other."""

    def __init__(self, options: Options, run: Run) -> None:
        self.name, self.environment, self.comment = options["name"], options["environment"], options["comment"]
        self.label = f"LaunchDarkly flag {self.name} in {self.environment}"
        url = options["api_url"] if "//" in options["api_url"] else f"https://{options['api_url']}"
        self.project, self.key, self.place = (quote(part, safe="") for part in (options["project"], self.name, self.environment))
        self.path = f"/api/v2/flags/{self.project}/{self.key}"
        self.dashboard = f"{url.rstrip('/')}/projects/{self.project}/flags/{self.key}/targeting?env={self.place}&selected-env={self.place}"
        header = {"Authorization": options["token"]}
        self.api = Api("LaunchDarkly", url, header, run, reset=_reset, hints=HINTS)
        semantic = {**header, "Content-Type": SEMANTIC_PATCH}
        self.changes = Api("LaunchDarkly", url, semantic, run, reset=_reset, hints=HINTS, kinds={405: errors.ApprovalNeeded})
        self.client = None
        if options["sdk_key"]:
            sdk = {"Authorization": options["sdk_key"]}
            self.client = Api("LaunchDarkly's SDK service", options["client_url"], sdk, run, reset=_reset, hints=CLIENT_HINTS)
        self._seen: dict[str, Any] = {}

    def read(self) -> bool:
        self._seen = self.api.get(self.path, env=self.environment)
        return bool(self._here()["on"])

    def write(self, value: Any) -> None:
        self.changes.send("PATCH", self.path, self._patch(value))

    def rehearse(self, value: Any) -> None:
        self.changes.ask(self.path, self._patch(value), "PATCH", dryRun="true")

    def seen(self) -> bool | None:
        if self.client is None:
            return None
        found = self.client.get("/sdk/latest-all")["flags"].get(self.name)
        if found is None:
            raise errors.NotFound(
                f"SDKs with this SDK key get no flag {self.name}",
                "Check LAUNCHDARKLY_SDK_KEY: it may belong to another environment or project.",
            )
        return bool(found["on"])

    def dependents(self) -> list[str]:
        path = f"/api/v2/flags/{self.project}/{self.place}/{self.key}/dependent-flags"
        answer, _headers = self.api.page(path, {"LD-API-Version": "beta"})
        return sorted(row["key"] for row in answer["items"])

    def warnings(self, value: Any) -> list[str]:
        if value:
            return []
        index = self._here().get("offVariation")
        if index is None:
            return [f"{self.label} has no off variation: while it is off, applications use the default in their own code"]
        served = self._seen["variations"][index]["value"]
        return [f"{self.label} is off and serves its off variation, which is {words(served)}"] if served else []

    def _patch(self, value: Any) -> dict[str, Any]:
        kind = "turnFlagOn" if value else "turnFlagOff"
        return {"environmentKey": self.environment, "comment": self.comment, "instructions": [{"kind": kind}]}

    def _here(self) -> dict[str, Any]:
        """The flag in this environment, as it was last read."""
        found = self._seen.get("environments", {}).get(self.environment)
        if found is None:
            raise errors.NotFound(f"LaunchDarkly has no environment {self.environment} for {self.name}", HINTS[errors.NotFound])
        return found


VENDOR = Vendor(name="launchdarkly", place="project/environment", options=OPTIONS, parts={"flags": LaunchDarkly})


def _reset(response: Any) -> float | None:
    """Seconds until the limit resets; LaunchDarkly gives them, or an epoch in milliseconds."""
    after, epoch = response.headers.get("Retry-After"), response.headers.get("X-Ratelimit-Reset")
    if after and after.isdigit():
        return float(after)
    return float(epoch) / 1000 - time.time() if epoch else None
