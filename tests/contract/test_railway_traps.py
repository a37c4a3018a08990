"""What only Railway does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from sandbox.railway.access import ACCOUNT_TOKEN, WITHOUT_2FA
from sandbox.railway.seed import PRODUCTION, PROJECT, STAGING
from tests.contract.bench import Bench, now
from tests.contract.vendors import VENDORS

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "railway"], indirect=True, ids=str),
]
PLACE: dict[str, Any] = {"project": PROJECT, "environment": PRODUCTION}


def do(bench: Bench, mutation: str, deployment: str) -> None:
    """A mutation that somebody else makes."""
    headers = {"Authorization": f"Bearer {ACCOUNT_TOKEN}"}
    body = {"query": f"mutation($id: String!) {{ {mutation}(id: $id) }}", "variables": {"id": deployment}}
    answer = requests.post(f"{bench.box.vendor_url('railway')}/graphql/v2", json=body, headers=headers, timeout=5)
    assert answer.json() == {"data": {mutation: True}}


def deployments(bench: Bench) -> dict[str, Any]:
    return bench.frozen()["deployments"]


@contextmanager
def as_soon_as_it_is_accepted(bench: Bench, act: Callable[[], Any]) -> Iterator[None]:
    """Acts once the rollback was accepted and before its deployment appears."""

    def watch() -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if any(step["step"] == "railway.rolled_back" for step in bench.box.state()["schedule"]):
                act()
                return

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    thread.join()


def test_the_rollback_is_found_among_two_new_deployments_by_what_it_runs(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    moment = now()
    bench.box.set_latency(**{"railway.rollback": 5, "railway.build": 0, "railway.deploy": 0})
    shipped: list[str] = []

    with as_soon_as_it_is_accepted(bench, lambda: shipped.append(bench.ship()["release"])):
        result = bench.run(bad_at=moment, hold=False, timeout=0.1)
    assert result["error"] == "TimedOut"
    assert "POST deploymentRollback" in result["msg"], "the call is named, not its address"
    bench.box.set_latency(vendors=0)
    result = bench.run(bad_at=moment, hold=False, timeout=20)

    assert shipped
    assert result["serving"]["artifact"] == bench.served() == good
    assert result["serving"]["id"] not in (result["to"]["id"], *shipped)


def test_a_rollback_that_a_newer_push_superseded_has_failed(bench: Bench) -> None:
    """Its status is not in Railway's schema."""
    bench.ship("breaks-checkout")
    bench.box.set_latency(**{"railway.rollback": 8, "railway.build": 60})

    def push() -> None:
        bench.ship()
        seen = set(deployments(bench))
        while not set(deployments(bench)) - seen:
            time.sleep(0.01)
        bench.ship()

    with as_soon_as_it_is_accepted(bench, push):
        result = bench.run(bad_at=now(), hold=False, timeout=20)

    assert result["error"] == "ActivationFailed"
    assert "ended as CANCELLED, another one keeps serving" in result["msg"]


def test_a_cancelled_build_is_called_removed_and_has_not_served(bench: Bench) -> None:
    serving = bench.served()
    bench.box.set_latency(**{"railway.build": 60})
    cancelled = bench.ship()["release"]
    do(bench, "deploymentCancel", cancelled)
    assert deployments(bench)[cancelled]["status"] == "REMOVED"

    result = bench.run(bad_at=now())

    assert result["from"]["artifact"] == serving
    assert result["to"]["artifact"] not in (serving, deployments(bench)[cancelled]["commit"]["id"])


def test_good_old_ones_are_called_removed(bench: Bench) -> None:
    bench.ship("breaks-checkout")

    assert bench.run(bad_at=now())["to"]["state"] == "REMOVED"


def test_the_latest_deployment_may_be_one_that_failed(bench: Bench) -> None:
    good = bench.served()
    bench.ship("crashing")

    result = bench.run(good_at=now(), hold=False)

    assert (result["changed"], result["serving"]["artifact"]) == (False, good)


