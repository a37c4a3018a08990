# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a Vercel project answers: functions have no instances to count, a project is paused or not."""
from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.condition import Condition
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.releases import Vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.service import Service

OPTIONS: dict[str, Any] = {
    "edge_config": {"type": "str", "fallback": (env_fallback, ["VERCEL_EDGE_CONFIG_ID"])},
    "maintenance_item": {"type": "str", "default": "isInMaintenanceMode"},
}


class VercelProject(Service):
    """Pausing holds new pushes and unpausing lets them go live, so a project that was rolled back is held again afterwards."""

    name = "Vercel"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Vercel(options, run)
        self.api = self.releases.api
        self.path = f"/projects/{options['project']}"
        self.edge_config, self.item = options["edge_config"], options["maintenance_item"]

    def condition(self) -> Condition:
        project = self.api.get(f"/v9{self.path}", rollbackInfo="true")
        paused = bool(project.get("paused"))
        held = _rolled_back(project) if paused else project.get("autoAssignCustomDomains") is False
        return Condition(running=not paused, maintenance=self._maintenance(), held=held)

    def steady(self) -> bool:
        return True

    def can(self, now: Condition, wanted: Condition) -> None:
        if wanted.maintenance is not None and now.maintenance is None:
            raise errors.Refused(
                "Vercel has no maintenance mode of its own",
                "Give the edge_config that the site's middleware reads, or use state: stopped.",
            )

    def start(self, wanted: Condition) -> None:
        self.api.send("POST", f"/v1{self.path}/unpause")

    def stop(self) -> None:
        self.api.send("POST", f"/v1{self.path}/pause")

    def restart(self) -> None:
        raise errors.Refused("a Vercel project has nothing to restart", "Deploy it once more with vercel_variables, redeploy: always.")

    def scale(self, instances: dict[str, int]) -> None:
        raise errors.Refused("a Vercel project has no instances", "Leave instances out.")

    def autoscale(self, settings: dict[str, Any]) -> None:
        raise errors.Refused("a Vercel project has no instances", "Leave instances out.")

    def maintain(self, on: bool) -> None:
        item = {"operation": "upsert", "key": self.item, "value": on}
        self.api.send("PATCH", f"/v1/edge-config/{self.edge_config}/items", {"items": [item]})

    def keep_away(self, held: bool) -> None:
        (self.releases.hold if held else self.releases.release_hold)()

    def _maintenance(self) -> bool | None:
        """None without an Edge Config: the site then reads nothing that could be switched."""
        if not self.edge_config:
            return None
        try:
            return bool(self.api.get(f"/v1/edge-config/{self.edge_config}/item/{self.item}").get("value"))
        except errors.NotFound:
            return False


def _rolled_back(project: dict[str, Any]) -> bool:
    """Whether the newest pointer move was a rollback: pausing has overwritten the pin that it set."""
    request = project.get("lastAliasRequest") or {}
    return request.get("type") == "rollback" and request.get("jobStatus") == "succeeded"
