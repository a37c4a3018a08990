"""A change whose answer is lost is read back, and not asked for again when it took effect."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.testing import Box
from tests.flags.vendors import SWITCHES, Switch
from tests.vendor_proxy import LOST, Answer, Proxy, answering

each = pytest.mark.parametrize("switch", SWITCHES, ids=str)


def switch_off(box: Box, switch: Switch, told: Answer, times: int = 99, heard: bool = False, **options: Any) -> tuple[dict[str, Any], int]:
    """The module's result when the first so many changes are answered like that, and how often it asked for a change."""
    given = switch.options(box)
    with Proxy(given["api_url"], answering(told, lambda call: call.changes, times, heard)) as proxy:
        urls: dict[str, Any] = {"api_url": proxy.url, "client_url": given.get("client_url", given["api_url"])}
        return switch.ask(box, switch.off, **urls, **options), len(proxy.changes)


@each
def test_it_took_effect(box: Box, switch: Switch) -> None:
    result, asked = switch_off(box, switch, Answer(502), heard=True)

    assert (result["changed"], result["seen"]) == (True, result["after"])
    assert asked == 1


@each
def test_it_did_not(box: Box, switch: Switch) -> None:
    result, asked = switch_off(box, switch, LOST, times=1)

    assert (result["changed"], result["seen"]) == (True, result["after"])
    assert asked == 2


@each
def test_it_never_does(box: Box, switch: Switch) -> None:
    before = switch.seen(box)

    result, _asked = switch_off(box, switch, Answer(500))

    assert (result["error"], result["changed"]) == ("Unanswered", True)
    assert "may or may not have taken effect" in result["hint"]
    assert switch.seen(box) == before


@each
def test_accepted_and_dropped(box: Box, switch: Switch) -> None:
    """The vendor says yes and does nothing: reading back shows it."""
    before = switch.seen(box)

    result, _asked = switch_off(box, switch, Answer(200), timeout=0.3)

    assert (result["error"], result["changed"]) == ("TimedOut", True)
    assert "was to be" in result["msg"]
    assert switch.seen(box) == before
