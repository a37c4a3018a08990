"""What only Railway's variables do."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.modules import railway_variables, variables_info

from sandbox.railway.access import ACCOUNT_TOKEN
from sandbox.railway.seed import PRODUCTION, PROJECT
from tests.contract.bench import Bench, now, printed_by
from tests.contract.test_railway_service_traps import losing
from tests.contract.vendors import VENDORS
from tests.vendor_proxy import Answer, Exchange, Forward, Proxy, afterwards

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "railway"], indirect=True, ids=str),
]
SECRET = "planted-secret"


def put(bench: Bench, **options: Any) -> dict[str, Any]:
    return printed_by(railway_variables.main, **{"poll": 0.05, "timeout": 10, **bench.vendor.options(bench.box), **options})


def configured(bench: Bench) -> dict[str, str]:
    """The service's own variables, the sealed ones too, as they are written."""
    variables: dict[str, str] = bench.frozen()["instances"][0]["variables"]
    return variables


def running(bench: Bench) -> dict[str, str]:
    variables: dict[str, str] = bench.box.state()["serving"]["stock"]["variables"]
    return variables


def count(bench: Bench) -> int:
    return len(bench.frozen()["deployments"])


def somebody_sets(bench: Bench, shared: bool = False, **variables: str) -> None:
    service = {} if shared else {"serviceId": bench.vendor.options(bench.box)["service"]}
    given = {"projectId": PROJECT, "environmentId": PRODUCTION, **service, "variables": variables, "skipDeploys": True}
    document = "mutation($input: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $input) }"
    answer = requests.post(
        f"{bench.box.vendor_url('railway')}/graphql/v2",
        json={"query": document, "variables": {"input": given}},
        headers={"Authorization": f"Bearer {ACCOUNT_TOKEN}"},
        timeout=5,
    )
    assert answer.json() == {"data": {"variableCollectionUpsert": True}}


def test_a_reference_stays_a_reference(bench: Bench) -> None:
    """Its deployment remembers only what it stood for."""
    moment = now()
    somebody_sets(bench, shared=True, REGION="us")
    put(bench, variables={"CURRENCY": "USD", "LOG_LEVEL": None})

    result = put(bench, as_of=moment)

    assert result["written"] == ["CURRENCY", "LOG_LEVEL"]
    assert (configured(bench)["REGION"], configured(bench)["CURRENCY"]) == ("${{shared.REGION}}", "EUR")
    assert configured(bench)["PUBLIC_URL"] == "https://${{RAILWAY_PUBLIC_DOMAIN}}"
    assert not put(bench, as_of=moment)["changed"]


def test_what_is_captured_are_references_and_not_what_they_stand_for(bench: Bench) -> None:
    seen = printed_by(variables_info.main, provider="railway", service=bench.vendor.options(bench.box))

    assert sorted(seen["variables"]) == ["CURRENCY", "LOG_LEVEL", "PUBLIC_URL", "REGION"], "and none of Railway's own"
    assert seen["unreadable"] == ["SUPPLIER_KEY"]


def test_a_sealed_one_survives_a_removal(bench: Bench) -> None:
    put(bench, variables={"LOG_LEVEL": None})

    assert configured(bench)["SUPPLIER_KEY"] == running(bench)["SUPPLIER_KEY"] == "sk_stock_8fQ2"


def test_a_sealed_one_survives_even_when_railway_does_not_mention_it(bench: Bench) -> None:
    def unmentioned(call: Exchange, forward: Forward) -> Answer:
        answer = forward()
        if call.operation != "variables":
            return answer
        body = answer.json()
        del body["data"]["variablesForServiceDeployment"]["SUPPLIER_KEY"]
        return answer.with_json(body)

    with Proxy(bench.vendor.options(bench.box)["api_url"], unmentioned) as proxy:
        result = put(bench, variables={"LOG_LEVEL": None}, api_url=proxy.url)

    assert result["removed"] == ["LOG_LEVEL"]
    assert configured(bench)["SUPPLIER_KEY"] == "sk_stock_8fQ2"


