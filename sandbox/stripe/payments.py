"""Payment intents and refunds: test cards do what Stripe's documentation says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Route
from sandbox.state import Row
from sandbox.stripe.rows import between, listing, new_id, said

if TYPE_CHECKING:
    from sandbox.stripe import Stripe

CARDS = {
    "pm_card_visa": "succeeded",
    "pm_card_authenticationRequired": "requires_action",
    "pm_card_visa_chargeDeclined": "declined",
}
MOST = 500
"""Payments that are remembered: the shop's customers pay without end."""
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")


def payment_intent(amount: int, currency: str, status: str, created: int) -> Row:
    id = new_id("pi")
    return {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_received": amount if status == "succeeded" else 0,
        "currency": currency,
        "status": status,
        "created": created,
        "livemode": False,
        "client_secret": f"{id}_secret_{new_id('x')}",
        "metadata": {},
    }


def create(stripe: Stripe, call: Call) -> Row:
    stripe.may_write()
    try:
        amount = int(said(call, "amount"))
    except ValueError:
        raise Refusal(400, "Missing required param: amount.", "parameter_missing") from None
    if amount < 50:
        raise Refusal(400, "Amount must be at least $0.50 usd", "amount_too_small")
    row = payment_intent(amount, said(call, "currency"), "requires_confirmation", now_ms() // 1000)
    row["payment_method"] = said(call, "payment_method") or None
    row["capture_method"] = said(call, "capture_method") or "automatic"
    row["metadata"] = {name[9:-1]: value for name, value in (call.body or {}).items() if name.startswith("metadata[")}
    stripe.rows["payment_intents"].insert(0, row)
    del stripe.rows["payment_intents"][MOST:]
    if said(call, "confirm") == "true":
        _confirm(row, said(call, "automatic_payment_methods[allow_redirects]") == "never" or bool(said(call, "return_url")))
    return row


def _confirm(row: Row, no_redirect: bool) -> None:
    if not no_redirect:
        raise Refusal(400, "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Give a return_url.")
    card = CARDS.get(row["payment_method"])
    if card is None:
        raise Refusal(400, f"No such PaymentMethod: '{row['payment_method']}'", "resource_missing")
    if card == "declined":
        row["status"] = "requires_payment_method"
        raise Refusal(402, "Your card was declined.", "card_declined", type="card_error")
    row["status"] = "requires_capture" if card == "succeeded" and row["capture_method"] == "manual" else card
    row["amount_received"] = row["amount"] if row["status"] == "succeeded" else 0


def find(stripe: Stripe, id: str) -> Row:
    for row in stripe.rows["payment_intents"]:
        if row["id"] == id:
            found: Row = row
            return found
    raise Refusal(404, f"No such payment_intent: '{id}'", "resource_missing")


def show(stripe: Stripe, call: Call) -> Row:
    return find(stripe, call.match["id"])


def cancel(stripe: Stripe, call: Call) -> Row:
    stripe.may_write()
    row = find(stripe, call.match["id"])
    if row["status"] not in CANCELABLE:
        words = f"You cannot cancel this PaymentIntent because it has a status of {row['status']}."
        raise Refusal(400, words, "payment_intent_unexpected_state")
    row["status"] = "canceled"
    return row


def listed(stripe: Stripe, call: Call) -> Row:
    return listing("/v1/payment_intents", [row for row in stripe.rows["payment_intents"] if between(row, call)], call)


def refund(stripe: Stripe, call: Call) -> Row:
    stripe.may_write()
    row = find(stripe, said(call, "payment_intent"))
    if row["status"] != "succeeded" or any(one["payment_intent"] == row["id"] for one in stripe.rows["refunds"]):
        raise Refusal(400, f"PaymentIntent {row['id']} has no charge to be refunded.", "charge_already_refunded")
    made = {"id": new_id("re"), "object": "refund", "payment_intent": row["id"], "amount": row["amount"], "status": "succeeded"}
    stripe.rows["refunds"].append(made)
    return made


ROUTES: list[Route] = [
    ("GET", "/v1/payment_intents", listed),
    ("POST", "/v1/payment_intents", create),
    ("GET", "/v1/payment_intents/{id}", show),
    ("POST", "/v1/payment_intents/{id}/cancel", cancel),
    ("POST", "/v1/refunds", refund),
]
