"""The payment service: charges test cards, keeps nothing."""

from __future__ import annotations

import secrets

from aiohttp import web

from sandbox.artifacts import Serving
from sandbox.shop.site import Site

DECLINED = "4000000000000002"


def add_payments(site: Site) -> None:
    """`POST /charges {amount_cents, currency, card}` → 201 `{id, status}`; 402 for the card that is declined."""

    async def charge(request: web.Request, serving: Serving) -> web.Response:
        if site.checkout_breaks(serving):
            return web.json_response({"error": "card processor returned no result"}, status=500)
        body = await request.json()
        if body.get("card") == DECLINED:
            return web.json_response({"error": "card_declined"}, status=402)
        return web.json_response({"id": f"ch_{secrets.token_hex(12)}", "status": "succeeded"}, status=201)

    site.route("POST", "/charges", charge)
