"""A release goes out stage by stage; a bad one is taken back by itself, wherever the run was cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.addresses import STOREFRONT
from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import checkout_works, everything, served
from tests.playbooks.scenarios import Broken, Scenario, killed
from tests.sandbox import vendor_api

pytestmark = pytest.mark.once
STAGES = [{"targetPercentage": 10}, {"targetPercentage": 50}, {"targetPercentage": 100}]
ROLLING = {"enabled": True, "advancementType": "manual-approval", "stages": STAGES}
PROJECT = "/v1/projects/storefront/rolling-release"


def running(operator: Operator) -> Callable[..., Ran]:
    def run(*arguments: str, **more: Any) -> Ran:
        return operator.run("--limit", "storefront", *arguments, playbook="playbooks/rollout.yml", **more)

    return run


def projects(box: Box) -> list[dict[str, Any]]:
    """The storefront as Vercel has it."""
    return [row for row in box.state()["vercel"]["projects"].values() if row["name"] == "storefront"]


def rolled_out(box: Box, kind: str) -> str:
    """A push that only some visitors get; its deployment."""
    vendor_api.vercel(box).send("PATCH", f"{PROJECT}/config", ROLLING)
    return str(box.ship("storefront", kind)["release"])


def test_started_by_name_looked_at_in_each_stage_and_complete(box: Box, operator: Operator) -> None:
    run, before = running(operator), served(box)
    vendor_api.vercel(box).send("PATCH", "/v9/projects/storefront", {"autoAssignCustomDomains": False})
    shipped = box.ship("storefront", "good")
    assert served(box) == before
    standing = everything(box)

    refused = run()
    assert (refused.code, "nothing is being rolled out at storefront" in refused.words) == (2, True), refused.screen
    planned = run("--check", "--diff", deployment=shipped["release"])
    assert planned.code == 0, planned.screen
    assert "goes out to 10 % → 50 % → 100 % of the visitors" in planned.words
    assert everything(box) == standing

    ran = run(deployment=shipped["release"])
    assert ran.code == 0, ran.screen
    assert all(f"at {share} %: 5 of 5 flows pass" in ran.words for share in (10, 50, 100))
    now = served(box)
    assert {address for address in now if now[address] != before[address]} == set(STOREFRONT)
    assert not operator.incidents()
    again = run(deployment=shipped["release"])
    assert (again.code, again.totals) == (0, (1, 0, 0)), again.screen


def test_it_goes_on_from_the_stage_that_it_is_in(box: Box, operator: Operator) -> None:
    canary = rolled_out(box, "good")
    step = {"activeStageIndex": 0, "nextStageIndex": 1, "canaryDeploymentId": canary}
    vendor_api.vercel(box).send("POST", f"{PROJECT}/approve-stage", step)

    ran = running(operator)()

    assert ran.code == 0, ran.screen
    assert "goes out to 50 % → 100 % of the visitors" in ran.words
    assert "at 10 %" not in ran.words


def test_a_bad_one_is_taken_back_also_by_a_run_after_one_that_was_killed(box: Box, operator: Operator) -> None:
    run, before = running(operator), served(box)
    rolled_out(box, "breaks-checkout")
    broken = Broken(Scenario("rollout", lambda box: {}), box, operator)
    broken.remember("bad")

    ran = run()
    assert ran.code == 11, ran.screen
    assert "was taken back" in ran.words
    assert "at 50 %" not in ran.words
    assert [row["rollingReleases"][-1]["state"] for row in projects(box)] == ["ABORTED"]
    assert [served(box) for _ in range(2)] == [before, before]
    assert checkout_works(box)
    assert (operator.fields()["scenario"], operator.fields()["verdict"]) == ("rollout", "RESTORED")
    left, lines = everything(box), broken.lines()
    again = run()
    assert (again.code, again.totals) == (11, (1, 0, 0)), again.screen

    for line in (3, lines // 2, lines - 1):
        broken.recall("bad")
        killed(run, line)
        assert run().code == 11
        assert everything(box) == left


def test_one_that_nobody_can_judge_is_taken_back_too(box: Box, operator: Operator) -> None:
    before = served(box)
    rolled_out(box, "good")
    flow = {"name": "checkout page", "url": "http://127.0.0.1:9/checkout", "expect": {"status": 200}}

    ran = running(operator)(flows={"rollout": [flow]})

    assert ran.code == 12, ran.screen
    assert "it is taken back, at 10 %" in ran.words
    assert served(box) == before
