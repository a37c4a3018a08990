"""A change whose answer is lost is read back, and not asked for again when it took effect."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.testing import Box
from tests.flags.between import Answer, Between, Disturb, Forward
from tests.flags.vendors import SWITCHES, Switch

each = pytest.mark.parametrize("switch", SWITCHES, ids=str)


def ask_through(box: Box, switch: Switch, disturb: Disturb, **options: Any) -> tuple[dict[str, Any], int]:
    """The module's result, and how often it asked for a change."""
    given = switch.options(box)
    address = urlsplit(given["api_url"])
    with Between(f"{address.scheme}://{address.netloc}", disturb) as between:
        urls: dict[str, Any] = {"api_url": between.url + address.path, "client_url": given.get("client_url", given["api_url"])}
        return switch.ask(box, switch.off, **urls, **options), between.changes


@each
def test_it_took_effect(box: Box, switch: Switch) -> None:
    def done_but_not_said(changes: bool, forward: Forward) -> Answer:
        answer = forward()
        return Answer(502) if changes else answer

    result, asked = ask_through(box, switch, done_but_not_said)

    assert (result["changed"], result["seen"]) == (True, result["after"])
    assert asked == 1


@each
def test_it_did_not(box: Box, switch: Switch) -> None:
    broken: list[bool] = []

    def once_not_done(changes: bool, forward: Forward) -> Answer:
        if not changes or broken:
            return forward()
        broken.append(True)
        return Answer(None)

    result, asked = ask_through(box, switch, once_not_done)

    assert (result["changed"], result["seen"]) == (True, result["after"])
    assert asked == 2


@each
def test_it_never_does(box: Box, switch: Switch) -> None:
    before = switch.seen(box)

    result, _asked = ask_through(box, switch, lambda changes, forward: Answer(500) if changes else forward())

    assert (result["error"], result["changed"]) == ("Unanswered", True)
    assert "may or may not have taken effect" in result["hint"]
    assert switch.seen(box) == before


@each
def test_accepted_and_dropped(box: Box, switch: Switch) -> None:
    """The vendor says yes and does nothing: reading back shows it."""
    before = switch.seen(box)

    result, _asked = ask_through(box, switch, lambda changes, forward: Answer(200) if changes else forward(), timeout=0.3)

    assert (result["error"], result["changed"]) == ("TimedOut", True)
    assert "was to be" in result["msg"]
    assert switch.seen(box) == before
