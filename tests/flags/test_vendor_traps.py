"""What only one vendor does."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import same
from ansible_collections.lastgood.recovery.plugins.modules import vercel_edge_config_item

from sandbox.testing import Box
from sandbox.vercel import edge_config
from tests.flags.asking import ask
from tests.flags.vendors import SWITCHES, Switch
from tests.vendor_proxy import Answer, Proxy, answering

LAUNCHDARKLY, FLAGSMITH, VERSIONED, ITEM = (
    next(one for one in SWITCHES if one.name == name) for name in ("launchdarkly", "flagsmith", "flagsmith-versioned", "edge-config")
)


def test_launchdarkly_off_may_serve_true(box: Box) -> None:
    result = LAUNCHDARKLY.ask(box, LAUNCHDARKLY.off, name="legacy-payments")

    assert result["changed"] is True
    assert "serves its off variation, which is on" in " ".join(result["warnings"])


def test_launchdarkly_off_may_serve_nothing(box: Box) -> None:
    result = LAUNCHDARKLY.ask(box, LAUNCHDARKLY.off, check=True, name="undecided")

    assert "no off variation" in " ".join(result["warnings"])


def test_launchdarkly_flags_that_need_it_are_told(box: Box) -> None:
    assert LAUNCHDARKLY.ask(box, LAUNCHDARKLY.off)["dependents"] == ["gift-cards"]


def test_launchdarkly_sdk_key_of_another_environment_proves_nothing(box: Box) -> None:
    result = LAUNCHDARKLY.ask(box, LAUNCHDARKLY.off, sdk_key="sdk-sandbox-regulated", timeout=0.2)

    assert (result["error"], result["changed"], result["seen"]) == ("TimedOut", True, True)


@pytest.mark.parametrize("switch", [FLAGSMITH, VERSIONED], ids=str)
def test_flagsmith_overrides_win_and_are_told(box: Box, switch: Switch) -> None:
    result = switch.ask(box, switch.off, name="legacy_payments")

    assert "stays on for 1 segments and 2 users" in " ".join(result["warnings"])
    states = [row for row in box.state()["flagsmith"]["states"] if row["feature"] == 9 and (row["feature_segment"] or row["identity"])]
    assert all(row["enabled"] for row in states)


def test_flagsmith_overrides_that_cannot_be_read_are_told_too(box: Box) -> None:
    """No answer to more than a look at the flag after the switch."""
    address = FLAGSMITH.options(box)["api_url"]
    with Proxy(address) as proxy:
        proxy.begin(answering(Answer(403), to=lambda call: any(call.number > change.number + 1 for change in proxy.changes)))
        result = FLAGSMITH.ask(box, FLAGSMITH.off, api_url=proxy.url, client_url=address)

    assert (result["changed"], result["seen"]) == (True, False)
    assert "did not tell" in " ".join(result["warnings"])


def test_flagsmith_versions_keep_the_value(box: Box) -> None:
    before = {row["id"] for row in box.state()["flagsmith"]["states"]}

    VERSIONED.ask(box, VERSIONED.off)

    added = [row for row in box.state()["flagsmith"]["states"] if row["id"] not in before]
    assert [(row["enabled"], row["value"]["string_value"]) for row in added] == [(False, "v2")]


@pytest.mark.parametrize("value", [False, 0, 1, "", "on", 1.5, [1, 2], {"text": "Back soon", "tone": None}], ids=repr)
def test_edge_config_takes_every_value_of_json(box: Box, value: Any) -> None:
    result = ITEM.ask(box, {"value": value})

    items = box.state()["vercel"]["edgeConfigs"][edge_config.ID]["items"]
    assert result["changed"] is True
    assert same(items["new-checkout"]["value"], value)
    assert same(result["seen"], {"state": "present", "value": value})
    assert ITEM.ask(box, {"value": value})["changed"] is False


def test_edge_config_other_items_stay(box: Box) -> None:
    before = box.state()["vercel"]["edgeConfigs"][edge_config.ID]["items"]["banner"]

    ITEM.ask(box, {"state": "absent"})

    assert box.state()["vercel"]["edgeConfigs"][edge_config.ID]["items"] == {"banner": before}


def test_edge_config_wants_a_value(box: Box) -> None:
    assert "value" in ITEM.ask(box, {})["msg"]


def test_edge_config_is_found_in_the_connection_string(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    url = box.vendor_url("vercel")
    monkeypatch.setenv("EDGE_CONFIG", f"{url}/{edge_config.ID}?token={edge_config.READ_TOKEN}")

    place: dict[str, Any] = {"api_url": url, "client_url": url, "token": "sandbox-vercel-token", "team": "lastgood"}
    result = ask(vercel_edge_config_item, key="new-checkout", value=False, **place)

    assert result["seen"] == {"state": "present", "value": False}
