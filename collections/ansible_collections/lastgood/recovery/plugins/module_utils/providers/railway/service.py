# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Railway service is run: what serves is a deployment, which is stopped and deployed again."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.condition import Condition
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import documents, edge_rules, history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import HINTS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import WORKING, Railway
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from ansible_collections.lastgood.recovery.plugins.module_utils.service import Service

OPTIONS: dict[str, Any] = {"maintenance_text": {"type": "str", "default": "Closed for maintenance. Please try again in a few minutes."}}
KIND = "service"
"""What is counted where all instances are in one region; otherwise the regions are."""
UNSTEADY = ("CREATED", "INITIALIZING", "RESTARTING", "REMOVING")

Row = dict[str, Any]


class RailwayService(Service):
    """A stopped deployment is still called a success, and visitors are kept out by a rule at the edge."""

    name = "Railway"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Railway(options, run)
        self.graph = self.releases.graph
        self.text = options["maintenance_text"]
        self._started: Release | None = None

    def condition(self) -> Condition:
        data = self._look()
        regions = self._regions(data)
        return Condition(
            running=bool(_serving(data)) or bool(self._working()),
            instances={KIND: sum(regions.values())} if len(regions) == 1 else regions,
            maintenance=edge_rules.closed(_rules(data)),
        )

    def steady(self) -> bool:
        if self._started and not self.releases.settled(self._started):
            return False
        instances = [one["status"] for row in _serving(self._look()) for one in row["instances"]]
        return not self._working() and not any(status in UNSTEADY for status in instances)

    def can(self, now: Condition, wanted: Condition) -> None:
        if wanted.maintenance is not None and wanted.maintenance != now.maintenance:
            edge_rules.with_ours(_rules(self._look()), self.text)
        instances = wanted.instances or {}
        if set(instances) != set(now.instances or {}):
            raise errors.Refused(
                f"it runs in other regions now: {', '.join(now.instances or {})}",
                f"Put the regions back at Railway: {', '.join(instances)}; or remove the memory.",
            )
        if 0 in instances.values():
            raise errors.Refused("a Railway service runs at least one instance in each of its regions", "Use state: stopped.")
        if wanted.running and not now.running:
            self._last()

    def start(self, wanted: Condition) -> None:
        last = self._last()
        self._started = self.releases.deploy_again(last) if isinstance(last, str) else self.releases.activate(last)

    def stop(self) -> None:
        for row in self._working():  # it would go live afterwards
            self.releases.cancel(row["id"])
        for row in _serving(self._look()):
            self.graph.send(documents.STOP, id=row["id"])

    def restart(self) -> None:
        serving = _serving(self._look())
        if not serving:
            raise errors.Refused("nothing serves there yet that could be restarted", "Wait for the deployment that is under way.")
        for row in serving:
            self.graph.send(documents.RESTART, id=row["id"])

    def scale(self, instances: dict[str, int]) -> None:
        regions = self._regions(self._look())
        wanted = {next(iter(regions)): instances[KIND]} if KIND in instances else instances
        config = {region: {"numReplicas": count} for region, count in wanted.items()}
        patch = {"services": {self.graph.place["serviceId"]: {"deploy": {"multiRegionConfig": config}}}}
        self.graph.send(documents.PATCH, patch=patch)

    def autoscale(self, settings: dict[str, Any]) -> None:
        raise errors.Refused("Railway does not change the number of instances by itself", "Leave autoscaling out.")

    def maintain(self, on: bool) -> None:
        rules = _rules(self._look())
        wanted = edge_rules.with_ours(rules, self.text) if on else edge_rules.without_ours(rules)
        self.graph.send(documents.SET_EDGE_RULES, edgeRules=wanted)

    def keep_away(self, held: bool) -> None:
        raise errors.Refused("stopping a Railway service leaves automatic deploys as they are", "Leave held out.")

    def _last(self) -> str | Release:
        """The id of the deployment that was stopped or crashed, or the release that was removed: a removed one is only rolled back to."""
        stopped = self.releases.newest(history.SERVING)
        if stopped:
            return str(max(stopped, key=lambda row: row["createdAt"])["id"])
        served = [release for release in self.releases.releases() if release.live_from]
        if not served:
            raise errors.Refused("nothing has served there yet", "Deploy it first.")
        last = max(served, key=lambda release: (release.live_from or release.created_at, release.created_at))
        if last.state == "CRASHED":
            return last.id
        if not last.good:
            raise errors.NotRestorable(f"Railway does not keep the image of {last} any more", HINTS[errors.NotRestorable])
        return last

    def _look(self) -> Row:
        return self.graph.ask(documents.CONDITION)

    def _working(self) -> list[Row]:
        return self.releases.newest(WORKING)

    def _regions(self, data: Row) -> dict[str, int]:
        """How many instances it has by region; of old services only the number and the one region are known."""
        instance, services = data["serviceInstance"], data["environment"]["config"].get("services") or {}
        deploy = (services.get(self.graph.place["serviceId"]) or {}).get("deploy") or {}
        by_region = {region: config["numReplicas"] for region, config in (deploy.get("multiRegionConfig") or {}).items() if config}
        return by_region or {instance["region"] or "": deploy.get("numReplicas") or instance["numReplicas"] or 1}


def _serving(data: Row) -> list[Row]:
    active = data["serviceInstance"]["activeDeployments"]
    return [row for row in active if row["status"] in history.SERVING and not row["deploymentStopped"]]


def _rules(data: Row) -> Any:
    return (data["serviceInstance"]["edgeConfig"] or {}).get("edgeRules")
