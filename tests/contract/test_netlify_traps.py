"""What only Netlify does."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify import releases

from sandbox.netlify.seed import SITE_ID
from tests.contract.bench import Bench, now
from tests.contract.vendors import VENDORS
from tests.vendor_proxy import Answer, Exchange, Proxy, afterwards, answering

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "netlify"], indirect=True, ids=str),
]
REFUSED = Answer(422).with_json({"code": 422, "message": "refused"})


def ask(bench: Bench, method: str, path: str, body: Any = None) -> None:
    """A call that somebody else makes."""
    url, headers = f"{bench.box.vendor_url('netlify')}/api/v1{path}", {"Authorization": "Bearer sandbox-netlify-token"}
    requests.request(method, url, json=body, headers=headers, timeout=5).raise_for_status()


def restores(call: Exchange) -> bool:
    return call.path.endswith("/restore")


def restore(bench: Bench, deploy: str) -> None:
    ask(bench, "POST", f"/sites/{SITE_ID}/deploys/{deploy}/restore")


def deploys(bench: Bench) -> list[Any]:
    """Oldest first."""
    return sorted(bench.frozen()["deploys"].values(), key=lambda deploy: deploy["created_at"])


def published(bench: Bench) -> Any:
    rows = bench.frozen()
    return rows["deploys"][rows["sites"][SITE_ID]["published"]]


def one(bench: Bench, **fields: Any) -> Any:
    """The newest deploy with these fields."""
    return [deploy for deploy in deploys(bench) if fields.items() <= deploy.items()][-1]


def between(bench: Bench) -> str:
    """A time after all that was, and before all that comes, also in the vendor's milliseconds."""
    bench.run(check=True, good_at=now())
    moment = now()
    bench.run(check=True, good_at=now())
    return moment


def test_the_lock_moves_with_the_rollback(bench: Bench) -> None:
    good, bad = published(bench)["id"], bench.ship("breaks-checkout")["release"]

    bench.run(bad_at=now())

    assert (published(bench)["id"], published(bench)["locked"]) == (good, True)
    assert not one(bench, id=bad)["locked"]


@pytest.mark.parametrize("hold", [None, False])
def test_a_site_that_somebody_locked_is_rolled_back_too(bench: Bench, hold: bool | None) -> None:
    good, bad = published(bench)["id"], bench.ship("breaks-checkout")["release"]
    ask(bench, "POST", f"/deploys/{bad}/lock")

    result = bench.run(bad_at=now(), hold=hold)

    assert (result["held_before"], result["held"]) == (True, hold is None)
    assert (published(bench)["id"], published(bench)["locked"]) == (good, hold is None)


def test_a_vendor_that_publishes_nothing_while_locked_is_unlocked_for_it(bench: Bench) -> None:
    good = published(bench)["id"]
    bench.ship("breaks-checkout")

    refuse = answering(REFUSED, to=lambda call: restores(call) and published(bench)["locked"])
    with Proxy(f"{bench.box.vendor_url('netlify')}/api/v1", refuse) as proxy:
        result = bench.run(bad_at=now(), api_url=proxy.url)

    assert not result.get("failed"), result
    assert (published(bench)["id"], published(bench)["locked"]) == (good, True)


def test_what_is_refused_for_another_reason_leaves_the_lock_on(bench: Bench) -> None:
    bad = bench.ship("breaks-checkout")["release"]

    with Proxy(f"{bench.box.vendor_url('netlify')}/api/v1", answering(REFUSED, to=restores)) as proxy:
        result = bench.run(bad_at=now(), api_url=proxy.url)

    assert result["error"] == "NotRestorable"
    assert (published(bench)["id"], published(bench)["locked"]) == (bad, True)


