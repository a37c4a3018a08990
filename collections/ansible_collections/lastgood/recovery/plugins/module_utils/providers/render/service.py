# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Render service is run."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.condition import Condition
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.releases import Render
from ansible_collections.lastgood.recovery.plugins.module_utils.service import Service

KIND = "service"


class RenderService(Service):
    """Resuming is a new deploy of what served last, and a number of instances is ignored while Render scales by itself."""

    name = "Render"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Render(options, run)
        self.api, self.path = self.releases.api, self.releases.path

    def condition(self) -> Condition:
        row = self.api.get(self.path)
        details = row.get("serviceDetails") or {}
        scaling = details.get("autoscaling") or {}
        return Condition(
            running=row.get("suspended") != "suspended",
            instances={KIND: details["numInstances"]} if "numInstances" in details else None,
            autoscaling=scaling if scaling.get("enabled") else {},
            maintenance=(details.get("maintenanceMode") or {}).get("enabled"),
        )

    def steady(self) -> bool:
        return not self.releases.working()

    def can(self, now: Condition, wanted: Condition) -> None:
        if wanted.maintenance is not None and now.maintenance is None:
            raise errors.Refused("only Render's web services have a maintenance mode", "Stop the service, or the ones in front of it.")
        if wanted.instances == {KIND: 0}:
            raise errors.Refused("a Render service runs at least one instance", "Use state: stopped.")
        suspenders = set(self.api.get(self.path).get("suspenders") or []) - {"user"}
        if wanted.running and not now.running and suspenders:
            raise errors.Refused(
                f"Render has suspended it ({', '.join(sorted(suspenders))})",
                "Only Render can let it run again; ask its support.",
            )

    def start(self, wanted: Condition) -> None:
        self.api.send("POST", f"{self.path}/resume")

    def stop(self) -> None:
        self.api.send("POST", f"{self.path}/suspend")

    def restart(self) -> None:
        self.api.send("POST", f"{self.path}/restart")

    def scale(self, instances: dict[str, int]) -> None:
        self.api.send("POST", f"{self.path}/scale", {"numInstances": instances[KIND]})

    def autoscale(self, settings: dict[str, Any]) -> None:
        if settings:
            self.api.send("PUT", f"{self.path}/autoscaling", settings)
        else:
            self.api.send("DELETE", f"{self.path}/autoscaling")

    def maintain(self, on: bool) -> None:
        uri = ((self.api.get(self.path).get("serviceDetails") or {}).get("maintenanceMode") or {}).get("uri", "")
        self.api.send("PATCH", self.path, {"serviceDetails": {"maintenanceMode": {"enabled": on, "uri": uri}}})  # both are required

    def keep_away(self, held: bool) -> None:
        raise errors.Refused("stopping a Render service leaves automatic deploys as they are", "Leave held out.")
