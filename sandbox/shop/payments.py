"""The payment service: charges test cards at Stripe, keeps nothing."""

from __future__ import annotations

import aiohttp
from aiohttp import web

from sandbox.artifacts import Serving
from sandbox.shop.site import Site
from sandbox.stripe import KEY

DECLINED = "4000000000000002"


def add_payments(site: Site, stripe: str, client: aiohttp.ClientSession) -> None:
    """`POST /charges {amount_cents, currency, card}` → 201 `{id, status}`; 402 for the card that is declined, 502 without Stripe."""

    async def charge(request: web.Request, serving: Serving) -> web.Response:
        if site.checkout_breaks(serving):
            return web.json_response({"error": "card processor returned no result"}, status=500)
        body = await request.json()
        payment = {
            "amount": str(body["amount_cents"]),
            "currency": str(body.get("currency", "EUR")).lower(),
            "payment_method": "pm_card_visa_chargeDeclined" if body.get("card") == DECLINED else "pm_card_visa",
            "confirm": "true",
            "automatic_payment_methods[enabled]": "true",
            "automatic_payment_methods[allow_redirects]": "never",
        }
        try:
            async with client.post(f"{stripe}/v1/payment_intents", data=payment, headers={"Authorization": f"Bearer {KEY}"}) as answer:
                if answer.status == 402:
                    return web.json_response({"error": "card_declined"}, status=402)
                if answer.status != 200:
                    return web.json_response({"error": f"Stripe answers {answer.status}"}, status=502)
                intent = await answer.json()
        except aiohttp.ClientError:
            return web.json_response({"error": "Stripe does not answer"}, status=502)
        return web.json_response({"id": intent["id"], "status": intent["status"]}, status=201)

    site.route("POST", "/charges", charge)
