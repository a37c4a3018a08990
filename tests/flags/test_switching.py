"""What every flag module promises, on the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from sandbox.testing import Box
from tests.flags.vendors import SWITCHES, Switch

each = pytest.mark.parametrize("switch", SWITCHES, ids=str)
with_conflicts = pytest.mark.parametrize("switch", [one for one in SWITCHES if one.vendor != "vercel"], ids=str)
with_client_secret = pytest.mark.parametrize("switch", [one for one in SWITCHES if one.client_secret], ids=str)


def remembered(box: Box, switch: Switch) -> Any:
    return box.state()[switch.vendor]


@each
def test_off_is_done_when_an_sdk_gets_it(box: Box, switch: Switch) -> None:
    box.set_latency(**{switch.latency: 0.3})
    before = switch.seen(box)

    result = switch.ask(box, switch.off)

    assert not result.get("failed"), result
    assert result["changed"] is True
    assert result["before"] == before != result["after"]
    assert result["seen"] == result["after"] == switch.seen(box)
    assert "an SDK gets it after" in result["summary"]
    assert result["dashboard"].startswith("http")
    assert result["warnings"] == []


@each
def test_accepted_is_not_seen(box: Box, switch: Switch) -> None:
    box.set_latency(**{switch.latency: 60})
    before = switch.seen(box)

    result = switch.ask(box, switch.off, verify=False)

    assert switch.seen(box) == before
    assert (result["changed"], result["seen"], result["warnings"]) == (True, None, [])
    assert "not looked at" in result["summary"]


@each
def test_twice_changes_once(box: Box, switch: Switch) -> None:
    first, second = (switch.ask(box, switch.off) for _ in range(2))

    assert (first["changed"], second["changed"]) == (True, False)
    assert second["before"] == second["after"] == second["seen"]
    assert "already" in second["summary"]


@each
def test_there_and_back(box: Box, switch: Switch) -> None:
    before = switch.ask(box, switch.off)["before"]

    back = before if isinstance(before, dict) else {"enabled": before}
    result = switch.ask(box, back)

    assert (result["changed"], result["seen"]) == (True, before)
    assert switch.seen(box) == before


@each
def test_check_mode_predicts_and_changes_nothing(box: Box, switch: Switch) -> None:
    before = remembered(box, switch)

    predicted = switch.ask(box, switch.off, check=True)

    assert remembered(box, switch) == before
    done = switch.ask(box, switch.off)
    assert all(predicted[key] == done[key] for key in ("changed", "before", "after", "diff"))
    assert "would be" in predicted["summary"]
    assert switch.ask(box, switch.off, check=True)["changed"] is False


@each
def test_switched_but_never_seen_fails(box: Box, switch: Switch) -> None:
    box.control("stuck", target=switch.vendor)
    before = switch.seen(box)

    result = switch.ask(box, switch.off, timeout=0.3)

    assert (result["error"], result["changed"], result["seen"]) == ("TimedOut", True, before)
    assert "an SDK still gets" in result["msg"]
    assert result["dashboard"]
    box.control("stuck", target=switch.vendor, on=False)
    again = switch.ask(box, switch.off)
    assert (again["changed"], again["seen"]) == (False, again["after"])


@each
def test_a_vendor_that_is_down(box: Box, switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01, 0.01))
    box.control("outage", vendor=switch.vendor)

    result = switch.ask(box, switch.off)

    box.control("outage", vendor=switch.vendor, on=False)
    assert result["error"] == "Unavailable"
    assert "answered 503; nothing was changed" in result["msg"]


@each
def test_a_rate_limit_is_waited_out(box: Box, switch: Switch) -> None:
    box.control("rates", on=True)
    box.control("rates", bucket=f"{switch.vendor}.read", limit=1, seconds=1)

    result = switch.ask(box, switch.off, timeout=20)

    assert (result["changed"], result["seen"]) == (True, result["after"])


@each
def test_a_bad_token_says_so_and_is_not_printed(box: Box, switch: Switch) -> None:
    before = remembered(box, switch)

    result = switch.ask(box, {**switch.off, switch.secret: "planted-secret"})

    assert result["error"] == "NotAuthorised"
    assert "nothing was changed" in result["msg"]
    assert "TOKEN" in result["hint"] or "_API_KEY" in result["hint"]
    assert "planted-secret" not in str(result)
    assert remembered(box, switch) == before


@with_client_secret
def test_a_bad_client_credential_does_not_keep_it_on(box: Box, switch: Switch) -> None:
    result = switch.ask(box, {**switch.off, switch.client_secret: "planted-secret"})

    assert (result["error"], result["changed"]) == ("NotAuthorised", True)
    assert "asked for before that: PATCH" in result["msg"]
    assert switch.client_secret.upper() in result["hint"].upper()
    assert "planted-secret" not in str(result)
    assert switch.seen(box) == switch.ask(box, switch.off)["after"]


@with_client_secret
def test_nobody_looked_is_said(box: Box, switch: Switch) -> None:
    result = switch.ask(box, {**switch.off, switch.client_secret: None})

    assert (result["changed"], result["seen"]) == (True, None)
    assert "nobody looked" in " ".join(result["warnings"])


@each
def test_what_does_not_exist(box: Box, switch: Switch) -> None:
    result = switch.ask(box, {**switch.off, **switch.unknown})

    assert result["error"] == "NotFound"
    assert "nothing was changed" in result["msg"]
    assert result["hint"].startswith("Check ")


@with_conflicts
def test_a_conflict_is_tried_again(box: Box, switch: Switch) -> None:
    box.control("fail", target=switch.vendor, times=2)

    result = switch.ask(box, switch.off)

    assert (result["changed"], result["seen"]) == (True, False)


@with_conflicts
def test_a_conflict_that_stays_fails(box: Box, switch: Switch) -> None:
    box.control("fail", target=switch.vendor, times=9)

    result = switch.ask(box, switch.off)

    assert result["error"] == "Conflict"
    assert switch.seen(box) is True


@each
def test_out_of_reach_is_refused_before_any_call(box: Box, switch: Switch) -> None:
    before = remembered(box, switch)

    result = switch.ask(box, switch.off, reach={switch.vendor: ["somewhere-else"]})

    assert (result["error"], remembered(box, switch)) == ("OutOfReach", before)
