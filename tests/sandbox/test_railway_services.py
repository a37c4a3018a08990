"""Variables, settings, cache and logs of a service at Railway."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.testing import Box
from tests.sandbox.railway_api import PLACE, Railway

VARIABLES = """query($environmentId: String!, $projectId: String!, $serviceId: String, $unrendered: Boolean) {
  variables(environmentId: $environmentId, projectId: $projectId, serviceId: $serviceId, unrendered: $unrendered) }"""
SNAPSHOT = "query($id: String!) { deploymentSnapshot(deploymentId: $id) { variables } }"
HERE = {"environmentId": PLACE["environmentId"], "serviceId": PLACE["serviceId"]}


@pytest.fixture
def railway(box: Box) -> Railway:
    return Railway(box)


def variables(railway: Railway, unrendered: bool = True) -> Any:
    return railway.data(VARIABLES, **PLACE, unrendered=unrendered)["variables"]


def upsert(railway: Railway, **given: Any) -> Any:
    return railway.change("variableCollectionUpsert", "VariableCollectionUpsertInput", **PLACE, **given)


def test_references_are_rendered_unless_asked_otherwise_and_sealed_values_are_kept(railway: Railway) -> None:
    assert variables(railway)["REGION"] == "${{shared.REGION}}"
    assert variables(railway, unrendered=False)["REGION"] == "eu"
    assert "SUPPLIER_KEY" not in variables(railway)
    assert "RAILWAY_PUBLIC_DOMAIN" in variables(railway, unrendered=False)


def test_a_change_deploys_again_unless_told_not_to(box: Box, railway: Railway) -> None:
    before = len(railway.deployments())
    assert upsert(railway, variables={"LOG_LEVEL": "debug"}, skipDeploys=True) is True
    assert (variables(railway)["LOG_LEVEL"], len(railway.deployments())) == ("debug", before)
    upsert(railway, variables={"LOG_LEVEL": "warn"})
    assert (len(railway.deployments()), box.state()["serving"]["stock"]["variables"]["LOG_LEVEL"]) == (before + 1, "warn")
    railway.change("variableDelete", "VariableDeleteInput", **PLACE, name="LOG_LEVEL")
    assert (len(railway.deployments()), "LOG_LEVEL" in variables(railway)) == (before + 2, False)
    railway.change("variableUpsert", "VariableUpsertInput", **PLACE, name="A", value="1", skipDeploys=True)
    upsert(railway, variables={"B": "2"}, replace=True, skipDeploys=True)
    assert variables(railway) == {"B": "2"}


def test_a_deployment_remembers_its_variables_and_a_rollback_brings_them_back(box: Box, railway: Railway) -> None:
    old = railway.deployments()[0]["id"]
    upsert(railway, variables={"CURRENCY": "USD"})
    box.ship("stock")
    assert railway.data(SNAPSHOT, id=old)["deploymentSnapshot"]["variables"]["CURRENCY"] == "EUR"
    railway.do("deploymentRollback", old)
    assert box.state()["serving"]["stock"]["variables"]["CURRENCY"] == "EUR"
    assert variables(railway)["CURRENCY"] == "USD", "the service's own are as they were"


def test_settings_count_from_the_next_deployment_on(railway: Railway) -> None:
    def instances() -> int:
        return len(railway.deployment(railway.deployments()[0]["id"])["instances"])

    document = """mutation($environmentId: String!, $serviceId: String!, $input: ServiceInstanceUpdateInput!) {
      serviceInstanceUpdate(environmentId: $environmentId, serviceId: $serviceId, input: $input) }"""
    railway.data(document, **HERE, input={"numReplicas": 3})
    assert instances() == 2
    again = """mutation($environmentId: String!, $serviceId: String!) {
      serviceInstanceRedeploy(environmentId: $environmentId, serviceId: $serviceId) }"""
    railway.data(again, **HERE)
    assert instances() == 3
    railway.data(document, **HERE, input={"multiRegionConfig": {"europe-west4": {"numReplicas": 4}, "us-east4": {"numReplicas": 1}}})
    railway.data(again, **HERE)
    assert instances() == 5


def test_a_patch_of_the_regions_counts_at_once(railway: Railway) -> None:
    document = "mutation($e: String!, $p: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $p) }"
    before = railway.deployments()
    wanted = {"europe-west4": {"numReplicas": 3}, "us-east4": {"numReplicas": 1}}

    def patch(wanted: Any) -> dict[str, Any]:
        return {"e": HERE["environmentId"], "p": {"services": {HERE["serviceId"]: {"deploy": {"multiRegionConfig": wanted}}}}}

    railway.data(document, **patch(wanted))

    config = railway.data("query($e: String!) { environment(id: $e) { config } }", e=HERE["environmentId"])["environment"]["config"]
    assert config["services"][HERE["serviceId"]]["deploy"]["multiRegionConfig"] == wanted
    assert len(railway.deployment(before[0]["id"])["instances"]) == 4
    assert railway.deployments() == before
    assert "Replicas must be" in railway.refused(document, **patch({"us-east4": {"numReplicas": 60}}))


def test_a_sealed_variable_is_known_by_name_alone(railway: Railway) -> None:
    effective = """query($environmentId: String!, $projectId: String!, $serviceId: String!) {
      variablesForServiceDeployment(environmentId: $environmentId, projectId: $projectId, serviceId: $serviceId) }"""
    names = "query($e: String!) { environment(id: $e) { variables(first: 100) { edges { node { name isSealed serviceId } } } } }"

    shown = railway.data(effective, **PLACE)["variablesForServiceDeployment"]
    edges = railway.data(names, e=HERE["environmentId"])["environment"]["variables"]["edges"]

    assert (shown["SUPPLIER_KEY"], shown["REGION"]) == (None, "eu")
    assert [edge["node"]["name"] for edge in edges if edge["node"]["isSealed"]] == ["SUPPLIER_KEY"]
    assert "sk_stock" not in str(edges)


def test_edge_rules_are_replaced_as_a_whole_or_not_at_all(box: Box, railway: Railway) -> None:
    def update(ruleset: Any) -> Any:
        kind, answer = "UpdateServiceEdgeRulesInput", "{ edgeRules }"
        return railway.change("updateServiceEdgeRules", kind, answer, **HERE, edgeRules=ruleset)["edgeRules"]

    def rule(priority: int, path: str, action: str, **params: Any) -> dict[str, Any]:
        clause = {"attr": "http.path", "op": "matches", "value": path}
        return {"priority": priority, "if": clause, "then": {"action": action, "params": params}}

    assert update({"version": 1, "rules": [rule(10, "/admin*", "block")]})["rules"][0]["id"].startswith("rul_")
    assert not box.state()["serving"]["stock"]["unavailable"]
    update({"version": 1, "rules": [rule(10, "/", "allow"), rule(20, "/*", "block")]})
    assert not box.state()["serving"]["stock"]["unavailable"], "the first that matches decides"
    update({"version": 1, "rules": [rule(10, "/*", "block", status=429)]})
    assert box.state()["serving"]["stock"]["unavailable"] == "BLOCKED_AT_THE_EDGE"
    document = "mutation($input: UpdateServiceEdgeRulesInput!) { updateServiceEdgeRules(input: $input) { id } }"
    wrongs: list[dict[str, Any]] = [{"rules": []}, {"version": 1, "rules": [rule(1, "/*", "block", status=503)]}]
    for wrong in wrongs:
        assert "Invalid edge rules" in railway.refused(document, input={**HERE, "edgeRules": wrong})
    assert update(None) is None


def test_restart_stays_and_remove_takes_down(box: Box, railway: Railway) -> None:
    good = railway.deployments()[0]["id"]
    assert railway.do("deploymentRestart", good) is True
    assert railway.deployment(good)["status"] == "SUCCESS"
    assert railway.do("deploymentRemove", good) is True
    assert box.state()["serving"]["stock"]["unavailable"] == "NO_ACTIVE_DEPLOYMENT"
    document = """mutation($environmentId: String!, $serviceId: String!, $commitSha: String) {
      serviceInstanceDeployV2(environmentId: $environmentId, serviceId: $serviceId, commitSha: $commitSha) }"""
    fresh = railway.data(document, **HERE, commitSha=railway.deployment(good)["meta"]["commitHash"])["serviceInstanceDeployV2"]
    assert box.state()["serving"]["stock"]["release"] == fresh


def test_purging_the_cache_is_always_true(railway: Railway) -> None:
    for _ in range(2):
        assert railway.change("purgeServiceCache", "PurgeServiceCacheInput", **HERE, scope="ALL") is True


def test_what_went_wrong_is_in_the_events_and_the_logs(box: Box, railway: Railway) -> None:
    events = "query($id: String!) { deploymentEvents(id: $id, first: 50) { edges { node { step completedAt payload { error } } } } }"
    logs = "query($id: String!) { %s(deploymentId: $id, limit: 50) { message severity timestamp tags { deploymentId } } }"
    for kind, part, step in (("failing-build", "buildLogs", "BUILD_IMAGE"), ("crashing", "deploymentLogs", "HEALTHCHECK")):
        failed = box.ship("stock", kind)["release"]
        edges = railway.data(events, id=failed)["deploymentEvents"]["edges"]
        assert edges[-1]["node"]["step"] == step
        assert edges[-1]["node"]["payload"]["error"]
        lines = railway.data(logs % part, id=failed)[part]
        assert {line["tags"]["deploymentId"] for line in lines} == {failed}
        assert lines[-1]["severity"] == "error"