def test_a_push_between_publishing_and_locking_is_no_success(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    moment = now()

    push = afterwards(restores, lambda: bench.ship("breaks-checkout"))
    with Proxy(f"{bench.box.vendor_url('netlify')}/api/v1", push) as proxy:
        result = bench.run(bad_at=moment, api_url=proxy.url)

    assert result["error"] == "ActivationFailed"
    assert "published another after it" in result["msg"]
    assert not bench.run(bad_at=moment).get("failed")
    assert bench.served() == good


@pytest.mark.parametrize("locked", [True, False])
def test_a_run_that_died_before_it_locked_is_taken_up(bench: Bench, locked: bool) -> None:
    good, bad = published(bench)["id"], bench.ship("breaks-checkout")["release"]
    moment = now()
    if locked:
        ask(bench, "POST", f"/deploys/{bad}/lock")
    restore(bench, good)

    result = bench.run(bad_at=moment)

    assert (result["changed"], result["from"]["id"], result["to"]["id"]) == (True, good, good)
    assert published(bench)["locked"]


def test_a_deploy_that_is_called_old_can_be_gone_back_to(bench: Bench) -> None:
    old = one(bench, state="old")

    result = bench.run(release=old["id"])

    assert result["to"]["good"]
    assert published(bench)["id"] == old["id"]


def test_what_was_built_and_never_published_is_not_good(bench: Bench) -> None:
    bench.run(hold=True)
    waiting = bench.ship()["release"]
    bench.run(hold=False)

    result = bench.run(release=waiting)

    assert result["error"] == "NotRestorable"
    assert "ready, never published" in result["msg"]


@pytest.mark.parametrize("fields", [{"draft": True}, {"context": "deploy-preview"}], ids=str)
def test_drafts_and_previews_are_not_gone_back_to(bench: Bench, fields: dict[str, Any]) -> None:
    result = bench.run(release=one(bench, **fields)["id"])

    assert result["error"] in ("NotRestorable", "UnknownRelease")


def test_a_deploy_of_the_command_line_is_its_own_artifact(bench: Bench) -> None:
    by_hand = one(bench, deploy_source="cli", draft=False)

    result = bench.run(bad_at=now())

    assert result["to"]["artifact"] == result["to"]["id"] == by_hand["id"]


def test_a_build_that_nobody_pushed_is_the_newest_push_again(bench: Bench) -> None:
    """Such a deploy names no commit, and what was pushed before it would be taken for another, good one."""
    good = bench.served()
    bad = bench.ship("breaks-checkout")["commit"]
    ask(bench, "POST", f"/sites/{SITE_ID}/builds")
    assert (published(bench)["commit_ref"], bench.served()) == (None, bad)

    result = bench.run(bad_at=now())

    assert (result["from"]["artifact"], bench.served()) == (bad, good)


@pytest.mark.parametrize("undone", [False, True])
def test_publishing_again_does_not_change_what_served_when(bench: Bench, undone: bool) -> None:
    """The vendor overwrites the instant of publication, also when somebody else rolls back, or undoes it."""
    good, before = published(bench)["id"], between(bench)
    bad, broken = bench.ship("breaks-checkout")["release"], between(bench)
    for deploy in (good, bad)[: 2 if undone else 1]:
        restore(bench, deploy)
        afterwards = between(bench)

    assert bench.run(check=True, good_at=before)["to"]["id"] == good
    assert bench.run(check=True, bad_at=broken)["to"]["id"] == good
    assert bench.run(check=True, good_at=afterwards)["to"]["id"] == (bad if undone else good)


def test_a_disabled_site_is_refused_in_check_mode_too(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    ask(bench, "PUT", f"/sites/{SITE_ID}/disable?reason=attack")

    result = bench.run(check=True, bad_at=now())

    assert "the site is disabled at Netlify; nothing was changed" in result["msg"]


def test_stopped_builds_stay_stopped(bench: Bench) -> None:
    ask(bench, "PATCH", f"/sites/{SITE_ID}", {"build_settings": {"stop_builds": True}})
    bench.run(hold=True)
    bench.run(hold=False)

    assert bench.frozen()["sites"][SITE_ID]["build_settings"]["stop_builds"] is True


def test_every_page_is_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = bench.releases()
    monkeypatch.setattr(releases, "PAGE", 2)

    assert bench.releases() == everything
    assert len(everything) > 4


def test_an_address_without_a_path_is_that_of_the_first_version(bench: Bench) -> None:
    assert not bench.run(good_at=now(), api_url=bench.box.vendor_url("netlify")).get("failed")


def test_another_version_is_a_clear_error(bench: Bench) -> None:
    result = bench.run(good_at=now(), api_url=f"{bench.box.vendor_url('netlify')}/api/v9")

    assert result["error"] == "NotFound"
    assert "Netlify answered 404: Not Found; nothing was changed" in result["msg"]
