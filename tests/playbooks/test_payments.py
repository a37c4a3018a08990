"""Payments are down: the backends go back when Stripe is up, the fallback is switched on when it is not, and nobody guesses."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.stripe import KEY
from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import SHOPPER, checkout_works, everything, served

pytestmark = pytest.mark.once
PAYMENTS = "playbooks/rollback-payments.yml"


def order(box: Box) -> tuple[int, str]:
    """What becomes of a customer's order."""
    api = box.served_url("api")
    token = requests.post(f"{api}/api/auth/login", json=SHOPPER, timeout=5).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{api}/api/orders", json={"items": [{"product_id": 1, "quantity": 1}]}, headers=headers, timeout=5)
    return answer.status_code, answer.json().get("status", "")


def undo(operator: Operator) -> Ran:
    return operator.run(playbook="playbooks/undo.yml", scenario="payments", confirmed="UNDO SANDBOX payments")


def stripe_is_down(box: Box, down: bool = True) -> None:
    box.control("outage", vendor="stripe", on=down)
    box.control("stuck", target="stripe", on=down)


def test_a_release_that_cannot_charge_goes_back(box: Box, operator: Operator) -> None:
    good = served(box)
    box.ship("payments", "breaks-checkout")
    broken = everything(box)
    assert order(box)[0] == 502

    ran = operator.run("-vvvv", playbook=PAYMENTS)

    assert ran.code == 0, ran.screen
    assert "Stripe is up, so the backends go back" in ran.words
    assert KEY not in ran.screen
    assert (served(box), order(box)) == (good, (201, "paid"))
    looks = {(look["phase"], look["kind"]): look["verdict"] for look in operator.journal() if look["event"] == "checked"}
    assert (looks["before", "flows"], looks["after payments", "flows"], looks["after payments", "stripe"]) == ("BAD", "OK", "OK")
    again = operator.run(playbook=PAYMENTS)
    assert (again.code, again.totals[1:]) == (0, (0, 0)), again.screen
    undone = undo(operator)
    assert undone.code == 0, undone.screen
    assert everything(box) == broken


def test_without_stripe_orders_are_taken_until_it_is_back(box: Box, operator: Operator) -> None:
    stripe_is_down(box)
    before = everything(box)
    assert order(box)[0] == 502
    planned = operator.check(playbook=PAYMENTS)
    assert planned.code == 0, planned.screen
    assert "Stripe itself is down, so nothing goes back" in planned.words
    assert everything(box) == before

    ran = operator.run(playbook=PAYMENTS)

    assert ran.code == 0, ran.screen
    assert "Elevated errors" in ran.words
    assert order(box) == (201, "cash_on_delivery")
    assert everything(box)["serving"] == before["serving"]
    stripe_is_down(box, False)
    again = operator.run(playbook=PAYMENTS)
    assert (again.code, again.totals[1:]) == (0, (0, 0)), again.screen
    assert order(box) == (201, "cash_on_delivery")
    other = operator.run(playbook=PAYMENTS, stripe="up")
    assert (other.code, "is going on, with Stripe down" in other.words) == (2, True), other.screen
    undone = undo(operator)
    assert undone.code == 0, undone.screen
    assert order(box) == (201, "paid")
    assert everything(box) == before
    assert checkout_works(box)


@pytest.mark.parametrize(
    ("vendors", "given", "says"),
    [
        (["stripe"], {}, "-e stripe=down switches the fallback on"),
        (["stripe", "launchdarkly"], {"stripe": "down"}, "nothing was changed"),
    ],
)
def test_what_nobody_can_tell_or_switch_changes_nothing(
    box: Box, operator: Operator, vendors: list[str], given: dict[str, Any], says: str
) -> None:
    for vendor in vendors:
        box.control("outage", vendor=vendor)
    before = everything(box)
    ran = operator.run(playbook=PAYMENTS, **given)
    assert (ran.code, says in ran.words) == (2, True), ran.screen
    assert everything(box) == before
