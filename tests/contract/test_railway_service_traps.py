"""What only Railway's services do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.modules import railway_service

from sandbox.railway.access import ACCOUNT_TOKEN
from sandbox.railway.seed import PRODUCTION
from tests.contract.bench import Bench, now, printed_by
from tests.contract.vendors import VENDORS
from tests.vendor_proxy import LOST, Proxy, answering

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "railway"], indirect=True, ids=str),
]
OWN = {"description": "no admin", "priority": 5, "enabled": True, "if": {"attr": "http.path", "op": "matches", "value": "/admin*"}}
RULES = {"version": 1, "rules": [{**OWN, "then": {"action": "block"}}]}


def bring(bench: Bench, check: bool = False, **options: Any) -> dict[str, Any]:
    return printed_by(railway_service.main, check, **{"poll": 0.05, "timeout": 10, **bench.vendor.options(bench.box), **options})


def unavailable(bench: Bench) -> str:
    reason: str = bench.box.state()["serving"]["stock"]["unavailable"]
    return reason


def losing(bench: Bench, operation: str, times: int = 1) -> Proxy:
    """Railway, but the answers to the first so many of these operations are lost."""
    address = bench.vendor.options(bench.box)["api_url"]
    return Proxy(address, answering(LOST, to=lambda call: call.operation == operation, times=times, heard=True))


def instance(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = bench.frozen()["instances"][0]
    return found


def somebody(bench: Bench, document: str, **variables: Any) -> None:
    """A mutation that somebody else makes."""
    answer = requests.post(
        f"{bench.box.vendor_url('railway')}/graphql/v2",
        json={"query": document, "variables": variables},
        headers={"Authorization": f"Bearer {ACCOUNT_TOKEN}"},
        timeout=5,
    )
    assert "errors" not in answer.json(), answer.text


def set_regions(bench: Bench, **replicas: int) -> None:
    service = bench.vendor.options(bench.box)["service"]
    regions = {name.replace("_", "-"): {"numReplicas": count} for name, count in replicas.items()}
    document = "mutation($e: String!, $p: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $p) }"
    somebody(bench, document, e=PRODUCTION, p={"services": {service: {"deploy": {"multiRegionConfig": regions}}}})


def set_rules(bench: Bench, rules: Any) -> None:
    place = {"environmentId": PRODUCTION, "serviceId": bench.vendor.options(bench.box)["service"]}
    document = "mutation($input: UpdateServiceEdgeRulesInput!) { updateServiceEdgeRules(input: $input) { id } }"
    somebody(bench, document, input={**place, "edgeRules": rules})


def test_what_is_on_its_way_does_not_go_live_after_a_stop(bench: Bench) -> None:
    good = bench.served()
    bench.box.set_latency(**{"railway.build": 60})
    pushed = bench.ship("breaks-checkout")["release"]

    assert bring(bench, state="stopped")["changed"]

    assert bench.frozen()["deployments"][pushed]["status"] == "REMOVED"
    assert unavailable(bench) == "DEPLOYMENT_STOPPED"
    bench.box.set_latency(vendors=0)
    bring(bench, state="running")
    assert bench.served() == good


def test_a_number_of_instances_starts_no_deployment(bench: Bench) -> None:
    before = len(bench.frozen()["deployments"])

    bring(bench, instances={"service": 4})

    assert instance(bench)["settings"]["multiRegionConfig"] == {"europe-west4": {"numReplicas": 4}}
    assert len(bench.frozen()["deployments"]) == before


def test_several_regions_are_counted_by_name_and_put_back(bench: Bench, tmp_path: Path) -> None:
    set_regions(bench, europe_west4=3, us_west2=1)
    memory = str(tmp_path / "memory")

    result = bring(bench, instances={"us-west2": 5}, memory=memory)

    assert result["before"]["instances"] == {"europe-west4": 3, "us-west2": 1}
    assert result["after"]["instances"] == {"europe-west4": 3, "us-west2": 5}
    assert bring(bench, instances={"service": 5})["error"] == "Refused"
    assert bring(bench, instances={"us-west2": 0})["error"] == "Refused"
    assert bring(bench, put_back=True, memory=memory)["after"]["instances"] == {"europe-west4": 3, "us-west2": 1}


def test_regions_that_somebody_changed_meanwhile_are_not_guessed(bench: Bench, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    bring(bench, instances={"service": 4}, memory=str(memory))
    set_regions(bench, us_west2=1)

    result = bring(bench, put_back=True, memory=str(memory))

    assert result["error"] == "Refused"
    assert "it runs in other regions now: europe-west4, us-west2; nothing was changed" in result["msg"]
    assert json.loads(memory.read_text())["instances"] == {"service": 2}


def test_other_edge_rules_stay_as_they_were(bench: Bench) -> None:
    set_rules(bench, RULES)
    before = instance(bench)["edgeRules"]

    bring(bench, maintenance=True, maintenance_text="Back at noon.")

    ours, *others = instance(bench)["edgeRules"]["rules"]
    assert (ours["priority"], ours["then"]["params"]) == (4, {"status": 429, "body": "Back at noon."})
    assert others == before["rules"]
    bring(bench, maintenance=False)
    assert instance(bench)["edgeRules"] == before


def test_without_any_other_rule_there_is_none_afterwards(bench: Bench) -> None:
    bring(bench, maintenance=True)
    bring(bench, maintenance=False)

    assert instance(bench)["edgeRules"] is None


def test_a_maintenance_rule_that_was_switched_off_by_hand_is_switched_on(bench: Bench) -> None:
    bring(bench, maintenance=True)
    rules = instance(bench)["edgeRules"]
    set_rules(bench, {**rules, "rules": [{**rules["rules"][0], "enabled": False}]})
    assert not unavailable(bench)

    assert bring(bench, maintenance=True)["changed"]
    assert unavailable(bench) == "BLOCKED_AT_THE_EDGE"


def test_nothing_comes_before_priority_zero(bench: Bench) -> None:
    set_rules(bench, {**RULES, "rules": [{**RULES["rules"][0], "priority": 0}]})  # type: ignore[index]

    for check in (True, False):
        result = bring(bench, check, maintenance=True)
        assert result["error"] == "Refused"
        assert "nothing was changed" in result["msg"]


@pytest.mark.parametrize(
    ("operation", "wish"),
    [
        ("deploymentStop", {"state": "stopped"}),
        ("environmentPatchCommit", {"instances": {"service": 3}}),
        ("updateServiceEdgeRules", {"maintenance": True}),
    ],
)
def test_a_lost_answer_is_read_back(bench: Bench, operation: str, wish: dict[str, Any]) -> None:
    with losing(bench, operation) as proxy:
        result = bring(bench, **wish, api_url=proxy.url)

    assert result["changed"], result
    assert not result.get("failed"), result
    assert not bring(bench, **wish)["changed"]


def test_a_start_whose_answer_is_lost_starts_once(bench: Bench) -> None:
    good = bench.served()
    bring(bench, state="stopped")
    before = len(bench.frozen()["deployments"])

    with losing(bench, "deploymentRedeploy") as proxy:
        assert bring(bench, state="running", api_url=proxy.url)["changed"]

    assert (bench.served(), len(bench.frozen()["deployments"])) == (good, before + 1)


def test_a_start_that_fails_is_no_success(bench: Bench) -> None:
    bring(bench, state="stopped")
    bench.box.control("fail", target="stock")

    result = bring(bench, state="running")

    assert result["error"] == "ActivationFailed"
    assert not bring(bench, state="running").get("failed")
    assert not unavailable(bench)


def test_what_somebody_removed_is_rolled_back_to(bench: Bench) -> None:
    """What is removed cannot be deployed again at Railway."""
    good, id = bench.served(), bench.box.state()["serving"]["stock"]["release"]
    somebody(bench, "mutation($id: String!) { deploymentRemove(id: $id) }", id=id)
    assert unavailable(bench) == "NO_ACTIVE_DEPLOYMENT"

    assert bring(bench, state="running")["changed"]
    assert bench.served() == good


def test_what_crashed_is_started_again_as_it_was(bench: Bench) -> None:
    service = bench.vendor.options(bench.box)["service"]
    document = 'mutation($s: String!) { serviceInstanceUpdate(serviceId: $s, input: { healthcheckPath: "" }) }'
    somebody(bench, document, s=service)
    crashed = bench.ship("crashing")

    result = bring(bench, state="running")

    assert result["error"] == "ActivationFailed", "it crashes once more"
    assert bench.frozen()["deployments"].popitem()[1]["commit"]["id"] == crashed["commit"]


def test_what_was_removed_and_has_no_image_any_more_is_not_replaced_by_another(bench: Bench) -> None:
    id = bench.box.state()["serving"]["stock"]["release"]
    somebody(bench, "mutation($id: String!) { deploymentRemove(id: $id) }", id=id)
    bench.box.control("retention", target="stock", release=id)

    for check in (True, False):
        result = bring(bench, check, state="running")
        assert result["error"] == "NotRestorable"
        assert "nothing was changed" in result["msg"]


def test_a_rolled_back_service_stays_rolled_back_through_a_stop(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    bench.run(bad_at=now())

    bring(bench, state="stopped")
    bring(bench, state="running")

    assert bench.served() == good
    assert instance(bench)["autoDeploy"] is False
