"""The module against the vendor's own server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport
from ansible_collections.lastgood.recovery.plugins.modules import unleash_flag

from tests.flags.asking import ask
from tests.flags.unleash_server import ADMIN, CLIENT, ELSEWHERE, Unleash


def switch(unleash: Unleash, name: str, enabled: bool, **options: Any) -> dict[str, Any]:
    given = {"api_url": unleash.url, "token": ADMIN, "client_token": CLIENT, "environment": "production", **options}
    return ask(unleash_flag, name=name, enabled=enabled, **given)


def test_off_is_done_when_an_sdk_gets_it(unleash: Unleash) -> None:
    name = unleash.flag("new-checkout")

    result = switch(unleash, name, False)

    assert unleash.seen()[name] is False
    assert unleash.enabled(name) is False
    assert (result["changed"], result["before"], result["after"], result["seen"]) == (True, True, False, False)
    assert "an SDK gets it after" in result["summary"]
    flag = f"Unleash flag {name} in production"
    assert result["diff"] == {"before": {flag: "on"}, "after": {flag: "off"}}
    assert result["warnings"] == []


def test_the_server_itself_lags_behind_its_answer(unleash: Unleash) -> None:
    """What makes a look from the applications' side necessary."""
    lagged = []
    for number in range(10):
        name = unleash.flag(f"lagging-{number}")
        unleash.admin("POST", f"/projects/default/features/{name}/environments/production/off")
        lagged.append(unleash.seen()[name])

    assert any(lagged)


def test_twice_changes_once(unleash: Unleash) -> None:
    name = unleash.flag("twice")

    results = [switch(unleash, name, False) for _ in range(2)]

    assert [result["changed"] for result in results] == [True, False]
    assert results[1]["seen"] is False
    assert "is off already" in results[1]["summary"]


def test_and_on_again(unleash: Unleash) -> None:
    name = unleash.flag("and-on", enabled=False)

    result = switch(unleash, name, True, api_url=f"{unleash.url}/api/")

    assert (result["changed"], result["seen"], unleash.enabled(name)) == (True, True, True)


def test_check_mode_predicts_and_changes_nothing(unleash: Unleash) -> None:
    name = unleash.flag("predicted")

    predicted = switch(unleash, name, False, check=True)

    assert unleash.enabled(name) is True
    assert (predicted["changed"], predicted["seen"]) == (True, True)
    done = switch(unleash, name, False)
    assert {key: predicted[key] for key in ("before", "after", "diff")} == {key: done[key] for key in ("before", "after", "diff")}


def test_other_environments_stay(unleash: Unleash) -> None:
    name = unleash.flag("elsewhere", environment="development")
    unleash.flag(name)

    switch(unleash, name, False)

    assert unleash.enabled(name, "development") is True


def test_flags_that_hang_on_it_are_told(unleash: Unleash) -> None:
    parent, child = unleash.flag("parent"), unleash.flag("child")
    unleash.admin("POST", f"/projects/default/features/{child}/dependencies", {"feature": parent})

    assert switch(unleash, parent, False)["dependents"] == [child]


def test_nobody_looked_is_said(unleash: Unleash) -> None:
    name = unleash.flag("unlooked")

    result = switch(unleash, name, False, client_token=None)

    assert result["seen"] is None
    assert "not looked at" in result["summary"]
    assert "nobody looked" in " ".join(result["warnings"])
    assert unleash.enabled(name) is False


def test_not_looking_on_purpose_is_no_warning(unleash: Unleash) -> None:
    result = switch(unleash, unleash.flag("on-purpose"), False, verify=False)

    assert (result["seen"], result["warnings"]) == (None, [])


def test_a_client_token_of_another_environment_proves_nothing(unleash: Unleash) -> None:
    name = unleash.flag("mistaken")

    result = switch(unleash, name, False, client_token=ELSEWHERE)

    assert (result["failed"], result["error"], result["changed"]) == (True, "NotFound", True)
    assert "asked for before that: POST" in result["msg"]
    assert "another environment" in result["hint"]


@pytest.mark.parametrize("options", [{"name": "nothing"}, {"environment": "nowhere"}, {"project": "none"}], ids=str)
def test_what_does_not_exist(unleash: Unleash, options: dict[str, str]) -> None:
    unleash.flag("known")

    given: dict[str, Any] = {"name": "known", "enabled": False, **options}

    result = switch(unleash, **given)

    assert result["error"] == "NotFound"
    assert "nothing was changed" in result["msg"]
    assert "project and environment" in result["hint"]


@pytest.mark.parametrize("token", ["*:*.planted-secret", CLIENT], ids=["unknown", "of an application"])
def test_a_token_that_may_not(unleash: Unleash, token: str) -> None:
    name = unleash.flag("locked")

    result = switch(unleash, name, False, token=token)

    assert result["error"] == "NotAuthorised"
    assert "UNLEASH_ADMIN_TOKEN" in result["hint"]
    assert token not in str(result)
    assert unleash.enabled(name) is True


def test_an_unknown_client_token_fails_and_says_what_was_done(unleash: Unleash) -> None:
    name = unleash.flag("half-way")

    result = switch(unleash, name, False, client_token="default:production.planted-secret")

    assert (result["error"], result["changed"]) == ("NotAuthorised", True)
    assert "UNLEASH_API_TOKEN" in result["hint"]
    assert "planted-secret" not in str(result)
    assert unleash.enabled(name) is False


def test_a_server_that_is_down(unleash: Unleash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01,))

    result = switch(unleash, "any", False, api_url="http://127.0.0.1:9")

    assert result["error"] == "Unavailable"
    assert "the connection failed; nothing was changed" in result["msg"]
    assert result["dashboard"] == "http://127.0.0.1:9/projects/default/features/any"
