"""The web pages of the shop: home, catalogue, checkout; and those of its back office."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.artifacts import Serving
from sandbox.shop.settings import leads_to
from sandbox.shop.site import Site

PAGES = {
    "backoffice.rachelfoods.test": ("Back office", "Orders, stock, refunds."),
    "blog.rachelfoods.test": ("Blog", "Recipes, and the people who grow what is in them."),
    "accounts": ("Accounts", "Sign in to see your orders."),
    "stock": ("Stock", "What is on the shelves."),
    "bookings": ("Bookings", "A table, a class, a tasting."),
}
"""Title and text by the address that serves them."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="version" content="{commit}">
<title>{title} · Rachel Foods</title>
<style>
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }}
nav a {{ margin-right: 1rem }} .error {{ color: #a40000 }} footer {{ color: #666; font-size: .8rem }}
</style>
</head>
<body>
<nav><a href="/">Home</a><a href="/catalog">Catalogue</a><a href="/checkout">Checkout</a></nav>
<h1>{title}</h1>
{body}
<footer>{release}</footer>
</body>
</html>
"""
_FORM = """<form id="checkout" method="post" action="{api}/api/orders">
<label>Product <input name="product" value="1"></label>
<label>Quantity <input name="quantity" value="1"></label>
<label>Card <input name="card" value="4242424242424242"></label>
<button>Pay now</button>
</form>"""
_CASH = '<p class="notice">Paying by card is temporarily unavailable. Please pay in cash on delivery.</p>\n'
_BROKEN = '<p class="error">Something went wrong while we prepared your checkout. Please try again later.</p>'


def _page(serving: Serving, title: str, body: str, status: int = 200) -> web.Response:
    text = _PAGE.format(title=escape(title), body=body, commit=serving.commit, release=serving.release)
    return web.Response(status=status, text=text, content_type="text/html")


def add_storefront(site: Site, api: str, client: aiohttp.ClientSession, slots: Callable[[], bool], cash: Callable[[], bool]) -> None:
    """The shop's pages; `api` is where the checkout form sends its order to, `slots` whether it asks for a delivery slot first.

    With `cash` it is paid on delivery.
    """

    async def home(request: web.Request, serving: Serving) -> web.Response:
        return _page(serving, "Rachel Foods", '<p>Good food, delivered. <a href="/catalog">See what is fresh</a>.</p>')

    async def catalog(request: web.Request, serving: Serving) -> web.Response:
        products = await _products(client, leads_to(serving, "SHOP_API_URL", api))
        if products is None:
            return _page(serving, "Catalogue", '<p class="error">The catalogue is not available.</p>', 502)
        rows = "".join(f"<li>{escape(p['name'])} · {p['price_cents'] / 100:.2f} €</li>" for p in products)
        return _page(serving, "Catalogue", f"<ul>{rows}</ul>")

    async def checkout(request: web.Request, serving: Serving) -> web.Response:
        form = (_CASH if cash() else "") + _FORM.format(api=leads_to(serving, "SHOP_API_URL", api))
        broken = slots() or site.checkout_breaks(serving)  # nobody has ever entered a slot to choose from
        return _page(serving, "Checkout", _BROKEN if broken else form)

    site.route("GET", "/", home)
    site.route("GET", "/catalog", catalog)
    site.route("GET", "/checkout", checkout)


async def _products(client: aiohttp.ClientSession, api: str) -> list[dict[str, Any]] | None:
    """What there is to buy; None when the API does not say."""
    try:
        async with client.get(f"{api}/api/catalog/products") as answer:
            return list((await answer.json())["products"]) if answer.status == 200 else None
    except aiohttp.ClientError:
        return None


def add_page(site: Site, address: str) -> None:
    """What has a single page: whoever rolls the shop back must not touch it without need."""
    title, text = PAGES[address]

    async def home(request: web.Request, serving: Serving) -> web.Response:
        return _page(serving, title, f"<p>{text}</p>")

    site.route("GET", "/", home)
