"""A service in an environment: its settings, automatic deploys, deploying it again, its cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.railway import edge, rollout
from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import instant, problem
from sandbox.railway.configuration import set_regions
from sandbox.railway.deployments import deployment_row
from sandbox.railway.places import service_row
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway


def instance_of(railway: Railway, caller: Caller, environment: str, service: str, project: str | None = None) -> Row:
    """The instance, when the token reaches it and it is in that project; or the vendor's error."""
    caller.may_touch(environment)
    if project not in (None, railway.book.project["id"]):
        problem("Project not found")
    return railway.book.instance(environment, service)


def get_instance(railway: Railway, caller: Caller, *, environmentId: str, serviceId: str) -> Row:
    instance = instance_of(railway, caller, environmentId, serviceId)
    service = railway.book.services[serviceId]
    created, deployments = instant(railway.book.project["createdAt"]), railway.book.of_instance(instance)
    return {
        "id": f"{environmentId[:18]}{serviceId[18:]}",
        "serviceId": serviceId,
        "serviceName": service["name"],
        "environmentId": environmentId,
        "service": service_row(railway, service),
        "source": {"repo": f"lastgood/{service['name']}", "image": None},
        "activeDeployments": [deployment_row(railway, row) for row in railway.book.active(instance)],
        "latestDeployment": deployment_row(railway, deployments[0]) if deployments else None,
        "createdAt": created,
        "updatedAt": created,
        "deletedAt": None,
        "isUpdatable": False,
        "restartPolicyType": "ON_FAILURE",
        "restartPolicyMaxRetries": 10,
        "watchPatterns": [],
        "edgeConfig": edge.config_row(instance),
        **instance["settings"],
    }


def update_instance(railway: Railway, caller: Caller, *, serviceId: str, input: Row, environmentId: str | None = None) -> bool:
    """Settings count from the next deployment on."""
    instance = instance_of(railway, caller, environmentId or railway.book.project["baseEnvironmentId"], serviceId)
    regions, replicas = input.pop("multiRegionConfig", None), input.pop("numReplicas", None)
    if regions is None and replicas is not None:
        regions = {instance["settings"]["region"]: {"numReplicas": replicas}}
    if regions is not None:
        set_regions(instance, regions)
    instance["settings"].update({name: value for name, value in input.items() if name != "source"})
    return True


def auto_deploy_status(railway: Railway, caller: Caller, *, environmentId: str, projectId: str, serviceId: str) -> Row:
    enabled = instance_of(railway, caller, environmentId, serviceId, projectId)["autoDeploy"]
    return {"enabled": enabled, "canEnable": True, "reason": None if enabled else "MANUAL"}


def update_auto_deploy(railway: Railway, caller: Caller, *, input: Row) -> Row:
    instance = instance_of(railway, caller, input["environmentId"], input["serviceId"], input["projectId"])
    instance["autoDeploy"] = input["enabled"]
    return {"enabled": input["enabled"]}


def redeploy(railway: Railway, caller: Caller, *, environmentId: str, serviceId: str) -> bool:
    deploy_again(railway, instance_of(railway, caller, environmentId, serviceId))
    return True


def deploy_again(railway: Railway, instance: Row) -> None:
    """What serves, or was the last to be tried, with the variables and settings of today."""
    known = railway.book.active(instance) or railway.book.of_instance(instance)
    if not known:
        problem("No deployment found for redeploy")
    rollout.reuse(railway, known[0])


def deploy(railway: Railway, caller: Caller, *, environmentId: str, serviceId: str, commitSha: str | None = None) -> str:
    instance = instance_of(railway, caller, environmentId, serviceId)
    known = [instance["head"], *railway.book.of_instance(instance)]
    source = next((row for row in known if commitSha in (None, row["commit"]["id"])), None) or problem("Commit not found")
    return str(rollout.start(railway, instance, commit=source["commit"], kind=source["kind"], reason="deploy")["id"])


def purge_cache(railway: Railway, caller: Caller, *, input: Row) -> bool:
    """True also where nothing is cached."""
    instance = instance_of(railway, caller, input["environmentId"], input["serviceId"])
    instance["purges"].append({"scope": input["scope"], "at": now_ms()})
    return True


QUERIES: Resolvers = {"serviceInstance": get_instance, "serviceInstanceAutoDeployStatus": auto_deploy_status}
MUTATIONS: Resolvers = {
    "serviceInstanceUpdate": update_instance,
    "serviceInstanceAutoDeployUpdate": update_auto_deploy,
    "serviceInstanceRedeploy": redeploy,
    "serviceInstanceDeployV2": deploy,
    "purgeServiceCache": purge_cache,
}
