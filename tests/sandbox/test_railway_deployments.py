"""Deployments on Railway: always a new one, behind a health check, and one that is out of service is called REMOVED."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.railway.access import ACCOUNT_TOKEN, PROJECT_TOKEN, WITHOUT_2FA
from sandbox.railway.seed import PROJECT, STAGING
from sandbox.testing import Box
from tests.sandbox.railway_api import PLACE, Railway

Eventually = Callable[[Callable[[], Any]], Any]
AUTO = ("serviceInstanceAutoDeployUpdate", "ServiceInstanceAutoDeployUpdateInput", "{ enabled }")


@pytest.fixture
def railway(box: Box) -> Railway:
    return Railway(box)


def live(railway: Railway) -> Any:
    (one,) = railway.deployments(status={"in": ["SUCCESS"]})
    return one


def served(box: Box) -> Any:
    return requests.get(f"{box.served_url('stock')}/version", timeout=5).json()


def test_a_rollback_says_yes_and_appears_later(box: Box, railway: Railway, eventually: Eventually) -> None:
    good, bad = live(railway), box.ship("stock", "breaks-checkout")["release"]
    box.set_latency(**{"railway.rollback": 2})
    assert railway.do("deploymentRollback", good["id"]) is True
    assert railway.deployments()[0]["id"] == bad
    (fresh,) = eventually(lambda: [row for row in railway.deployments() if row["meta"]["reason"] == "rollback"])
    assert (fresh["status"], fresh["id"] in (good["id"], bad)) == ("DEPLOYING", False)
    assert fresh["meta"]["imageDigest"] == good["meta"]["imageDigest"]
    assert served(box)["release"] == bad
    eventually(lambda: served(box)["release"] == fresh["id"])
    assert railway.deployment(bad)["status"] in ("REMOVING", "REMOVED")


def test_good_old_ones_are_removed_and_can_be_rolled_back_to(railway: Railway) -> None:
    removed = railway.deployments(status={"in": ["REMOVED"]})
    assert removed[0]["canRollback"]
    assert not live(railway)["canRollback"]
    assert [row["id"] for row in railway.deployments(status={"notIn": ["REMOVED", "FAILED"]})] == [live(railway)["id"]]


def test_the_plan_decides_how_long_images_are_kept(box: Box, railway: Railway) -> None:
    before = live(railway)["id"]
    box.ship("stock")
    box.control("plan", target="stock", plan="hobby")
    assert railway.deployment(before)["canRollback"], "it was removed a moment ago"
    assert not railway.deployments(status={"in": ["REMOVED"]})[-1]["canRollback"]
    box.control("retention", target="stock", release=before)
    assert not railway.deployment(before)["canRollback"]
    assert "cannot be rolled back" in railway.refused("mutation($id: String!) { deploymentRollback(id: $id) }", id=before)


def test_a_rollback_does_not_hold_pushes_and_auto_deploy_does(box: Box, railway: Railway) -> None:
    good = live(railway)["id"]
    box.ship("stock", "breaks-checkout")
    railway.do("deploymentRollback", good)
    assert box.ship("stock")["held"] is False
    assert railway.change(*AUTO, **PLACE, enabled=False) == {"enabled": False}
    before = live(railway)["id"]
    assert (box.ship("stock")["held"], live(railway)["id"]) == (True, before)


def test_a_release_that_does_not_start_never_serves(box: Box, railway: Railway) -> None:
    good = live(railway)["id"]
    for kind in ("crashing", "failing-build"):
        failed = railway.deployment(box.ship("stock", kind)["release"])
        assert (failed["status"], failed["canRollback"], served(box)["release"]) == ("FAILED", False, good)


def test_without_a_health_check_it_crashes_in_service(box: Box, railway: Railway) -> None:
    document = """mutation($e: String, $s: String!, $i: ServiceInstanceUpdateInput!) {
      serviceInstanceUpdate(environmentId: $e, serviceId: $s, input: $i) }"""
    railway.data(document, e=PLACE["environmentId"], s=PLACE["serviceId"], i={"healthcheckPath": None})
    crashed = box.ship("stock", "crashing")["release"]
    assert railway.deployment(crashed)["status"] == "CRASHED"
    assert requests.get(f"{box.served_url('stock')}/health", timeout=5).status_code == 503


def test_a_build_that_was_cancelled_is_called_removed_and_one_that_was_superseded_is_not_in_the_schema(box: Box, railway: Railway) -> None:
    box.set_latency(**{"railway.build": 60})
    first, second, third = (box.ship("stock")["release"] for _ in range(3))
    assert [railway.deployment(id)["status"] for id in (first, second, third)] == ["BUILDING", "CANCELLED", "QUEUED"]
    railway.do("deploymentCancel", first)
    assert [railway.deployment(id)["status"] for id in (first, third)] == ["REMOVED", "BUILDING"]
    assert not railway.deployment(first)["canRollback"]


def test_a_stopped_one_is_still_called_a_success(box: Box, railway: Railway) -> None:
    good = live(railway)["id"]
    railway.do("deploymentStop", good)
    stopped = railway.deployment(good)
    assert (stopped["status"], stopped["deploymentStopped"], stopped["instances"][0]["status"]) == ("SUCCESS", True, "STOPPED")
    assert requests.get(f"{box.served_url('stock')}/health", timeout=5).status_code == 503
    railway.data("mutation($id: String!) { deploymentRedeploy(id: $id) { id status } }", id=good)
    assert served(box)["commit"] == stopped["meta"]["commitHash"]


def test_a_push_can_fail_after_it_was_accepted(box: Box, railway: Railway) -> None:
    good = live(railway)["id"]
    bad = box.ship("stock", "breaks-checkout")["release"]
    box.control("fail", target="stock")
    railway.do("deploymentRollback", good)
    assert (railway.deployments()[0]["status"], live(railway)["id"]) == ("FAILED", bad)


@pytest.mark.parametrize(
    ("header", "token", "words"),
    [
        ("Project-Access-Token", "made-up", "Project Token not found"),
        ("Project-Access-Token", ACCOUNT_TOKEN, "Project Token not found"),
        ("Authorization", f"Bearer {PROJECT_TOKEN}", "Not Authorized"),
        ("Authorization", f"Bearer {WITHOUT_2FA}", "Two Factor Authentication Required"),
        ("X-Nothing", "", "Not Authorized"),
    ],
)
def test_each_token_has_its_own_header(box: Box, header: str, token: str, words: str) -> None:
    assert Railway(box, token, header).refused("query($id: String!) { project(id: $id) { name } }", id=PROJECT) == words


def test_a_project_token_is_for_one_environment_and_an_account_s_for_all(box: Box, railway: Railway) -> None:
    document = "query($e: String!, $s: String!) { serviceInstance(environmentId: $e, serviceId: $s) { activeDeployments { id } } }"
    staging = {"e": STAGING, "s": PLACE["serviceId"]}
    assert railway.refused("query { me { id } }") == "Not Authorized"
    assert railway.refused(document, **staging) == "Not Authorized"
    assert Railway(box, f"Bearer {ACCOUNT_TOKEN}", "Authorization").data(document, **staging)["serviceInstance"]["activeDeployments"] == []
    assert railway.refused(document, e=PLACE["environmentId"], s="nowhere") == "ServiceInstance not found"


def test_too_many_calls_are_told_when_to_come_back(box: Box, railway: Railway) -> None:
    box.control("rates", on=True)
    box.control("rates", bucket="railway.calls", limit=1, seconds=30)
    first, second = (railway.call("query { projectToken { projectId } }") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert "Retry-After" not in first.headers
    assert 1 <= int(second.headers["Retry-After"]) <= 30


def test_pages_join_without_gap(railway: Railway) -> None:
    document = """query($input: DeploymentListInput!, $after: String) {
      deployments(first: 3, after: $after, input: $input) { edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
    paged: list[str] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answer = railway.data(document, input=PLACE, after=page["endCursor"])["deployments"]
        paged += [edge["node"]["id"] for edge in answer["edges"]]
        page = answer["pageInfo"]
    assert paged == [row["id"] for row in railway.deployments()]
