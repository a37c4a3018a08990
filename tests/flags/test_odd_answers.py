"""An answer of another form than the vendor promises is an error of ours, and never a success."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from sandbox.testing import Box
from tests.flags.vendors import SWITCHES, Switch
from tests.vendor_proxy import Answer, Proxy, answering

SHAPES = [b"null", b"[]", b"{}", b'"no"', b"7", b'{"results": {}}', b'[{"key": 1}]', b"<html>"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTML is no answer, and asked for again."""
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01,))


each = pytest.mark.parametrize("switch", SWITCHES, ids=str)


@each
@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_from_the_api(box: Box, switch: Switch, shape: bytes) -> None:
    options = switch.options(box)
    before = switch.seen(box)

    with Proxy(options["api_url"], answering(Answer(200, shape))) as proxy:
        urls: dict[str, Any] = {"api_url": proxy.url, "client_url": options.get("client_url", options["api_url"])}
        result = switch.ask(box, switch.off, timeout=0.2, **urls)

    assert result["failed"] is True, result
    assert result["hint"]
    assert switch.seen(box) == before


@each
@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_to_an_application(box: Box, switch: Switch, shape: bytes) -> None:
    options = switch.options(box)

    with Proxy(str(options.get("client_url", options["api_url"])), answering(Answer(200, shape))) as proxy:
        result = switch.ask(box, switch.off, timeout=0.2, client_url=proxy.url)

    hidden = switch.vendor == "flagsmith" and shape == b"[]"  # an environment may hide flags that are off
    missing = switch.off == {"state": "absent"} and shape.startswith(b"{")  # the form of the edge's answer, without the item
    if hidden or missing:
        assert result["seen"] == result["after"]
    else:
        assert (result["failed"], result["changed"]) == (True, True), result
        assert "asked for before that" in result["msg"]
