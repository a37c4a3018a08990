"""What only Vercel does."""

from __future__ import annotations

import pytest

from tests.contract.bench import Bench, now
from tests.contract.vendors import VENDORS

pytestmark = pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "vercel"], indirect=True, ids=str)


def test_the_hobby_plan_goes_back_one_deployment_only(bench: Bench) -> None:
    oldest = bench.run(check=True, good_at="2001-01-01T00:00:00Z")["hint"].rsplit(", ", 1)[-1].split()[0]
    bench.box.control("plan", target="storefront", plan="hobby")

    result = bench.run(release=oldest)

    assert result["error"] == "PlanLimit"
    assert "Hobby" in result["hint"]


def test_an_alias_set_by_hand_is_named_when_it_lags(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    bench.box.control("pin", domain="www.rachelfoods.test")
    urls = [f"{bench.box.served_url(f'{name}.rachelfoods.test')}/version" for name in ("shop", "www", "m")]

    result = bench.run(bad_at=now(), version_urls=urls, version_timeout=0.3)

    assert result["error"] == "NotLive"
    assert f"not on 1 of 3 addresses: {urls[1]} serves" in result["msg"]
    assert "alias set by hand" in result["hint"]


def test_a_rollback_by_somebody_else_is_respected(bench: Bench) -> None:
    good = bench.served()
    bad = bench.ship("breaks-checkout")
    bench.run(bad_at=now())

    result = bench.run(check=True, good_at=now())

    assert result["to"]["artifact"] == good
    assert bench.run(release=bad["release"], check=True)["to"]["artifact"] == bad["commit"]


def test_a_personal_account_has_no_team(bench: Bench) -> None:
    result = bench.run(good_at=now(), team="user_of_somebody")

    assert result["error"] in ("NotAuthorised", "NotFound")