def test_without_a_sealed_one_a_removal_deploys_nothing_by_itself(bench: Bench) -> None:
    put(bench, variables={"SUPPLIER_KEY": None})
    before = count(bench)

    put(bench, variables={"LOG_LEVEL": None, "CURRENCY": "USD"}, redeploy="never")

    assert (count(bench), "LOG_LEVEL" in configured(bench), configured(bench)["CURRENCY"]) == (before, False, "USD")
    put(bench, variables={"LOG_LEVEL": None, "CURRENCY": "USD"})
    assert (count(bench), "LOG_LEVEL" in running(bench)) == (before + 1, False)


def test_half_of_a_removal_never_serves(bench: Bench) -> None:
    """While a service has a sealed variable each removal starts a deployment."""
    before = set(bench.frozen()["deployments"])
    bench.box.set_latency(**{"railway.rollback": 0.6})

    put(bench, variables={"LOG_LEVEL": None, "CURRENCY": None, "REGION": None})

    fresh = [row for id, row in bench.frozen()["deployments"].items() if id not in before]
    served = [row for row in fresh if any(event["step"] == "DRAIN_INSTANCES" for event in row["events"])]
    assert [set(row["snapshot"]["variables"]) for row in served] == [{"PUBLIC_URL", "SUPPLIER_KEY"}]


@pytest.mark.parametrize("operation", ["variableCollectionUpsert", "variableDelete", "deploymentRedeploy"])
def test_a_lost_answer_changes_and_deploys_nothing_twice(bench: Bench, operation: str) -> None:
    before = count(bench)
    with losing(bench, operation) as proxy:
        gone: dict[str, Any] = {"LOG_LEVEL": None} if operation == "variableDelete" else {}
        result = put(bench, variables={"CURRENCY": SECRET, **gone}, api_url=proxy.url)

    assert not result.get("failed"), result
    assert running(bench)["CURRENCY"] == SECRET
    assert count(bench) == before + 1
    assert SECRET not in str(result)


def test_answers_that_are_always_lost_fail_and_the_next_run_ends_it(bench: Bench) -> None:
    with losing(bench, "deploymentRedeploy", times=9) as proxy:
        bench.box.control("stuck", target="stock")
        result = put(bench, variables={"CURRENCY": SECRET}, api_url=proxy.url, timeout=1)
    bench.box.control("stuck", target="stock", on=False)

    assert result["error"] in ("Unanswered", "TimedOut"), result
    assert "nothing was changed" not in result["msg"]
    assert SECRET not in str(result)
    assert put(bench, variables={"CURRENCY": SECRET})["written"] == []
    assert running(bench)["CURRENCY"] == SECRET


def test_what_somebody_changes_meanwhile_is_no_success(bench: Bench) -> None:
    meddling = afterwards(lambda call: call.operation == "deploymentRedeploy", lambda: somebody_sets(bench, CURRENCY="USD"))

    with Proxy(bench.vendor.options(bench.box)["api_url"], meddling) as proxy:
        result = put(bench, variables={"LOG_LEVEL": "debug"}, api_url=proxy.url)

    assert result["error"] == "ActivationFailed"
    assert "with another CURRENCY than it has today" in result["msg"]


def test_the_image_that_serves_is_deployed_and_not_built_again(bench: Bench) -> None:
    bench.ship("failing-build")
    before = bench.box.state()["serving"]["stock"]["release"]

    result = put(bench, variables={"LOG_LEVEL": "debug"})

    rows = bench.frozen()["deployments"]
    assert rows[result["serving"]["id"]]["image"] == rows[before]["image"]


def test_a_moment_before_anything_served_is_refused(bench: Bench) -> None:
    result = put(bench, as_of="2020-01-01T00:00:00Z")

    assert (result["error"], result["changed"]) == ("Refused", False)
    assert "nothing was serving at 2020-01-01" in result["msg"]
