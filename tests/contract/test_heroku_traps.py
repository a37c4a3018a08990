"""What only Heroku does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku import access, releases
from ansible_collections.lastgood.recovery.plugins.modules import release_info

from tests.contract.bench import Bench, now, printed_by
from tests.contract.vendors import VENDORS

HEROKU = next(vendor for vendor in VENDORS if vendor.name == "heroku")
FIR = replace(HEROKU, options=lambda box: {**HEROKU.options(box), "app": "accounts-fir"}, target="accounts-fir")
pytestmark = [pytest.mark.once, pytest.mark.parametrize("bench", [HEROKU], indirect=True, ids=str)]
APP = "/apps/accounts"


def ask(bench: Bench, method: str, path: str, body: Any = None) -> Any:
    """A call that somebody else makes."""
    headers = {"Authorization": "Bearer sandbox-heroku-token", "Accept": "application/vnd.heroku+json; version=3.sdk"}
    answer = requests.request(method, bench.box.vendor_url("heroku") + path, json=body, headers=headers, timeout=5)
    answer.raise_for_status()
    return answer.json()


def history(bench: Bench) -> list[dict[str, Any]]:
    """Newest first."""
    return sorted(ask(bench, "GET", f"{APP}/releases"), key=lambda row: -row["version"])


def test_a_change_of_variables_is_no_release_to_go_back_to(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    ask(bench, "PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "debug"})

    result = bench.run(bad_at=now())

    assert bench.served() == good == result["to"]["artifact"]
    assert ask(bench, "GET", f"{APP}/config-vars")["LOG_LEVEL"] == "debug", "today's variables stay"


def test_a_failed_release_that_is_newer_is_not_the_current_one(bench: Bench) -> None:
    good = bench.served()
    bench.box.control("fail", target="accounts")
    bench.ship()
    assert history(bench)[0]["status"] == "failed"

    result = bench.run(bad_at=now(), check=True)

    assert result["from"]["artifact"] == good != result["to"]["artifact"]


def test_a_release_phase_that_fails_again_is_said(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    bad = bench.served()
    bench.box.control("fail", target="accounts")

    result = bench.run(bad_at=now())

    assert "the release phase of v" in result["msg"]
    assert "heroku releases:output v" in result["hint"]
    assert bench.served() == bad


def test_current_is_not_up(bench: Bench) -> None:
    """The release is current, its dynos are not: neither the first run nor the next one takes that for served."""
    crashing = next(build for build in bench.frozen()["builds"].values() if build["kind"] == "crashing")["release"]

    for _ in range(2):
        result = bench.run(release=crashing)

        assert result["error"] == "ActivationFailed"
        assert "3 of its dynos crashed: web.1, web.2, worker.1" in result["msg"]
    assert bench.run(check=True, good_at=now())["from"] is None, "nothing serves"


def test_every_dyno_is_waited_for(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    bench.box.set_latency(**{"heroku.dyno": 0.6})

    result = bench.run(bad_at=now())
    bench.box.set_latency(heroku=0)

    assert result["waited"] >= 0.6
    assert {dyno["release"]["id"] for dyno in ask(bench, "GET", f"{APP}/dynos")} == {result["serving"]["id"]}


def test_an_app_that_is_scaled_to_nothing_can_go_back(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    ask(bench, "PATCH", f"{APP}/formation", {"updates": [{"type": "web", "quantity": 0}, {"type": "worker", "quantity": 0}]})

    result = bench.run(bad_at=now())

    assert result["changed"]
    assert history(bench)[0]["id"] == result["serving"]["id"]
    assert not bench.run(good_at=now())["changed"]


def test_the_old_variables_come_back_when_they_are_asked_for(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    ask(bench, "PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "debug"})

    result = bench.run(bad_at=now(), code_only=False)

    assert bench.served() == good == result["to"]["artifact"]
    assert ask(bench, "GET", f"{APP}/config-vars")["LOG_LEVEL"] == "info"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("words", "harm"),
    [
        ("Attach DATABASE", "put an older value into DATABASE_URL"),  # the credentials were rotated since
        ("Deploy", "take DATABASE_URL away from the app"),  # the oldest, from before the add-on
    ],
)
def test_a_rollback_that_would_strip_an_add_on_is_refused(bench: Bench, words: str, harm: str, check: bool) -> None:
    old = next(row for row in reversed(history(bench)) if words in row["description"])
    before = bench.frozen()
    secret = ask(bench, "GET", f"{APP}/config-vars")["DATABASE_URL"]

    result = bench.run(release=old["id"], code_only=False, check=check)

    assert result["error"] == "Refused"
    assert f"{harm}; nothing was changed" in result["msg"]
    assert "Leave code_only on" in result["hint"]
    assert secret not in str(result)
    assert bench.frozen() == before
    assert not bench.run(release=old["id"], check=check).get("failed"), "the code alone can go back"


@pytest.mark.parametrize("code_only", [True, False])
def test_it_says_what_comes_back(bench: Bench, code_only: bool) -> None:
    seen = printed_by(release_info.main, provider="heroku", service={**HEROKU.options(bench.box), "code_only": code_only})

    assert ("config vars of that release" in seen["comes_back"]) is not code_only
    assert ("config vars" in seen["stays"]) is code_only


def test_what_somebody_rolled_away_from_by_hand_is_not_gone_back_to(bench: Bench) -> None:
    good = history(bench)[0]
    bad = bench.ship("breaks-checkout")
    ask(bench, "POST", f"{APP}/releases", {"release": good["id"]})

    result = bench.run(bad_at=now(), check=True)

    assert result["from"]["artifact"] != bad["commit"]
    assert result["to"]["artifact"] != bad["commit"]
    assert bench.run(release=bad["release"], check=True)["to"]["artifact"] == bad["commit"], "whoever names it, gets it"


def test_whole_seconds_do_not_make_a_rollback_look_older_than_the_moment_it_undoes(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    moment = now()
    bench.box.set_latency(**{"heroku.rounding": 1})
    try:
        first, second = bench.run(bad_at=moment), bench.run(bad_at=moment)
    finally:
        bench.box.set_latency(**{"heroku.rounding": 0})

    assert (first["changed"], second["changed"]) == (True, False)
    assert bench.served() == good


def test_a_history_of_many_pages_is_read_whole(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    oldest = history(bench)[-1]
    monkeypatch.setattr(releases, "PAGE", 4)

    assert bench.run(release=oldest["id"])["changed"]


def test_an_app_without_slugs_goes_back_by_image(bench: Bench) -> None:
    bench = Bench(FIR, bench.box)
    good = bench.run(check=True, good_at=now())["from"]["artifact"]
    bad = bench.ship("breaks-checkout")

    result = bench.run(bad_at=now())

    assert result["from"]["artifact"] == bad["commit"]
    assert result["to"]["artifact"] == good
    assert not bench.run(release=result["serving"]["id"])["changed"]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"HEROKU_API_URL": "http://127.0.0.1:9", "HEROKU_HOST": "heroku.com"}, "http://127.0.0.1:9"),
        ({"HEROKU_HOST": "http://127.0.0.1:9"}, "http://127.0.0.1:9"),
        ({"HEROKU_HOST": "herokudev.com"}, "https://api.herokudev.com"),
    ],
)
def test_the_address_may_be_that_of_heroku_s_cli(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], address: str
) -> None:
    monkeypatch.delenv("HEROKU_API_URL", raising=False)
    monkeypatch.delenv("HEROKU_HOST", raising=False)
    with pytest.raises(AnsibleFallbackNotFound):
        access.address_of_environment()
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert access.address_of_environment() == address
