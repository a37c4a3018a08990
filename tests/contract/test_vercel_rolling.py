"""A release rolled out in stages: on, back, and never mistaken for what everybody gets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import release_info, vercel_release, vercel_rolling_release, vercel_variables

from sandbox.testing import Box
from tests.contract.bench import Bench, now, printed_by
from tests.contract.vendors import VENDORS
from tests.vendor_proxy import Answer, Proxy, answering

pytestmark = pytest.mark.once

STAGES = [{"percentage": 10}, {"percentage": 50}, {"percentage": 100}]


class Rolling(Bench):
    def roll(self, state: str, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"poll": 0.05, "timeout": 5, **self.vendor.options(self.box), "state": state, **options}
        return printed_by(vercel_rolling_release.main, check, **given)

    def canary(self, kind: str = "good") -> str:
        """Configured, and a push that started one."""
        self.roll("configured", stages=STAGES)
        release: str = self.ship(kind)["release"]
        return release

    @property
    def production(self) -> str:
        deployment: str = self.box.state()["vercel"]["projects"]["prj_storefront"]["production"]
        return deployment

    @property
    def rollout(self) -> tuple[str, int]:
        run = self.box.state()["vercel"]["projects"]["prj_storefront"]["rollingReleases"][-1]
        return run["state"], run["active"]


@pytest.fixture
def rolling(box: Box) -> Rolling:
    return Rolling(next(vendor for vendor in VENDORS if vendor.module is vercel_release), box)


def test_on_to_everybody_stage_by_stage(rolling: Rolling) -> None:
    base, canary = rolling.production, rolling.canary()

    first = rolling.roll("started", deployment=canary)
    assert (first["changed"], first["rollout"]["percentage"], first["serving"]) == (False, 10, base), "the push has started it"
    half = rolling.roll("advanced", deployment=canary, percentage=50)
    assert (half["changed"], half["rollout"]["percentage"], half["rollout"]["stage"]) == (True, 50, 1)
    assert f"{canary} gets 50 % of the visitors, {base} the others" in half["summary"]
    done = rolling.roll("completed", deployment=canary)
    assert (done["rollout"]["state"], done["serving"], done["held"]) == ("COMPLETE", canary, False)
    assert (rolling.production, rolling.rollout) == (canary, ("COMPLETE", 2))


def test_a_far_stage_is_reached_through_those_before(rolling: Rolling) -> None:
    canary = rolling.canary()

    assert rolling.roll("advanced", deployment=canary, percentage=100)["serving"] == canary
    assert rolling.rollout == ("COMPLETE", 2)


def test_back_for_everybody(rolling: Rolling) -> None:
    base, canary = rolling.production, rolling.canary("breaks-checkout")
    rolling.box.set_latency(**{"vercel.settle": 0.5})

    result = rolling.roll("aborted", deployment=canary)

    assert (result["changed"], result["rollout"]["state"], result["rollout"]["percentage"]) == (True, "ABORTED", 0)
    assert (rolling.production, result["serving"], result["held"]) == (base, base, True)


@pytest.mark.parametrize(
    ("state", "options"),
    [("started", {}), ("advanced", {"percentage": 50}), ("completed", {}), ("aborted", {}), ("configured", {"stages": STAGES})],
)
def test_asked_twice_it_changes_once_and_check_mode_knows(rolling: Rolling, state: str, options: dict[str, Any]) -> None:
    if state == "started":
        rolling.roll("configured", stages=STAGES)
        rolling.run(hold=True)
        options = {"deployment": rolling.ship()["release"]}
    elif state != "configured":
        options = {**options, "deployment": rolling.canary()}
    before = rolling.frozen()

    predicted = rolling.roll(state, check=True, **options)
    assert rolling.frozen() == before
    done = rolling.roll(state, **options)
    assert done["changed"], done
    for key in ("changed", "diff", "stages", "serving", "held"):
        assert predicted[key] == done[key], key
    before = rolling.frozen()
    again = rolling.roll(state, **options)
    assert not again["changed"], again
    assert "unchanged: " in again["summary"]
    assert rolling.frozen() == before


def test_configured_and_switched_off(rolling: Rolling) -> None:
    stages = [{"percentage": 25, "minutes": 5, "linear": True}, {"percentage": 100}]
    result = rolling.roll("configured", stages=stages)
    assert result["stages"] == [{"percentage": 25, "minutes": 5, "linear": True}, {"percentage": 100, "minutes": None, "linear": False}]
    assert result["diff"]["after"]["stages"] == "25 % for 5 min → 100 %"
    assert rolling.roll("disabled")["stages"] is None
    assert not rolling.roll("disabled")["changed"]


@pytest.mark.parametrize(
    "stages",
    [
        [{"percentage": 100}],
        [{"percentage": 50}, {"percentage": 10}, {"percentage": 100}],
        [{"percentage": 10}, {"percentage": 50}],
        [{"percentage": 10, "minutes": 5}, {"percentage": 50}, {"percentage": 100}],
        [{"percentage": 10, "linear": True}, {"percentage": 100}],
    ],
)
def test_stages_that_make_no_sense_are_refused(rolling: Rolling, stages: list[dict[str, Any]]) -> None:
    assert rolling.roll("configured", stages=stages)["error"] == "Refused"


def test_refusals(rolling: Rolling) -> None:
    base = rolling.production
    assert rolling.roll("started", deployment="dpl_x")["hint"] == "Configure them first, with state: configured."
    assert rolling.roll("advanced", deployment=base)["msg"].startswith("state is advanced but")
    canary = rolling.canary()
    before = rolling.frozen()
    for state, options, words in (
        ("started", {"deployment": "dpl_other"}, f"a rolling release of {canary} is under way"),
        ("advanced", {"deployment": canary, "percentage": 40}, "no stage gives 40 %"),
        ("advanced", {"deployment": "dpl_other", "percentage": 50}, "no rolling release of dpl_other is under way"),
        ("completed", {"deployment": "dpl_other"}, "no rolling release of dpl_other"),
        ("aborted", {"deployment": "dpl_other"}, f"is that of {canary}"),
        ("disabled", {}, "is under way"),
    ):
        result = rolling.roll(state, **options)
        assert (result["error"], words in result["msg"]) == ("Refused", True), result
    rolling.roll("completed", deployment=canary)
    assert "Go back with vercel_release" in rolling.roll("aborted", deployment=canary)["hint"]
    assert rolling.roll("started", deployment="dpl_nowhere")["error"] == "NotFound"
    assert rolling.frozen()["projects"]["prj_storefront"]["served"] != before["projects"]["prj_storefront"]["served"]


def test_an_abort_that_never_ends_or_fails_is_no_success(rolling: Rolling) -> None:
    canary = rolling.canary()
    rolling.box.control("fail", target="storefront")
    assert rolling.roll("aborted", deployment=canary)["error"] == "ActivationFailed"
    rolling.box.control("stuck", target="storefront")
    assert rolling.roll("aborted", deployment=canary, timeout=0.3)["error"] == "TimedOut"
    rolling.box.control("stuck", target="storefront", on=False)
    assert not rolling.roll("aborted", deployment=canary).get("failed")


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize(("state", "options", "asked"), [("advanced", {"percentage": 100}, 2), ("completed", {}, 1), ("aborted", {}, 1)])
def test_a_lost_answer_is_read_back_first(rolling: Rolling, state: str, options: dict[str, Any], asked: int, took_effect: bool) -> None:
    canary = rolling.canary()
    disturb = answering(Answer(502), to=lambda call: call.changes, times=99 if took_effect else 1, heard=took_effect)

    with Proxy(rolling.box.vendor_url("vercel"), disturb) as proxy:
        result = rolling.roll(state, deployment=canary, api_url=proxy.url, **options)

    assert (result.get("failed"), result["changed"]) == (None, True), result
    assert len(proxy.changes) == asked + (not took_effect)
    assert rolling.rollout[0] == ("ABORTED" if state == "aborted" else "COMPLETE")


def test_the_plan_may_not_include_it(rolling: Rolling) -> None:
    rolling.box.control("plan", target="storefront", plan="hobby")

    assert rolling.roll("configured", stages=STAGES)["error"] == "NotAuthorised"


def test_a_target_out_of_reach_and_a_bad_token(rolling: Rolling) -> None:
    assert rolling.roll("aborted", reach={})["error"] == "OutOfReach"
    assert rolling.roll("aborted", token="planted-secret")["error"] == "NotAuthorised"


@pytest.mark.parametrize("wish", ["bad_at", "good_at", "release"])
def test_a_rollback_ends_it_and_twice_goes_no_further(rolling: Rolling, wish: str) -> None:
    base, commit, before = rolling.production, rolling.served(), now()
    canary = rolling.canary("breaks-checkout")
    options: dict[str, Any] = {wish: {"bad_at": now(), "good_at": before, "release": base}[wish]}
    predicted = rolling.run(check=True, **options)

    result = rolling.run(**options)

    assert (predicted["changed"], predicted["diff"]) == (True, result["diff"])
    assert (result["from"]["id"], result["to"]["id"], rolling.served()) == (canary, base, commit)
    assert rolling.rollout[0] == "ABORTED"
    again = rolling.run(**options)
    assert (again["changed"], again["to"]["id"]) == (False, base)
    rolling.roll("disabled")
    assert rolling.run(check=True, **options)["to"]["id"] == base, "what was rolled out to some is remembered"


def test_what_serves_some_is_told_and_not_good(rolling: Rolling) -> None:
    canary = rolling.canary()
    seen = printed_by(release_info.main, provider="vercel", service=rolling.vendor.options(rolling.box))

    assert (seen["serving"]["id"], seen["serving"]["good"]) == (canary, False)
    assert "10 % of the visitors" in seen["serving"]["state"]
    assert rolling.run(release=canary)["error"] == "NotRestorable"
    rolling.roll("completed", deployment=canary)
    assert rolling.run(release=canary)["to"]["good"]


def test_variables_are_not_deployed_into_the_middle_of_it(rolling: Rolling) -> None:
    rolling.canary()
    options = {**rolling.vendor.options(rolling.box), "variables": {"LOG_LEVEL": "debug"}, "poll": 0.05}

    assert printed_by(vercel_variables.main, **options)["error"] == "Refused"
    rolling.roll("aborted")
    result = printed_by(vercel_variables.main, **options)
    assert "not everybody gets it yet" in result["msg"], "the configured stages apply to this deployment, too"
