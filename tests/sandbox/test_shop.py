"""The living shop: what is served decides what customers get, and the database keeps what they bought."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import requests

from sandbox.shop.database import CUSTOMER
from sandbox.shop.payments import DECLINED
from sandbox.testing import Box, running

Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="module")
def lively() -> Iterator[Box]:
    with running() as box:
        yield box


@pytest.fixture
def shop(lively: Box) -> Box:
    lively.reset()
    lively.control("load", rate=0)
    return lively


def order(shop: Box, patience: float = 10, **body: Any) -> requests.Response:
    api = shop.served_url("api")
    email, password = CUSTOMER
    login = requests.post(f"{api}/api/auth/login", json={"email": email, "password": password}, timeout=10)
    bearer = {"Authorization": f"Bearer {login.json()['token']}"}
    items = [{"product_id": 1, "quantity": 2}, {"product_id": 3, "quantity": 1}]
    return requests.post(f"{api}/api/orders", json={"items": items, **body}, headers=bearer, timeout=patience)


def rows(shop: Box, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(shop.read("addresses")["postgres"]) as db:
        return db.execute(query).fetchall()


def checkout_page(shop: Box, domain: str = "shop.rachelfoods.test") -> requests.Response:
    return requests.get(f"{shop.served_url(domain)}/checkout", timeout=10)


def test_an_order_is_paid_and_written(shop: Box) -> None:
    answer = order(shop)
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["payment"][:3]) == ("paid", "pi_")
    prices = dict(rows(shop, "SELECT id, price_cents FROM products"))
    assert rows(shop, "SELECT id, status, total_cents FROM orders") == [
        (answer.json()["id"], "paid", 2 * prices[1] + prices[3])
    ]
    assert rows(shop, "SELECT product_id, quantity FROM order_items ORDER BY 1") == [(1, 2), (3, 1)]


def test_what_the_api_refuses(shop: Box) -> None:
    api = shop.served_url("api")
    wrong = {"email": CUSTOMER[0], "password": "wrong"}
    assert requests.post(f"{api}/api/auth/login", json=wrong, timeout=10).status_code == 401
    assert requests.post(f"{api}/api/orders", json={"items": []}, timeout=10).status_code == 401
    assert order(shop, items=[]).status_code == 422
    assert order(shop, items=[{"product_id": 99}]).status_code == 422
    assert rows(shop, "SELECT * FROM orders") == []
    assert order(shop, card=DECLINED).status_code == 502
    assert rows(shop, "SELECT status FROM orders") == [("payment_failed",)]


def test_pages_carry_their_version_and_the_address_of_the_api(shop: Box) -> None:
    page = checkout_page(shop)
    commit = requests.get(f"{shop.served_url('shop.rachelfoods.test')}/version", timeout=10).json()["commit"]
    assert page.headers["x-release"] == commit
    assert f'<meta name="version" content="{commit}">' in page.text
    assert f'action="{shop.served_url("api")}/api/orders"' in page.text
    catalogue = requests.get(f"{shop.served_url('shop.rachelfoods.test')}/catalog", timeout=10)
    assert "Sourdough bread" in catalogue.text


def test_a_bad_storefront_breaks_the_page_and_nothing_else(shop: Box) -> None:
    shop.ship("storefront", "breaks-checkout")
    page = checkout_page(shop)
    assert page.status_code == 200
    assert "<form" not in page.text
    assert "Something went wrong" in page.text
    assert requests.get(f"{shop.served_url('shop.rachelfoods.test')}/health", timeout=10).json() == {"status": "ok"}
    assert order(shop).status_code == 201


@pytest.mark.parametrize(("target", "status"), [("api", 500), ("payments", 502)])
def test_a_bad_backend_breaks_orders_and_nothing_else(shop: Box, target: str, status: int) -> None:
    shop.ship(target, "breaks-checkout")
    assert order(shop).status_code == status
    assert requests.get(f"{shop.served_url(target)}/health", timeout=10).json() == {"status": "ok"}
    assert requests.get(f"{shop.served_url('api')}/api/catalog/products", timeout=10).status_code == 200
    assert rows(shop, "SELECT * FROM orders WHERE status = 'paid'") == []


def test_a_crashing_storefront_fails_everywhere(shop: Box) -> None:
    shop.ship("storefront", "crashing")
    for path in ("/", "/checkout", "/health", "/version"):
        url = f"{shop.served_url('m.rachelfoods.test')}{path}"
        assert requests.get(url, timeout=10).status_code == 500
    assert requests.get(shop.served_url("backoffice.rachelfoods.test"), timeout=10).status_code == 200


def test_flaky_is_one_in_three(shop: Box) -> None:
    shop.ship("storefront", "flaky-checkout")
    broken = ["<form" not in checkout_page(shop).text for _ in range(9)]
    assert broken.count(True) == 3


def test_wrong_variables_break_what_they_lead_to_and_nothing_else(shop: Box) -> None:
    catalogue = f"{shop.served_url('shop.rachelfoods.test')}/catalog"
    assert (order(shop).status_code, requests.get(catalogue, timeout=10).status_code) == (201, 200)
    code = {name: row["commit"] for name, row in shop.state()["serving"].items()}
    shop.control("break", what="configuration")
    assert (order(shop).status_code, requests.get(catalogue, timeout=10).status_code) == (502, 502)
    assert 'action="http://127.0.0.1:1/api/orders"' in checkout_page(shop).text
    assert requests.get(f"{shop.served_url('api')}/health", timeout=10).status_code == 200
    assert {name: row["commit"] for name, row in shop.state()["serving"].items()} == code


def test_slow_is_slow(shop: Box) -> None:
    shop.set_latency(**{"shop.slow": 0.3})
    shop.ship("storefront", "slow")
    assert checkout_page(shop).elapsed.total_seconds() >= 0.3


def test_a_crowd_is_slow_until_there_are_instances_enough(shop: Box) -> None:
    shop.set_latency(**{"shop.slow": 0.3})
    version, render = f"{shop.served_url('api')}/version", f"{shop.vendor_url('render')}/v1/services/srv-api/scale"
    shop.control("crowd", people=200)
    assert requests.get(version, timeout=10).elapsed.total_seconds() >= 0.3
    shop.ship("api", "good")
    assert requests.get(version, timeout=10).elapsed.total_seconds() >= 0.3
    key = {"Authorization": "Bearer sandbox-render-token"}
    assert requests.post(render, json={"numInstances": 4}, headers=key, timeout=10).status_code == 202
    assert requests.get(version, timeout=10).elapsed.total_seconds() < 0.3


def test_a_job_that_is_slow_keeps_the_shop_from_its_catalogue(shop: Box) -> None:
    shop.control("break", what="slow-query")
    catalogue = f"{shop.served_url('api')}/api/catalog/products"
    with pytest.raises(requests.Timeout):
        requests.get(catalogue, timeout=0.3)
    waiting = "SELECT wait_event_type FROM pg_stat_activity WHERE query LIKE 'SELECT id, name%'"
    assert ("Lock",) in rows(shop, waiting)
    shop.reset()
    assert requests.get(catalogue, timeout=10).status_code == 200


def test_the_shop_notices_a_fault_by_itself(shop: Box, eventually: Eventually) -> None:
    shop.control("load", rate=30)
    eventually(lambda: shop.shop(1)["attempts"] >= 10)
    assert shop.shop(1)["results"] == {}
    shop.ship("api", "breaks-checkout")
    eventually(lambda: shop.shop(0.5)["error_rate"] == 1)
    assert set(shop.shop(0.5)["results"]) == {"order_failed"}
    shop.reset()
    eventually(lambda: shop.shop(0.5)["error_rate"] == 0)


def test_metrics_are_prometheus_text(shop: Box) -> None:
    order(shop)
    text = requests.get(f"{shop.control_url}/metrics", timeout=10).text
    assert 'requests_total{route="/api/orders",service="api",status="201"}' in text
    assert 'request_duration_seconds_bucket{le="0.5",route="/api/orders",service="api"}' in text
    assert "orders_total" in text
    assert "checkout_attempts_total" in text


def test_orders_survive_a_killed_sandbox(shop: Box) -> None:
    number = order(shop).json()["id"]
    shop.kill()
    shop.start()
    assert rows(shop, "SELECT id, status FROM orders") == [(number, "paid")]
    assert order(shop).status_code == 201


def metric(shop: Box, name: str) -> float:
    text = requests.get(f"{shop.control_url}/metrics", timeout=10).text
    return float(next(line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(name)))


def test_a_leak_of_memory_lasts_as_long_as_the_release(shop: Box) -> None:
    version = f"{shop.served_url('api')}/version"
    for kind, percent in (("leaks-memory", 97), ("good", 40)):
        shop.ship("api", kind)
        for _ in range(120):
            requests.get(version, timeout=10)
        assert metric(shop, 'process_memory_percent{service="api"}') == percent


def test_a_leak_of_connections_starves_the_shop_as_long_as_the_release_serves(shop: Box, eventually: Eventually) -> None:
    shop.ship("api", "leaks-connections")
    assert [order(shop).status_code for _ in range(3)] == [201, 201, 201]
    assert metric(shop, "database_pool_in_use_percent") == 75
    with pytest.raises(requests.Timeout):
        order(shop, patience=0.5)
    assert metric(shop, "database_pool_in_use_percent") == 100
    shop.ship("api", "good")
    eventually(lambda: metric(shop, "database_pool_in_use_percent") == 0)
    assert order(shop).status_code == 201
