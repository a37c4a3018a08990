"""The shop's API: catalogue, login, orders that are written to PostgreSQL and paid through `payments`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.artifacts import CONNECTIONS, Serving
from sandbox.shop.database import Database, password_hash
from sandbox.shop.metrics import Metrics
from sandbox.shop.settings import leads_to
from sandbox.shop.site import Site


class Api:
    """Handlers of the service `api`. Without a database it can only say that it has none."""

    def __init__(
        self,
        site: Site,
        metrics: Metrics,
        payments: str,
        client: aiohttp.ClientSession,
        database: Database | None,
        token_key: Callable[[], str],
        cash: Callable[[], bool],
    ) -> None:
        self._site, self._metrics, self._payments, self._client = site, metrics, payments, client
        self._database, self._token_key, self._cash = database, token_key, cash
        site.route("GET", "/api/health", self.health)
        site.route("GET", "/api/catalog/products", self.products)
        site.route("POST", "/api/auth/login", self.login)
        site.route("POST", "/api/orders", self.order)

    @property
    def _db(self) -> Database:
        if self._database is None:
            raise web.HTTPServiceUnavailable(text='{"error": "no database"}', content_type="application/json")
        return self._database

    async def health(self, request: web.Request, serving: Serving) -> web.Response:
        """Up or not; whether orders work is another question, which this endpoint never asks."""
        return web.json_response({"status": "ok", "database": self._database is not None})

    async def products(self, request: web.Request, serving: Serving) -> web.Response:
        async with self._db.connection() as db:
            rows = await (await db.execute("SELECT id, name, price_cents FROM products ORDER BY id")).fetchall()
        return web.json_response({"products": rows})

    async def login(self, request: web.Request, serving: Serving) -> web.Response:
        """`{email, password}` → `{token}`."""
        body = await _json(request)
        async with self._db.connection() as db:
            found = await db.execute("SELECT id, password_hash FROM customers WHERE email = %s", (body.get("email"),))
            customer = await found.fetchone()
        given = password_hash(str(body.get("password")))
        if customer is None or not hmac.compare_digest(customer["password_hash"], given):
            return web.json_response({"error": "wrong email or password"}, status=401)
        return web.json_response({"token": f"{customer['id']}.{self._sign(customer['id'])}"})

    def _sign(self, customer: int) -> str:
        return hmac.new(self._token_key().encode(), str(customer).encode(), hashlib.sha256).hexdigest()

    def _customer(self, request: web.Request) -> int | None:
        number, _, signature = request.headers.get("Authorization", "").removeprefix("Bearer ").partition(".")
        if number.isdigit() and hmac.compare_digest(self._sign(int(number)), signature):
            return int(number)
        return None

    async def order(self, request: web.Request, serving: Serving) -> web.Response:
        """`{items: [{product_id, quantity}], card}` → 201 `{id, status, payment}`; with cash on delivery nobody has to pay now."""
        customer = self._customer(request)
        if customer is None:
            return web.json_response({"error": "log in first"}, status=401)
        if self._site.checkout_breaks(serving):
            return web.json_response({"error": "TypeError: cannot read properties of undefined"}, status=500)
        if serving.behaviour.leaks == CONNECTIONS:
            await self._db.lose(lambda: self._site.still(serving))
        body = await _json(request)
        quantities = {int(item["product_id"]): int(item.get("quantity", 1)) for item in body.get("items", [])}
        if not quantities:
            return web.json_response({"error": "the order has no items"}, status=422)
        order = await self._write(customer, quantities)
        if order is None:
            return web.json_response({"error": "unknown product or quantity"}, status=422)
        cash = self._cash()
        payment = None if cash else await self._charge(serving, order["total_cents"], str(body.get("card", "4242424242424242")))
        status = "cash_on_delivery" if cash else "paid" if payment else "payment_failed"
        async with self._db.connection() as db:
            update = "UPDATE orders SET status = %s, payment = %s WHERE id = %s"
            await db.execute(update, (status, payment, order["id"]))
        if status == "payment_failed":
            return web.json_response({"id": order["id"], "error": "the payment failed"}, status=502)
        self._metrics.orders.inc()
        return web.json_response({"id": order["id"], "status": status, "payment": payment}, status=201)

    async def _write(self, customer: int, quantities: dict[int, int]) -> dict[str, Any] | None:
        async with self._db.connection() as db, db.transaction():
            found = await db.execute("SELECT id, price_cents FROM products WHERE id = ANY(%s)", (list(quantities),))
            prices = {row["id"]: row["price_cents"] for row in await found.fetchall()}
            if set(prices) != set(quantities) or min(quantities.values()) < 1:
                return None
            total = sum(prices[id] * quantity for id, quantity in quantities.items())
            insert = "INSERT INTO orders (customer_id, status, total_cents) VALUES (%s, 'pending', %s) RETURNING *"
            order = await (await db.execute(insert, (customer, total))).fetchone()
            assert order is not None
            for id, quantity in quantities.items():
                await db.execute("INSERT INTO order_items VALUES (%s, %s, %s)", (order["id"], id, quantity))
        return order

    async def _charge(self, serving: Serving, cents: int, card: str) -> str | None:
        """The payment's identifier, None when it was refused or `payments` does not work."""
        body = {"amount_cents": cents, "currency": "EUR", "card": card}
        try:
            address = leads_to(serving, "PAYMENTS_URL", self._payments)
            async with self._client.post(f"{address}/charges", json=body) as answer:
                return (await answer.json())["id"] if answer.status == 201 else None
        except aiohttp.ClientError:
            return None


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text='{"error": "the body is no JSON object"}', content_type="application/json")
    return body
