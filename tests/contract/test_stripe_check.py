"""Whether payments work, in Stripe's test mode; a live key is refused before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe.check import CHECK
from ansible_collections.lastgood.recovery.plugins.modules import stripe_check

from sandbox.stripe import EVENTS, KEY, READS, WEBHOOK
from sandbox.testing import Box
from tests.contract.bench import printed_by

stripe: Any = pytest.importorskip("stripe", reason="the stripe package is not installed")
pytestmark = pytest.mark.once


@pytest.fixture
def box(box: Box) -> Iterator[Box]:
    yield box
    box.control("outage", vendor="stripe", on=False)
    box.control("stuck", target="stripe", on=False)


@pytest.fixture
def client(box: Box) -> Any:
    """Stripe's own client on the sandbox."""
    return stripe.StripeClient(KEY, base_addresses={"api": box.vendor_url("stripe")}, max_network_retries=0)


def ask(box: Box, check: bool = False, **options: Any) -> dict[str, Any]:
    url = box.vendor_url("stripe")
    given = {"key": KEY, "api_url": url, "status_url": f"{url}/current/full", **options}
    return printed_by(stripe_check.main, check, **given)


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {one["name"].removeprefix("Stripe: "): one["verdict"] for one in result["checks"]}


def payment(client: Any, **options: Any) -> Any:
    given = {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, **options}
    return client.v1.payment_intents.create(params={**given, "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}})


def test_all_is_well_and_nothing_is_left_behind(box: Box) -> None:
    result = ask(box, webhooks=[{"url": WEBHOOK, "events": EVENTS[:2]}], payment={}, stuck={"older_than": 0})

    assert verdicts(result) == {"status": "OK", f"webhook {WEBHOOK}": "OK", "test payment": "OK", "stuck payments": "OK"}, result
    assert (result["verdict"], result["changed"], result["stuck"]) == ("OK", False, [])
    state = box.state()["stripe"]
    assert state["payment_intents"][0]["status"] == "succeeded"
    assert [one["payment_intent"] for one in state["refunds"]] == [state["payment_intents"][0]["id"]]
    assert "secret" not in str(result["checks"])


def test_check_mode_pays_nothing(box: Box) -> None:
    before = box.state()["stripe"]
    result = ask(box, check=True, webhooks=[{"url": WEBHOOK}], payment={})

    assert verdicts(result)["test payment"] == "SKIPPED"
    assert result["verdict"] == "OK"
    assert box.state()["stripe"] == before


@pytest.mark.parametrize("key", ["sk_live_abcdef", "rk_live_abcdef", "pk_test_abcdef", "whsec_abcdef", ""])
def test_a_key_of_live_mode_is_refused_before_anything_is_asked(key: str) -> None:
    nobody = "http://127.0.0.1:9"
    options = {name: option.get("default") for name, option in CHECK.arguments.items()}
    options |= {"key": key, "payment": {"amount": 1}, "api_url": nobody, "status_url": nobody}
    recorded: list[str] = []

    result = outcome(CHECK, options, Run(record=lambda event, **fields: recorded.append(event)))

    assert (result["error"], recorded) == ("Refused", [])
    assert "none of test mode; nothing was changed" in result["msg"]
    assert "abcdef" not in str(result)


def test_a_webhook_that_is_off_missing_or_lacks_events(box: Box, client: Any) -> None:
    other = "https://shop.rachelfoods.test/other"
    made = client.v1.webhook_endpoints.create(params={"url": other, "enabled_events": ["charge.refunded", "invoice.paid"]})
    asked = [{"url": other, "events": ["invoice.paid"]}, {"url": "https://nobody.test/"}]
    first = ask(box, webhooks=[*asked, {"url": WEBHOOK, "events": ["invoice.paid"]}])
    client.v1.webhook_endpoints.update(made.id, params={"disabled": True})
    second = ask(box, webhooks=asked[:1])
    client.v1.webhook_endpoints.update("we_shop", params={"enabled_events": ["*"]})

    assert list(verdicts(first).values()) == ["OK", "OK", "BAD", "BAD"], first
    assert [one["got"] for one in first["checks"][2:]] == ["no endpoint of that address", "without invoice.paid"]
    assert second["checks"][1]["got"] == "it is disabled"
    assert ask(box, webhooks=[{"url": WEBHOOK, "events": ["invoice.paid"]}])["verdict"] == "OK"


def test_more_webhooks_than_fit_on_a_page(box: Box, client: Any) -> None:
    for number in range(101):
        client.v1.webhook_endpoints.create(params={"url": f"https://many.test/{number}", "enabled_events": ["*"]})

    assert ask(box, webhooks=[{"url": WEBHOOK}])["verdict"] == "OK"


def test_a_card_that_is_declined_or_waits(box: Box) -> None:
    declined = ask(box, payment={"payment_method": "pm_card_visa_chargeDeclined"})
    waits = ask(box, payment={"payment_method": "pm_card_authenticationRequired"})
    mistyped = ask(box, payment={"payment_method": "pm_nobody"})

    assert (declined["verdict"], waits["verdict"], mistyped["verdict"]) == ("BAD", "BAD", "UNKNOWN")
    assert "Your card was declined" in declined["summary"]
    assert waits["checks"][1]["got"].endswith("requires_action, cancelled")
    assert [row["status"] for row in box.state()["stripe"]["payment_intents"][:2]] == ["requires_confirmation", "canceled"]


def test_a_lost_answer_makes_one_payment(box: Box) -> None:
    known = len(box.state()["stripe"]["payment_intents"])
    box.control("fail", target="stripe", times=1)

    assert ask(box, payment={})["verdict"] == "OK"
    assert len(box.state()["stripe"]["payment_intents"]) == known + 1


def test_stuck_payments_are_listed(box: Box, client: Any) -> None:
    held, waits = payment(client, capture_method="manual"), payment(client, payment_method="pm_card_authenticationRequired")
    assert payment(client).status == "succeeded"

    both = ask(box, stuck={"older_than": 0})
    one = ask(box, stuck={"older_than": 0, "statuses": ["requires_capture"], "at_most": 1})
    none = ask(box, stuck={"older_than": 900})

    assert {row["id"] for row in both["stuck"]} == {held.id, waits.id}
    assert (both["verdict"], one["verdict"], none["verdict"]) == ("BAD", "OK", "OK")
    assert [row["id"] for row in one["stuck"]] == [held.id]
    assert held.id in both["summary"]
    assert held.client_secret not in str(both)


def test_what_stripe_does_not_answer_is_unknown(box: Box) -> None:
    wrong = ask(box, key="sk_test_wrongwrongwrong", webhooks=[{"url": WEBHOOK}], stuck={}, fail=True)
    reads = ask(box, key=READS, webhooks=[{"url": WEBHOOK}], payment={})
    box.control("stuck", target="stripe")
    says = ask(box, webhooks=[{"url": WEBHOOK}])
    box.control("outage", vendor="stripe")
    told = ask(box, webhooks=[{"url": WEBHOOK}], timeout=0.5)
    box.control("stuck", target="stripe", on=False)
    down = ask(box, webhooks=[{"url": WEBHOOK}], payment={}, timeout=0.5)

    assert wrong["failed"]
    assert list(verdicts(wrong).values()) == ["OK", "UNKNOWN", "UNKNOWN"]
    assert "wrongwrong" not in str(wrong)
    assert list(verdicts(reads).values()) == ["OK", "OK", "UNKNOWN"]
    assert verdicts(says) == {"status": "BAD", f"webhook {WEBHOOK}": "OK"}
    assert list(verdicts(told).values()) == ["BAD", "UNKNOWN"]
    assert list(verdicts(down).values()) == ["UNKNOWN", "UNKNOWN"]
    assert "status page says nothing" in down["warnings"][0]


def test_nothing_asked_for_is_refused(box: Box) -> None:
    assert "nothing is asked for" in ask(box)["msg"]


def test_stripes_own_client_gets_the_errors_it_knows(client: Any) -> None:
    with pytest.raises(stripe.CardError, match="declined"):
        payment(client, payment_method="pm_card_visa_chargeDeclined")
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
        client.v1.payment_intents.retrieve("pi_nobody")
    made = payment(client)
    assert client.v1.refunds.create(params={"payment_intent": made.id}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="cannot cancel"):
        client.v1.payment_intents.cancel(made.id)