def test_a_stopped_deployment_is_a_success_that_serves_nothing(bench: Bench) -> None:
    good = bench.served()
    do(bench, "deploymentStop", bench.ship("breaks-checkout")["release"])

    result = bench.run(bad_at=now())

    assert result["from"] is None
    assert bench.served() == good


def test_what_crashed_in_service_did_serve_and_is_not_gone_back_to(bench: Bench) -> None:
    good = bench.served()
    url, headers = f"{bench.box.vendor_url('railway')}/graphql/v2", {"Authorization": f"Bearer {ACCOUNT_TOKEN}"}
    document = 'mutation($service: String!) { serviceInstanceUpdate(serviceId: $service, input: { healthcheckPath: "" }) }'
    service = bench.vendor.options(bench.box)["service"]
    requests.post(url, json={"query": document, "variables": {"service": service}}, headers=headers, timeout=5).raise_for_status()
    crashed = bench.ship("crashing")

    assert bench.run(release=crashed["release"])["error"] == "NotRestorable"
    assert bench.run(bad_at=now())["to"]["artifact"] == bench.served() == good


def test_somebody_else_s_rollback_is_respected(bench: Bench) -> None:
    good, id = bench.served(), bench.run(check=True, good_at=now())["from"]["id"]
    bad = bench.ship("breaks-checkout")
    do(bench, "deploymentRollback", id)

    result = bench.run(check=True, bad_at=now())

    assert result["from"]["artifact"] == good
    assert result["to"]["artifact"] not in (good, bad["commit"])
    assert bench.run(check=True, release=bad["release"])["to"]["artifact"] == bad["commit"], "by name it can be had"


def test_variables_come_back_with_the_image(bench: Bench) -> None:
    old = bench.box.state()["serving"]["stock"]["variables"]
    url, headers = f"{bench.box.vendor_url('railway')}/graphql/v2", {"Authorization": f"Bearer {ACCOUNT_TOKEN}"}
    given = {"projectId": PROJECT, "environmentId": PRODUCTION, "serviceId": bench.vendor.options(bench.box)["service"]}
    document = "mutation($input: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $input) }"
    body = {"query": document, "variables": {"input": {**given, "variables": {"CURRENCY": "USD"}, "skipDeploys": True}}}
    requests.post(url, json=body, headers=headers, timeout=5).raise_for_status()
    bench.ship("breaks-checkout")

    bench.run(bad_at=now())

    assert bench.box.state()["serving"]["stock"]["variables"] == old


def test_automatic_deploys_are_off_before_the_rollback_is_asked_for(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    bench.box.control("fail", target="stock")

    assert bench.run(bad_at=now())["error"] == "ActivationFailed"
    assert bench.frozen()["instances"][0]["autoDeploy"] is False


def test_a_project_token_for_another_environment_says_so(bench: Bench) -> None:
    result = bench.run(bad_at=now(), **PLACE | {"environment": STAGING})

    assert result["error"] == "NotAuthorised"
    assert "Not Authorized; nothing was changed" in result["msg"]


def test_an_account_s_token_needs_to_be_told_where(bench: Bench) -> None:
    account: dict[str, Any] = {"token": None, "api_token": ACCOUNT_TOKEN}

    assert not bench.run(good_at=now(), **account, **PLACE).get("failed")
    assert "project and environment are needed too; nothing was changed" in bench.run(good_at=now(), **account)["msg"]


def test_the_project_s_token_wins_over_the_account_s(bench: Bench) -> None:
    assert not bench.run(good_at=now(), api_token="made-up").get("failed")


def test_without_any_token_both_variables_are_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RAILWAY_TOKEN", "RAILWAY_API_TOKEN"):
        monkeypatch.delenv(variable, raising=False)

    assert "RAILWAY_TOKEN, RAILWAY_API_TOKEN" in bench.run(good_at=now(), token=None)["hint"]


def test_a_second_factor_is_asked_for_in_the_workspace_s_name(bench: Bench) -> None:
    result = bench.run(good_at=now(), token=None, api_token=WITHOUT_2FA, **PLACE)

    assert result["error"] == "NotAuthorised"
    assert "Two Factor Authentication Required (workspace Lastgood)" in result["msg"]
