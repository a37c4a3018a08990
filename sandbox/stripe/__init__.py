"""Stripe: webhook endpoints, payment intents and refunds of an account's test mode, idempotency keys, and Stripe's status page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call, Refusal, Reply, Route
from sandbox.no_releases import NoReleases
from sandbox.state import Row
from sandbox.stripe import payments
from sandbox.stripe.rows import listing, many, new_id, said

KEY, READS = "sk_test_sandbox", "rk_test_sandboxreads"
STATUS = "/current/full"
"""Of its status page, which is another host than the API."""
WEBHOOK = "https://shop.rachelfoods.test/api/stripe/webhook"
EVENTS = ["payment_intent.succeeded", "payment_intent.payment_failed", "charge.refunded"]


def webhook(id: str, url: str, events: list[str], created: int) -> Row:
    plain: Row = {"object": "webhook_endpoint", "api_version": None, "description": None, "livemode": False, "metadata": {}}
    return {"id": id, "url": url, "enabled_events": events, "status": "enabled", "created": created, **plain}


def list_webhooks(stripe: Stripe, call: Call) -> Row:
    return listing("/v1/webhook_endpoints", stripe.rows["webhooks"], call)


def create_webhook(stripe: Stripe, call: Call) -> Row:
    stripe.may_write()
    row = webhook(new_id("we"), said(call, "url"), many(call, "enabled_events"), now_ms() // 1000)
    stripe.rows["webhooks"].insert(0, row)
    return {**row, "secret": new_id("whsec")}


def update_webhook(stripe: Stripe, call: Call) -> Row:
    stripe.may_write()
    for row in stripe.rows["webhooks"]:
        if row["id"] == call.match["id"]:
            if disabled := said(call, "disabled"):
                row["status"] = "disabled" if disabled == "true" else "enabled"
            row["enabled_events"] = many(call, "enabled_events") or row["enabled_events"]
            found: Row = row
            return found
    raise Refusal(404, f"No such webhook endpoint: '{call.match['id']}'", "resource_missing")


def status(stripe: Stripe, call: Call) -> Row:
    """What status.stripe.com says."""
    if "stripe" in stripe.state.settings["stuck"]:
        return {"UptimeStatus": "down", "message": "Elevated errors", "uptimeData": []}
    return {"UptimeStatus": "up", "message": "All services are online.", "uptimeData": []}


class Stripe(NoReleases):
    """The API v1 as far as a check of payments goes. `outage` silences it and its status page, `stuck` makes the page tell of an outage
    all the same, and `fail` loses answers."""

    name = "stripe"
    served = ()
    tokens = (KEY, READS)
    routes: ClassVar[list[Route]] = [
        ("GET", STATUS, status),
        ("GET", "/v1/webhook_endpoints", list_webhooks),
        ("POST", "/v1/webhook_endpoints", create_webhook),
        ("POST", "/v1/webhook_endpoints/{id}", update_webhook),
        *payments.ROUTES,
    ]
    steps: ClassVar = {}
    limits: ClassVar = {"account": (100, 1.0)}
    latencies: ClassVar = {"http": 0.0}

    def __init__(self, state: Any) -> None:
        super().__init__(state)
        self._key = ""

    @property
    def rows(self) -> Row:
        rows: Row = self.state.data["stripe"]
        return rows

    def authorize(self, call: Call) -> None:
        self._key = call.bearer
        if call.path.startswith("/v1/") and call.bearer not in self.tokens:
            masked = f"{call.bearer[:8]}{'*' * 8}{call.bearer[-4:]}"
            raise Refusal(401, f"Invalid API Key provided: {masked}")

    def may_write(self) -> None:
        if self._key == READS:
            raise Refusal(403, "The provided key does not have the required permissions for this endpoint.", "more_permissions_required")

    def _answer(self, handler: Callable[[Any, Call], Any], call: Call, headers: dict[str, str]) -> Reply:
        """A call with an idempotency key is made once: the answer is kept, an error of the card too."""
        key = call.headers.get("Idempotency-Key")
        if call.method != "POST" or not key:
            return super()._answer(handler, call, headers)
        asked = json.dumps([call.path, call.body], sort_keys=True)
        kept = self.rows["answers"].get(key)
        if kept and kept["asked"] != asked:
            raise Refusal(400, "Keys for idempotent requests can only be used with the same parameters", type="idempotency_error")
        if kept:
            return Reply(kept["status"], kept["body"], {"Idempotent-Replayed": "true"})
        try:
            reply = super()._answer(handler, call, headers)
        except Refusal as refusal:
            if refusal.status != 402:
                raise
            reply = Reply(402, self.error_body(refusal))
        self.rows["answers"][key] = {"asked": asked, "status": reply.status, "body": json.loads(json.dumps(reply.body))}
        if self.state.fails_now(self.name):
            raise Refusal(500, "An unknown error occurred")
        return reply

    def out(self, path: str) -> bool:
        tells = path == STATUS and self.name in self.state.settings["stuck"]
        return super().out(path) and not tells

    def bucket_name(self, call: Call) -> str:
        return "account"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {"Stripe-Should-Retry": "false"} if bucket.remaining else {}

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Request rate limit exceeded.", "rate_limit")

    def error_body(self, refusal: Refusal) -> Row:
        kind = "api_error" if refusal.status >= 500 else "invalid_request_error"
        return {"error": {"type": kind, "message": refusal.message, **({"code": refusal.code} if refusal.code else {}), **refusal.extra}}

    @classmethod
    def history(cls, friday: int) -> Row:
        created = friday // 1000
        paid = [payments.payment_intent(1900 + 100 * number, "usd", "succeeded", created - 600 * number) for number in range(3)]
        return {"webhooks": [webhook("we_shop", WEBHOOK, EVENTS, created)], "payment_intents": paid, "refunds": [], "answers": {}}

    def targets(self) -> list[str]:
        return ["stripe"]
