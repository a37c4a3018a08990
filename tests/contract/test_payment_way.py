"""Payments are down: Stripe's own word, then whether its API answers, then a person; and once it is decided it stays so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.modules import payment_way

from sandbox.stripe import KEY
from sandbox.testing import Box
from tests.contract.bench import printed_by

pytestmark = pytest.mark.once
FALLBACKS = {"cash-on-delivery": ["payments"], "delivery-slots": []}


@pytest.fixture
def box(box: Box) -> Iterator[Box]:
    yield box
    box.control("outage", vendor="stripe", on=False)
    box.control("stuck", target="stripe", on=False)


def ask(box: Box, store: Path, check: bool = False, **options: Any) -> dict[str, Any]:
    url = box.vendor_url("stripe")
    given: dict[str, Any] = {"key": KEY, "api_url": url, "status_url": f"{url}/current/full", "payment": {}, "timeout": 0.5}
    given |= {"fallbacks": FALLBACKS, **options}
    given = {name: value for name, value in given.items() if value is not None}
    return printed_by(payment_way.main, check, store=str(store), environment_name="sandbox", **given)


def paid(box: Box) -> int:
    return len(box.state()["stripe"]["payment_intents"])


def test_its_own_word_comes_first_and_a_test_payment_second(box: Box, tmp_path: Path) -> None:
    before = paid(box)
    planned = ask(box, tmp_path, check=True)
    assert (planned["rolls_back"], planned["flows"], paid(box)) == (True, "payments", before)
    up = ask(box, tmp_path)
    assert (up["rolls_back"], up["falls_back"], paid(box)) == (True, False, before + 1)
    assert "succeeded, refunded" in up["way"]["because"][1]
    silent = ask(box, tmp_path, status_url=f"{box.vendor_url('stripe')}/nowhere")
    assert silent["rolls_back"], silent
    assert "says nothing" in silent["way"]["because"][0]

    box.control("stuck", target="stripe")
    down = ask(box, tmp_path)
    assert (down["rolls_back"], down["falls_back"], down["flows"]) == (False, True, "payments_fallback")
    assert "Elevated errors" in down["way"]["because"][0]
    assert (down["switches_on"], up["switches_on"]) == (["cash-on-delivery"], [])
    assert paid(box) == before + 2
    nothing = ask(box, tmp_path, fallbacks={"delivery-slots": []})
    assert "no fallback to switch on" in nothing["msg"]


@pytest.mark.parametrize("broken", ["outage", "wrong key", "page silent, no key"])
def test_what_nobody_can_tell_is_refused_until_somebody_says_it(box: Box, tmp_path: Path, broken: str) -> None:
    silent = {"key": None, "status_url": "http://127.0.0.1:9"}
    faults: dict[str, dict[str, Any]] = {"wrong key": {"key": "sk_test_wrongwrongwrong"}, "page silent, no key": silent}
    given = faults.get(broken, {})
    if broken == "outage":
        box.control("outage", vendor="stripe")
    refused = ask(box, tmp_path, **given)
    assert (refused["failed"], refused["error"]) == (True, "Refused"), refused
    assert "-e stripe=down" in refused["hint"]
    assert "-e stripe=up" in refused["hint"]
    assert "wrongwrong" not in json.dumps(refused)
    assert ask(box, tmp_path, stripe="down", **given)["falls_back"]
    assert ask(box, tmp_path, stripe="up", **given)["rolls_back"]


def test_without_a_key_the_page_alone_decides_and_a_live_key_pays_nothing(box: Box, tmp_path: Path) -> None:
    assert ask(box, tmp_path, key=None)["rolls_back"]
    live = ask(box, tmp_path, key="sk_live_moneymoneymoney")
    assert live["failed"]
    assert "none of test mode" in live["msg"]


def test_an_incident_that_is_going_on_keeps_its_way(box: Box, tmp_path: Path) -> None:
    incident = Store(tmp_path).create(datetime.now(UTC), "payments", {
        "environment": "sandbox", "scenario": "payments", "opened_at": "2026-11-22T02:38:00.000Z", "state": "started", "inventory": None,
    })
    box.control("stuck", target="stripe")
    incident.keep_plan({"targets": [], "way": ask(box, tmp_path)["way"]})
    box.control("stuck", target="stripe", on=False)
    kept = ask(box, tmp_path)
    assert (kept["falls_back"], "Elevated errors" in kept["way"]["because"][0]) == (True, True)
    other = ask(box, tmp_path, stripe="up")
    assert "is going on, with Stripe down" in other["msg"]
    assert "playbooks/undo.yml -e scenario=payments" in other["hint"]
