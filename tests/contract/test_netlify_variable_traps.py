"""What only Netlify does with variables: values by context, builds of the newest push alone, and a lock that has to move."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.modules import netlify_variables

from sandbox.netlify.book import ACCOUNT
from sandbox.netlify.seed import SITE_ID
from tests.contract.bench import Bench, now, printed_by
from tests.contract.vendors import VENDORS
from tests.vendor_proxy import Exchange, Proxy, afterwards

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "netlify"], indirect=True, ids=str),
]
ENV = f"/accounts/{ACCOUNT['id']}/env"
DEBUG = {"LOG_LEVEL": "debug"}


def put(bench: Bench, check: bool = False, **options: Any) -> dict[str, Any]:
    return printed_by(netlify_variables.main, check, **{"poll": 0.05, "timeout": 5, **bench.vendor.options(bench.box), **options})


def address(bench: Bench) -> str:
    return f"{bench.box.vendor_url('netlify')}/api/v1"


def ask(bench: Bench, method: str, path: str, body: Any = None) -> None:
    """A call that somebody else makes."""
    headers = {"Authorization": "Bearer sandbox-netlify-token"}
    requests.request(method, address(bench) + path, json=body, headers=headers, timeout=5).raise_for_status()


def builds(call: Exchange) -> bool:
    return call.method == "POST" and "/builds" in call.path


def site(bench: Bench) -> Any:
    return bench.frozen()["sites"][SITE_ID]


def published(bench: Bench) -> Any:
    return bench.frozen()["deploys"][site(bench)["published"]]


def values(bench: Bench, name: str) -> dict[str, str]:
    """By context."""
    return {value["context"]: value["value"] for value in site(bench)["env"][name]["values"]}


def lock(bench: Bench) -> Any:
    """Lock what serves; that deploy."""
    ask(bench, "POST", f"/deploys/{published(bench)['id']}/lock")
    return published(bench)


def secret_for_all(bench: Bench) -> None:
    variable = {"key": "MAP_KEY", "values": [{"context": "all", "value": "mk_1"}], "is_secret": True}
    ask(bench, "POST", f"{ENV}?site_id={SITE_ID}", [variable])


@pytest.mark.parametrize("latency", [0, 0.2])
def test_on_a_locked_site_the_new_build_is_published_and_locked_in_its_place(bench: Bench, latency: float) -> None:
    before = lock(bench)
    bench.box.set_latency(**{"netlify.restore": latency})

    result = put(bench, variables=DEBUG)

    after = published(bench)
    assert result["serving"]["id"] == after["id"] != before["id"]
    assert (after["locked"], after["commit"], after["env"]["LOG_LEVEL"]) == (True, before["commit"], "debug")


def test_a_site_that_is_not_locked_is_not_locked_afterwards(bench: Bench) -> None:
    put(bench, variables=DEBUG)

    assert not published(bench)["locked"]


def test_values_of_other_contexts_stay(bench: Bench) -> None:
    put(bench, variables={"CURRENCY": "USD", "LOG_LEVEL": "debug"})

    assert values(bench, "CURRENCY") == {"production": "USD", "deploy-preview": "XTS"}
    assert values(bench, "LOG_LEVEL") == {"production": "debug", "all": "info"}


def test_what_is_removed_from_production_stays_in_other_contexts(bench: Bench) -> None:
    put(bench, variables={"CURRENCY": "USD", "LOG_LEVEL": "debug", "SEARCH_KEY": None})
    put(bench, variables={"CURRENCY": None, "LOG_LEVEL": None})

    assert values(bench, "CURRENCY") == {"deploy-preview": "XTS"}
    assert values(bench, "LOG_LEVEL") == dict.fromkeys(("dev", "dev-server", "branch-deploy", "deploy-preview"), "info")
    assert "SEARCH_KEY" not in site(bench)["env"], "production was the only one that had it"


def test_a_secret_that_other_contexts_share_is_not_lost_to_them(bench: Bench) -> None:
    secret_for_all(bench)
    before = bench.frozen()

    for check in (True, False):
        result = put(bench, check, variables={"MAP_KEY": None, "LOG_LEVEL": "debug"})
        assert "MAP_KEY is secret, and one value serves production and other contexts" in result["msg"]
        assert "nothing was changed" in result["msg"]
    assert bench.frozen() == before
    assert not put(bench, variables={"MAP_KEY": "mk_2"}).get("failed")
    assert values(bench, "MAP_KEY") == {"all": "mk_1", "production": "mk_2"}


def test_what_all_sites_share_is_left_alone(bench: Bench) -> None:
    ask(bench, "POST", ENV, [{"key": "REGION", "values": [{"context": "all", "value": "eu"}]}])

    result = put(bench, variables={"LOG_LEVEL": "debug"}, exclusive=True)

    assert result["removed"] == ["CURRENCY"]
    assert published(bench)["env"]["REGION"] == "eu"


def test_after_a_rollback_only_the_variables_can_be_changed(bench: Bench) -> None:
    good, bad = bench.served(), bench.ship("breaks-checkout")["commit"]
    bench.run(bad_at=now())

    refused = put(bench, variables=DEBUG)
    assert f"Netlify builds nothing but the newest push, {bad[:7]}, and {good[:7]} serves; nothing was changed" in refused["msg"]
    assert "redeploy: never" in refused["hint"]

    result = put(bench, variables=DEBUG, redeploy="never")
    assert (result["written"], result["redeployed"], bench.served()) == (["LOG_LEVEL"], False, good)


def test_what_a_command_line_deployed_cannot_be_built_again(bench: Bench) -> None:
    by_hand = next(deploy for deploy in bench.frozen()["deploys"].values() if deploy["deploy_source"] == "cli" and not deploy["draft"])
    bench.run(release=by_hand["id"])

    result = put(bench, check=True, variables=DEBUG)

    assert f"deploy {by_hand['id']} was not built by Netlify from a commit" in result["msg"]


@pytest.mark.parametrize(
    ("path", "method", "body", "said"),
    [
        (f"/sites/{SITE_ID}", "PATCH", {"build_settings": {"stop_builds": True}}, "builds are stopped at Netlify"),
        (f"/sites/{SITE_ID}/disable?reason=attack", "PUT", None, "the site is disabled at Netlify"),
    ],
)
def test_a_site_that_builds_or_serves_nothing_is_refused_first(bench: Bench, path: str, method: str, body: Any, said: str) -> None:
    ask(bench, method, path, body)
    before = bench.frozen()

    assert f"{said}; nothing was changed" in put(bench, variables=DEBUG)["msg"]
    assert bench.frozen() == before


def test_it_can_be_changed_again_and_again(bench: Bench) -> None:
    """What the first change has built names no commit."""
    lock(bench)
    code = bench.served()
    for level in ("debug", "warn", "error"):
        assert not put(bench, variables={"LOG_LEVEL": level}).get("failed")
    assert (bench.served(), published(bench)["locked"], published(bench)["env"]["LOG_LEVEL"]) == (code, True, "error")


def test_a_push_between_writing_and_building_is_no_success(bench: Bench) -> None:
    before = lock(bench)
    pushed: list[str] = []
    push = afterwards(lambda call: call.method == "PATCH", lambda: pushed.append(bench.ship("breaks-checkout")["commit"]))

    with Proxy(address(bench), push) as proxy:
        result = put(bench, variables=DEBUG, api_url=proxy.url)

    assert f"nothing but the newest push, {pushed[0][:7]}" in result["msg"]
    assert f"asked for before that: PATCH {ENV}/LOG_LEVEL" in result["msg"]
    assert (published(bench)["id"], published(bench)["locked"]) == (before["id"], True)


def test_a_push_while_it_is_built_is_no_success_either(bench: Bench) -> None:
    """Netlify builds what is newest when it gets to it, and does not say what that was."""
    before = lock(bench)

    with Proxy(address(bench), afterwards(builds, lambda: bench.ship("breaks-checkout"))) as proxy:
        result = put(bench, variables=DEBUG, api_url=proxy.url)

    assert "a push came in between" in result["msg"]
    assert (published(bench)["id"], published(bench)["locked"]) == (before["id"], True)


def test_a_build_that_ends_badly_leaves_what_served(bench: Bench) -> None:
    before = lock(bench)
    bench.box.set_latency(**{"netlify.build": 30})

    def cancel() -> None:
        newest = max(bench.frozen()["deploys"].values(), key=lambda deploy: deploy["created_at"])
        ask(bench, "POST", f"/deploys/{newest['id']}/cancel")

    with Proxy(address(bench), afterwards(builds, cancel)) as proxy:
        result = put(bench, variables=DEBUG, api_url=proxy.url)

    assert result["error"] == "ActivationFailed"
    assert "ended as error (Canceled build)" in result["msg"]
    assert (published(bench)["id"], published(bench)["locked"]) == (before["id"], True)


def test_a_restore_that_is_accepted_and_never_done_fails(bench: Bench) -> None:
    before = lock(bench)
    bench.box.control("fail", target="blog", times=99)

    result = put(bench, variables=DEBUG)

    assert result["error"] == "ActivationFailed"
    assert published(bench)["id"] == before["id"]
    assert result["msg"].count("/restore") == 1
