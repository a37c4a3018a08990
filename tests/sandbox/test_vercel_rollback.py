"""Rolling back on Vercel: asynchronous, pinning, and all the ways it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.sandbox.vendor_api import Api, candidates, last_request, production

SHOP = ("shop.rachelfoods.test", "www.rachelfoods.test", "m.rachelfoods.test")
Eventually = Callable[[Callable[[], Any]], Any]


def roll_back(vercel: Api, to: str, status: int = 201) -> Any:
    return vercel.send("POST", f"/v1/projects/prj_storefront/rollback/{to}", {}, status)


def served(box: Box) -> list[str]:
    """What each of the shop's domains really answers with."""
    return [requests.get(f"{box.served_url(domain)}/version", timeout=5).json()["release"] for domain in SHOP]


def row(vercel: Api, id: str) -> Any:
    return next(d for d in vercel.get("/v6/deployments", limit=100)["deployments"] if d["uid"] == id)


def test_accepted_is_not_done(box: Box, vercel: Api, eventually: Eventually) -> None:
    good, bad = production(vercel), box.ship("storefront", "breaks-checkout")["release"]
    box.set_latency(**{"vercel.settle": 1.5})
    assert roll_back(vercel, good) is None
    assert last_request(vercel)["jobStatus"] == "pending"
    assert (last_request(vercel)["fromDeploymentId"], last_request(vercel)["toDeploymentId"]) == (bad, good)
    assert production(vercel) == bad
    eventually(lambda: 0 < served(box).count(good) < 3)  # domain after domain
    assert last_request(vercel)["jobStatus"] == "in-progress"
    assert roll_back(vercel, good, 409)["error"]["code"] == "conflict"
    eventually(lambda: last_request(vercel)["jobStatus"] == "succeeded")
    assert production(vercel) == good
    assert served(box) == [good] * 3


def test_zero_latency_is_instant(box: Box, vercel: Api) -> None:
    good = production(vercel)
    box.ship("storefront", "crashing")
    roll_back(vercel, good)
    assert last_request(vercel)["jobStatus"] == "succeeded"
    assert served(box) == [good] * 3


def test_the_request_is_shown_only_on_demand(box: Box, vercel: Api) -> None:
    assert "lastAliasRequest" not in vercel.get("/v9/projects/storefront")
    assert last_request(vercel) is None


def test_a_rollback_pins_the_project_until_a_promotion(box: Box, vercel: Api) -> None:
    good, bad = production(vercel), box.ship("storefront", "breaks-checkout")["release"]
    roll_back(vercel, good)
    assert vercel.get("/v9/projects/storefront")["autoAssignCustomDomains"] is False
    fix = box.ship("storefront", "good")
    assert fix["held"] is True
    assert (row(vercel, fix["release"])["state"], row(vercel, fix["release"])["readySubstate"]) == ("READY", "STAGED")
    assert served(box) == [good] * 3
    assert roll_back(vercel, fix["release"], 422)["error"]["code"] == "not_rollback_candidate"
    vercel.send("POST", f"/v10/projects/prj_storefront/promote/{fix['release']}", {}, 201)
    assert vercel.get("/v9/projects/storefront")["autoAssignCustomDomains"] is True
    assert served(box) == [fix["release"]] * 3
    assert bad in candidates(vercel)


def test_live_from_is_the_first_time_and_stays(box: Box, vercel: Api) -> None:
    good = production(vercel)
    before = row(vercel, good)["aliasAssigned"]
    box.ship("storefront", "breaks-checkout")
    roll_back(vercel, good)
    assert row(vercel, good)["aliasAssigned"] == before


def test_a_domain_aliased_by_hand_stays_behind(box: Box, vercel: Api) -> None:
    good = production(vercel)
    bad = box.ship("storefront", "breaks-checkout")["release"]
    box.control("pin", domain=SHOP[2])
    roll_back(vercel, good)
    assert last_request(vercel)["jobStatus"] == "succeeded"
    assert served(box) == [good, good, bad]
    vercel.send("POST", f"/v2/deployments/{good}/aliases", {"alias": SHOP[2]})
    assert served(box) == [good] * 3


