"""Rolling releases at the Vercel emulator: as the vendor describes them, and as its own command line drives them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.spec import specification
from tests.sandbox.test_vercel_cli import Cli
from tests.sandbox.test_vercel_cli import cli as cli
from tests.sandbox.test_vercel_cli import executable as executable
from tests.sandbox.vendor_api import Api, last_request, production

ROLLING = "/v1/projects/storefront/rolling-release"
BY_HAND = {"enabled": True, "advancementType": "manual-approval", "stages": [{"targetPercentage": share} for share in (10, 50, 100)]}
BY_TIME = {
    "enabled": True,
    "advancementType": "automatic",
    "stages": [{"targetPercentage": 25, "duration": 5}, {"targetPercentage": 100}],
}


@pytest.fixture
def checked(box: Box) -> Api:
    return vendor_api.vercel(box, specification("vercel/openapi-2025-10-27.json", "vercel/addendum-2026-11.json"))


def state(api: Api) -> Any:
    return api.get(ROLLING)["rollingRelease"]


def shown(box: Box, calls: int = 100) -> dict[str, int]:
    """How many of so many calls to the shop each commit answers."""
    with requests.Session() as visitor:
        commits = [visitor.get(f"{box.served_url('shop.rachelfoods.test')}/version", timeout=5).json()["commit"] for _ in range(calls)]
    return {commit: commits.count(commit) for commit in commits}


def test_stage_after_stage_until_everybody_gets_it(box: Box, checked: Api) -> None:
    base = box.state()["serving"]["shop.rachelfoods.test"]["commit"]
    assert checked.send("PATCH", f"{ROLLING}/config", BY_HAND)["rollingRelease"]["stages"][0]["requireApproval"]
    assert checked.get(f"{ROLLING}/config")["rollingRelease"]["target"] == "production"
    canary = box.ship("storefront", "good")

    assert state(checked)["activeStage"]["targetPercentage"] == 10
    assert shown(box) == {base: 90, canary["commit"]: 10}
    approved = checked.send("POST", f"{ROLLING}/approve-stage", {"nextStageIndex": 1, "canaryDeploymentId": canary["release"]})
    assert approved["rollingRelease"]["nextStage"]["targetPercentage"] == 100
    assert shown(box) == {base: 50, canary["commit"]: 50}
    checked.send("POST", f"{ROLLING}/approve-stage", {"nextStageIndex": 1, "canaryDeploymentId": canary["release"]}, status=400)
    done = checked.send("POST", f"{ROLLING}/complete", {"canaryDeploymentId": canary["release"]})
    assert done["rollingRelease"]["state"] == "COMPLETE"
    assert (production(checked), shown(box)) == (canary["release"], {canary["commit"]: 100})
    assert checked.send("DELETE", f"{ROLLING}/config") == {"rollingRelease": None}


def test_a_rollback_to_the_base_ends_it(box: Box, checked: Api) -> None:
    base = production(checked)
    checked.send("PATCH", f"{ROLLING}/config", BY_HAND)
    canary = box.ship("storefront", "breaks-checkout")
    later = box.ship("storefront", "good")
    assert state(checked)["queuedDeploymentId"] == later["release"]

    checked.send("POST", f"/v9/projects/prj_storefront/rollback/{base}", {}, 201)

    assert (state(checked)["state"], state(checked)["activeStage"], production(checked)) == ("ABORTED", None, base)
    assert last_request(checked)["fromRollingReleaseId"] == canary["release"]
    assert list(shown(box, 20).values()) == [20]
    assert checked.get(ROLLING, state="ACTIVE")["rollingRelease"] is None


def test_what_is_promoted_or_started_is_rolled_out_too(box: Box, checked: Api) -> None:
    checked.send("PATCH", "/v9/projects/storefront", {"autoAssignCustomDomains": False})
    first, second = (box.ship("storefront", "good")["release"] for _ in range(2))
    checked.send("POST", f"{ROLLING}/start", {"canaryDeploymentId": first}, status=400)
    checked.send("PATCH", f"{ROLLING}/config", BY_HAND)

    for _again in range(2):
        checked.send("POST", f"{ROLLING}/start", {"canaryDeploymentId": first})
    checked.send("POST", f"{ROLLING}/start", {"canaryDeploymentId": second}, status=409)
    checked.send("POST", f"/v10/projects/prj_storefront/promote/{second}", {}, 202)

    assert (state(checked)["canaryDeployment"]["id"], state(checked)["queuedDeploymentId"]) == (first, second)
    checked.send("POST", f"{ROLLING}/complete", {"canaryDeploymentId": first})
    assert (production(checked), state(checked)["canaryDeployment"]["id"]) == (first, second)
    checked.send("POST", f"{ROLLING}/start", {"canaryDeploymentId": "dpl_unknown"}, status=404)


def test_minutes_when_configured_are_seconds_when_running(box: Box, checked: Api) -> None:
    box.set_latency(**{"vercel.minute": 60})
    checked.send("PATCH", f"{ROLLING}/config", BY_TIME)
    box.ship("storefront", "good")

    assert checked.get(f"{ROLLING}/config")["rollingRelease"]["stages"][0]["duration"] == 5
    assert state(checked)["activeStage"]["duration"] == 300


def test_stages_follow_each_other_by_themselves(box: Box, checked: Api) -> None:
    checked.send("PATCH", f"{ROLLING}/config", BY_TIME)
    canary = box.ship("storefront", "good")["release"]

    assert (state(checked)["state"], production(checked)) == ("COMPLETE", canary)


@pytest.mark.parametrize("stages", [[100], [50, 10, 100], [10, 50]])
def test_stages_that_make_no_sense(checked: Api, stages: list[int]) -> None:
    config = {**BY_HAND, "stages": [{"targetPercentage": share} for share in stages]}
    checked.send("PATCH", f"{ROLLING}/config", config, status=400)


def test_the_vendors_command_line(box: Box, vercel: Api, cli: Cli) -> None:
    def roll(*arguments: str) -> str:
        return cli("rolling-release", *arguments, "--project", "storefront")

    base = production(vercel)
    told = roll("configure", "--enable", "--advancement-type=manual-approval", "--stage=10", "--stage=50")
    assert "Successfully configured" in told
    canary = box.ship("storefront", "good")["release"]
    roll("approve", "--dpl", canary, "--currentStageIndex=0")
    assert state(vercel)["activeStage"]["targetPercentage"] == 50
    roll("abort", "--dpl", base)
    assert (state(vercel)["state"], production(vercel)) == ("ABORTED", base)
