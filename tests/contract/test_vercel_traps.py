"""What only Vercel does."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel import access

from tests.contract.bench import Bench, now
from tests.contract.vendors import VENDORS

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "vercel"], indirect=True, ids=str),
]


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


@pytest.mark.parametrize("name", ["VERCEL_TEAM_ID", "VERCEL_ORG_ID"])
def test_the_team_may_come_from_the_environment(bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "team_lastgood")

    assert not bench.run(good_at=now(), team=None).get("failed")


def test_a_user_in_vercel_org_id_is_no_team(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERCEL_ORG_ID", "PhoNhvAK7RQa4nB1OwUYxrFZ")

    with pytest.raises(AnsibleFallbackNotFound):
        access.team_of_environment()
    assert bench.run(good_at=now(), team=None)["error"] == "NotFound", "the sandbox's projects belong to a team"