def test_hobby_goes_back_one_release_only(box: Box, vercel: Api) -> None:
    good = production(vercel)
    older = candidates(vercel)[0]
    box.ship("storefront", "breaks-checkout")
    box.control("plan", target="storefront", plan="hobby")
    assert "upgrade to pro" in roll_back(vercel, older, 402)["error"]["message"]
    assert vercel.get("/v9/projects/storefront")["autoAssignCustomDomains"] is True
    roll_back(vercel, good)


def test_what_cannot_be_rolled_back_to(box: Box, vercel: Api) -> None:
    rows = vercel.get("/v6/deployments", projectId="storefront")["deployments"]
    failed = next(d for d in rows if d["state"] == "ERROR")
    preview = next(d for d in rows if d["target"] is None)
    staged = next(d for d in rows if d.get("readySubstate") == "STAGED")
    for never_served in (failed, preview, staged):
        roll_back(vercel, never_served["uid"], 422)
    lost = candidates(vercel)[0]
    box.control("retention", target="storefront", release=lost)
    roll_back(vercel, lost, 410)
    assert lost not in candidates(vercel)
    roll_back(vercel, production(vercel), 409)
    roll_back(vercel, "dpl_unknown", 404)
    roll_back(vercel, production(vercel, "backoffice"), 404)


def test_stuck_is_accepted_and_never_live_until_it_is_let_go(box: Box, vercel: Api) -> None:
    good, bad = production(vercel), box.ship("storefront", "breaks-checkout")["release"]
    box.control("stuck", target="storefront")
    roll_back(vercel, good)
    assert last_request(vercel)["jobStatus"] == "pending"
    assert served(box) == [bad] * 3
    box.control("stuck", target="storefront", on=False)
    assert served(box) == [good] * 3


def test_a_job_can_fail_half_way(box: Box, vercel: Api) -> None:
    good, bad = production(vercel), box.ship("storefront", "breaks-checkout")["release"]
    box.control("fail", target="storefront")
    roll_back(vercel, good)
    assert last_request(vercel)["jobStatus"] == "failed"
    failed = vercel.get("/v9/projects/prj_storefront/rollback/aliases", failedOnly="true")["aliases"]
    assert [alias["alias"] for alias in failed] == [SHOP[2]]
    assert served(box) == [good, good, bad]
    roll_back(vercel, good)
    assert served(box) == [good] * 3


def test_pausing_holds_and_unpausing_lets_go(box: Box, vercel: Api) -> None:
    roll_back(vercel, candidates(vercel)[0])
    vercel.send("POST", "/v1/projects/prj_storefront/pause")
    assert requests.get(box.served_url(SHOP[0]), timeout=5).status_code == 503
    vercel.send("POST", "/v1/projects/prj_storefront/unpause")
    assert vercel.get("/v9/projects/storefront")["autoAssignCustomDomains"] is True
    assert requests.get(box.served_url(SHOP[0]), timeout=5).status_code == 200


@pytest.mark.parametrize("kind", ["failing-build", "slow-build"])
def test_a_build_that_is_not_ready_serves_nothing(box: Box, vercel: Api, kind: str) -> None:
    good = production(vercel)
    if kind == "slow-build":
        box.set_latency(**{"vercel.build": 60})
    shipped = box.ship("storefront", kind)["release"]
    assert row(vercel, shipped)["state"] == {"failing-build": "ERROR", "slow-build": "QUEUED"}[kind]
    assert served(box) == [good] * 3


def test_pages_of_releases_join_without_gap(box: Box, vercel: Api) -> None:
    everything = [d["uid"] for d in vercel.get("/v6/deployments", limit=100)["deployments"]]
    paged: list[str] = []
    until = None
    while until is not None or not paged:
        page = vercel.get("/v6/deployments", limit=4, **({"until": until} if until else {}))
        paged += [d["uid"] for d in page["deployments"]]
        until = page["pagination"]["next"]
    assert paged == everything
