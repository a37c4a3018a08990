# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhook endpoints, a test payment and stuck payments, each as a check."""
from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import PlanLimit, RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe.account import Account

WEBHOOK_PAGES, PAYMENT_PAGES = 3, 10
SHOWN = 5
"""Ids that are told of many."""
DONE = ("succeeded", "canceled")


def webhook_name(wanted: Mapping[str, Any]) -> str:
    return f"Stripe: webhook {wanted['url']}"


def webhooks(account: Account, wanted: Sequence[Mapping[str, Any]]) -> list[Check]:
    """One for each address. Several endpoints of one address: the best of them counts, for it gets the events."""
    rows = list(account.pages("/v1/webhook_endpoints", WEBHOOK_PAGES))
    return [_webhook(one, [row for row in rows if row.get("url") == one["url"]]) for one in wanted]


def _webhook(wanted: Mapping[str, Any], rows: list[dict[str, Any]]) -> Check:
    name, expected = webhook_name(wanted), "an enabled endpoint in test mode"
    if not rows:
        return checked(name, "BAD", step="webhook", expected=expected, got="no endpoint of that address")
    on = [row for row in rows if row.get("status") == "enabled"]
    if not on:
        return checked(name, "BAD", step="webhook", expected=expected, got=f"it is {rows[0].get('status')}")
    lacking = min(([event for event in wanted["events"] if not {event, "*"} & set(row["enabled_events"])] for row in on), key=len)
    if lacking:
        return checked(name, "BAD", step="webhook", expected=f"events {', '.join(wanted['events'])}", got=f"without {', '.join(lacking)}")
    return checked(name, "OK", got=f"enabled, {len(on[0]['enabled_events'])} kinds of events")


PAYMENT = "Stripe: test payment"


def payment(account: Account, wanted: Mapping[str, Any]) -> Check:
    """Pay with a test card, and give it back. A payment that waits for something is cancelled."""
    started = time.monotonic()
    paid = f"lastgood-{uuid.uuid4()}"
    try:
        intent = account.post(
            "/v1/payment_intents",
            paid,
            **{
                "amount": wanted["amount"],
                "currency": wanted["currency"],
                "payment_method": wanted["payment_method"],
                "confirm": "true",
                "automatic_payment_methods[enabled]": "true",
                "automatic_payment_methods[allow_redirects]": "never",
                "description": "Test payment of a rollback's verification",
                "metadata[lastgood]": "test payment",
            },
        )
    except PlanLimit as declined:  # 402: the card, not our plan
        return _payment("BAD", declined.message, started)
    said = f"{intent['id']} {intent['status']}"
    if intent["status"] == "succeeded":
        returned = _after(account, "/v1/refunds", f"{paid}-refund", payment_intent=intent["id"])
        return _payment("OK", f"{said}, {returned or 'refunded'}", started)
    returned = _after(account, f"/v1/payment_intents/{intent['id']}/cancel", f"{paid}-cancel")
    verdict = "UNKNOWN" if intent["status"] == "processing" else "BAD"
    return _payment(verdict, f"{said}, {returned or 'cancelled'}", started)


def _after(account: Account, path: str, key: str, **fields: Any) -> str:
    """Tidying up; empty when it is done, else why not. Test mode's money is none, so that it is no verdict."""
    try:
        account.post(path, key, **fields)
    except RecoveryError as error:
        return f"left as it is: {error.message}"
    return ""


def _payment(verdict: str, got: str, started: float) -> Check:
    return checked(PAYMENT, verdict, step="payment", expected="succeeded", got=got, seconds=round(time.monotonic() - started, 3))


STUCK = "Stripe: stuck payments"


def stuck(account: Account, wanted: Mapping[str, Any], now: float) -> tuple[Check, list[dict[str, Any]]]:
    """Payments that have waited too long for what their status says, and the check of how many there may be."""
    span_of_time = {"created[gte]": int(now - wanted["within"]), "created[lte]": int(now - wanted["older_than"])}
    rows = [
        {key: row.get(key) for key in ("id", "status", "amount", "currency", "created")}
        for row in account.pages("/v1/payment_intents", PAYMENT_PAGES, **span_of_time)
        if row.get("status") in wanted["statuses"]
    ]
    expected = f"at most {wanted['at_most']} {', '.join(wanted['statuses'])} for more than {span(wanted['older_than'])}"
    ids = ", ".join(f"{row['id']} {row['status']}" for row in rows[:SHOWN]) + (" …" if len(rows) > SHOWN else "")
    got = f"{len(rows)} since {span(wanted['within'])}" + (f": {ids}" if rows else "")
    return checked(STUCK, "BAD" if len(rows) > wanted["at_most"] else "OK", step="payments", expected=expected, got=got), rows
