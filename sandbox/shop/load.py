"""Customers: they log in, look, go to the checkout page and order, a few times a second, for ever."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping

import aiohttp

from sandbox.shop.database import CUSTOMER
from sandbox.shop.metrics import Metrics

_FORM = re.compile(r'<form id="checkout"[^>]* action="([^"]+)"')
_PATIENCE = aiohttp.ClientTimeout(total=15)
_MOST_AT_ONCE = 40
_NO_FORMS = "form-action 'none'"
BEARS = 50
"""How many people of a crowd one instance of the API bears without anybody waiting."""


def overload(crowd: int, instances: int) -> float:
    """By how much there are more people than the instances bear, as a share of what they bear; nobody of a crowd calls anything."""
    return max(0.0, crowd / (BEARS * max(1, instances)) - 1)


class Customers:
    """Load on the shop. `rate` is asked before each customer: checkouts per second, 0 for none.

    `pictures` are paths that each customer loads, and a word that is in each: where the storefronts are those of an edge.
    """

    def __init__(
        self,
        storefronts: list[str],
        api: str,
        metrics: Metrics,
        client: aiohttp.ClientSession,
        rate: Callable[[], float],
        pictures: Mapping[str, str] | None = None,
    ) -> None:
        self._storefronts: Iterator[str] = itertools.cycle(storefronts)
        self._api, self._metrics, self._client, self._rate = api, metrics, client, rate
        self._pictures = pictures or {}
        self._shopping: set[asyncio.Task[None]] = set()

    async def keep_coming(self) -> None:
        """Send customers at the given rate, however long each of them takes."""
        while True:
            rate = self._rate()
            if rate > 0 and len(self._shopping) < _MOST_AT_ONCE:
                task = asyncio.create_task(self._shop(next(self._storefronts)))
                self._shopping.add(task)
                task.add_done_callback(self._shopping.discard)
            await asyncio.sleep(1 / rate if rate > 0 else 0.5)

    async def _shop(self, storefront: str) -> None:
        started = time.perf_counter()
        try:
            result = await self._checkout(storefront)
        except (aiohttp.ClientError, TimeoutError):
            result = "no_answer"
        self._metrics.attempted(result, time.perf_counter() - started)

    async def _checkout(self, storefront: str) -> str:
        """`ok`, or the step that failed."""
        email, password = CUSTOMER
        credentials = {"email": email, "password": password}
        async with self._client.post(f"{self._api}/api/auth/login", json=credentials, timeout=_PATIENCE) as answer:
            if answer.status != 200:
                return "login_failed"
            token = (await answer.json())["token"]
        async with self._client.get(f"{self._api}/api/catalog/products", timeout=_PATIENCE) as answer:
            if answer.status != 200:
                return "catalogue_failed"
            products = (await answer.json())["products"]
        if not products:
            return "nothing_to_buy"
        product = products[0]["id"]
        async with self._client.get(f"{storefront}/checkout", timeout=_PATIENCE) as answer:
            form = _FORM.search(await answer.text())
            if answer.status != 200 or form is None or _NO_FORMS in answer.headers.get("content-security-policy", ""):
                return "checkout_page_broken"
        for path, words in self._pictures.items():
            async with self._client.get(storefront + path, timeout=_PATIENCE) as answer:
                if answer.status != 200 or words not in await answer.text():
                    return "pictures_broken"
        order = {"items": [{"product_id": product, "quantity": 1}]}
        bearer = {"Authorization": f"Bearer {token}"}
        async with self._client.post(form[1], json=order, headers=bearer, timeout=_PATIENCE) as answer:
            return "ok" if answer.status == 201 else "order_failed"
