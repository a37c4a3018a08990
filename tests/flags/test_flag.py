"""The module for any vendor: the same as each vendor's own, and it remembers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import flag

from sandbox.testing import Box
from tests.flags.asking import ask
from tests.flags.unleash_server import ADMIN, CLIENT, Unleash
from tests.flags.vendors import SWITCHES, Switch

each = pytest.mark.parametrize("switch", SWITCHES, ids=str)


def any_flag(box: Box, switch: Switch, check: bool = False, **wish: Any) -> dict[str, Any]:
    provider = "edge_config" if switch.vendor == "vercel" else switch.vendor
    return ask(flag, check, provider=provider, options=switch.options(box), **wish)


@each
def test_off_and_put_back_exactly(box: Box, switch: Switch, tmp_path: Path) -> None:
    before, memory = switch.seen(box), tmp_path / "measures/flag.json"

    predicted = any_flag(box, switch, check=True, enabled=False, memory=str(memory))
    assert (memory.exists(), switch.seen(box)) == (False, before)
    off = [any_flag(box, switch, enabled=False, memory=str(memory)) for _ in range(2)]

    assert [result["changed"] for result in (predicted, *off)] == [True, True, False]
    assert (predicted["before"], predicted["after"]) == (off[0]["before"], off[0]["after"]) == (before, switch.seen(box))
    assert json.loads(memory.read_text()) == {"value": before}, "the first memory stands"
    back = [any_flag(box, switch, put_back=True, memory=str(memory)) for _ in range(2)]
    assert [result["changed"] for result in back] == [True, False]
    assert (memory.exists(), switch.seen(box)) == (False, before)
    assert "nothing is remembered" in back[1]["summary"]


@each
def test_its_options_are_those_of_the_vendors_own_module(box: Box, switch: Switch) -> None:
    options = {name: value for name, value in switch.options(box).items() if name not in ("name", "key")}
    refused = ask(flag, provider="edge_config" if switch.vendor == "vercel" else switch.vendor, options=options, enabled=False)
    assert refused["error"] == "Refused"
    assert "missing required arguments" in refused["msg"]
    assert "nothing was changed" in refused["msg"]

    beyond = any_flag(box, switch, enabled=False, reach={switch.vendor: []})
    assert beyond["error"] == "OutOfReach"


def test_unleash_itself(unleash: Unleash, tmp_path: Path) -> None:
    name, memory = unleash.flag("any-vendor"), str(tmp_path / "flag.json")
    options = {"api_url": unleash.url, "token": ADMIN, "client_token": CLIENT, "environment": "production", "name": name}

    off = ask(flag, provider="unleash", options=options, enabled=False, memory=memory)
    assert (off["changed"], off["vendor"], unleash.seen()[name]) == (True, "Unleash", False)
    back = ask(flag, provider="unleash", options=options, put_back=True, memory=memory)
    assert (back["changed"], unleash.enabled(name)) == (True, True)
    assert ask(flag, provider="unleash", options=options, value=10)["hint"] == "Give enabled, and no value."
