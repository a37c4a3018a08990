"""What a vendor wants approved is neither forced through nor called a failure of the token."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import flagsmith_flag, launchdarkly_flag, unleash_flag

from sandbox.testing import Box
from tests.flags.asking import ask
from tests.flags.unleash_server import ADMIN, CLIENT, Unleash
from tests.flags.vendors import SWITCHES
from tests.vendor_proxy import Answer, Proxy, answering

LAUNCHDARKLY, FLAGSMITH = (next(one for one in SWITCHES if one.name == name) for name in ("launchdarkly", "flagsmith"))


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_launchdarkly(box: Box, check: bool) -> None:
    before = box.state()["launchdarkly"]

    options = {**LAUNCHDARKLY.options(box), "environment": "regulated", "enabled": False}
    result = ask(launchdarkly_flag, check, **options)

    assert (result["error"], result["changed"]) == ("ApprovalNeeded", False)
    assert "answered 405: This environment requires approval for this change; nothing was changed" in result["msg"]
    assert result["dashboard"].endswith("/projects/shop/flags/new-checkout/targeting?env=regulated&selected-env=regulated")
    assert result["dashboard"] in result["hint"]
    assert box.state()["launchdarkly"] == before


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_flagsmith_would_not_have_refused(box: Box, check: bool) -> None:
    before = box.state()["flagsmith"]

    result = ask(flagsmith_flag, check, **{**FLAGSMITH.options(box), "environment": "sandboxRegulated", "enabled": False})

    assert (result["error"], result["changed"]) == ("ApprovalNeeded", False)
    assert "change request; nothing was changed" in result["msg"]
    assert result["dashboard"].endswith("/project/12/environment/sandboxRegulated/features?feature=7")
    assert result["dashboard"] in result["hint"]
    assert box.state()["flagsmith"] == before


def test_what_is_so_already_needs_no_approval(box: Box) -> None:
    result = ask(launchdarkly_flag, **{**LAUNCHDARKLY.options(box), "environment": "regulated", "enabled": True, "verify": False})

    assert (result["changed"], result.get("failed", False)) == (False, False)


def test_unleash(unleash: Unleash) -> None:
    """The open-source edition has no change requests: a switch is answered as the enterprise edition does."""
    words = "You don't have the required permissions to perform this operation. To perform this action, you need "
    message = f'{words}the "SKIP_CHANGE_REQUEST" permission.'
    refusal = {"id": "1", "name": "PermissionError", "message": message, "details": [{"message": message}]}
    answer = Answer(403).with_json({**refusal, "permissions": ["SKIP_CHANGE_REQUEST"]})
    name = unleash.flag("approved-only")
    place: dict[str, Any] = {"token": ADMIN, "client_token": CLIENT, "environment": "production"}

    with Proxy(unleash.url, answering(answer, to=lambda call: call.changes)) as proxy:
        result = ask(unleash_flag, name=name, enabled=False, api_url=proxy.url, **place)

    assert (result["error"], result["changed"]) == ("ApprovalNeeded", False)
    assert "wants a change request approved for production" in result["msg"]
    assert result["dashboard"] == f"{proxy.url}/projects/default/features/{name}"
    assert result["dashboard"] in result["hint"]
    assert unleash.enabled(name) is True
