"""A target's service, checked like the vendor's own module options."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import any_vendor
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider

COMPLETE: dict[str, dict[str, Any]] = {
    "convex": {"deployment": "happy-animal-123", "deploy_key": "prod:happy-animal-123|key", "repository": "https://git.test/shop.git"},
    "git": {"repository": "https://git.test/shop.git", "token": "token"},
    "heroku": {"app": "shop", "api_key": "key"},
    "lambda_edge": {"distribution": "E1", "event": "origin-response", "secret_key": "key"},
    "netlify": {"site": "blog.rachelfoods.test", "token": "token"},
    "railway": {"service": "7d3e9f40", "project": "5f0c7f1e", "environment": "0a41b7d2", "token": "token"},
    "render": {"service": "srv-1", "api_key": "key"},
    "vercel": {"project": "shop", "token": "token"},
}
SECRETS = {
    "convex": ("deploy_key", "CONVEX_DEPLOY_KEY"),
    "git": ("token", "GIT_TOKEN"),
    "heroku": ("api_key", "HEROKU_API_KEY"),
    "lambda_edge": ("secret_key", "AWS_SECRET_ACCESS_KEY"),
    "netlify": ("token", "NETLIFY_AUTH_TOKEN"),
    "railway": ("token", "RAILWAY_TOKEN"),
    "render": ("api_key", "RENDER_API_KEY"),
    "vercel": ("token", "VERCEL_TOKEN"),
}
WORKS_WITHOUT = ("git", "lambda_edge")
"""Without a token they go on with what the machine has."""


def connect(provider: str, service: dict[str, Any]) -> Provider:
    return any_vendor.ANY.connect("releases", {"provider": provider, "service": service, "reach": None}, Run())


@pytest.mark.parametrize("provider", any_vendor.VENDORS)
def test_each_vendor_can_be_reached_by_its_name(provider: str) -> None:
    assert connect(provider, COMPLETE[provider]).name.lower().replace("@", "_") == provider


@pytest.mark.parametrize("provider", [name for name in any_vendor.VENDORS if name not in WORKS_WITHOUT])
def test_a_missing_token_is_said_with_the_variable_that_may_hold_it(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, variable = SECRETS[provider]
    monkeypatch.delenv(variable, raising=False)
    place = {name: value for name, value in COMPLETE[provider].items() if name != secret}

    with pytest.raises(Refused, match=f"missing required arguments: {secret}") as refused:
        connect(provider, place)
    assert variable in refused.value.hint

    monkeypatch.setenv(variable, "from the environment")
    assert connect(provider, place)


def test_an_option_of_another_vendor_is_refused() -> None:
    with pytest.raises(Refused, match="api_key"):
        connect("vercel", {**COMPLETE["vercel"], "api_key": "key"})


@pytest.mark.parametrize("provider", any_vendor.VENDORS)
def test_every_vendor_s_secret_is_known_as_one_before_the_vendor_is(provider: str) -> None:
    options = {"provider": provider, "service": COMPLETE[provider]}

    checked = ArgumentSpecValidator(any_vendor.ANY.arguments_of("releases")).validate(options)

    assert not checked.error_messages
    assert checked._no_log_values == {COMPLETE[provider][SECRETS[provider][0]]}
