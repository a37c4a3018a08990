"""What is really there, asked of the shop's addresses and of the vendors, and never of the code under test."""

from __future__ import annotations

from typing import Any

import requests

from sandbox.addresses import SERVED, STOREFRONT
from sandbox.testing import Box

SHOPPER = {"email": "shopper@rachelfoods.test", "password": "sandbox-password"}
ADDRESSES = {"storefront": STOREFRONT, "backoffice": ("backoffice.rachelfoods.test",), "api": ("api",), "payments": ("payments",)}
"""Where each target is served."""


def served(box: Box) -> dict[str, str]:
    """By address, the commit that it shows."""
    return {address: requests.get(f"{box.served_url(address)}/version", timeout=5).json()["commit"] for address in SERVED}


def pushes_go_live(box: Box) -> dict[str, bool]:
    """By target, whether the next push goes live."""
    state = box.state()
    vercel = {row["name"]: row["autoAssignCustomDomains"] for row in state["vercel"]["projects"].values()}
    render = {row["name"]: row["autoDeploy"] == "yes" for row in state["render"]["services"].values()}
    return vercel | render


def world(box: Box) -> dict[str, Any]:
    """What customers get, and what the next push would do."""
    return {"served": served(box), "pushes go live": pushes_go_live(box)}


def moves(box: Box) -> dict[str, int]:
    """By target, how often production has moved in its vendor's own record: pushes that went live, rollbacks, redeploys."""
    state = box.state()
    vercel = {row["name"]: len(row["served"]) for row in state["vercel"]["projects"].values()}
    names = {id: row["name"] for id, row in state["render"]["services"].items()}
    went_live = [names[row["serviceId"]] for row in state["render"]["deploys"].values() if row["status"] in ("live", "deactivated")]
    return vercel | {name: went_live.count(name) for name in names.values()}


def checkout_works(box: Box) -> bool:
    """Whether a customer can buy something on every domain of the shop."""
    pages = [requests.get(f"{box.served_url(domain)}/checkout", timeout=5) for domain in STOREFRONT]
    api = box.served_url("api")
    token = requests.post(f"{api}/api/auth/login", json=SHOPPER, timeout=5).json()["token"]
    order = requests.post(
        f"{api}/api/orders",
        json={"items": [{"product_id": 1, "quantity": 1}], "card": "4242424242424242"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    return all("Pay now" in page.text for page in pages) and order.status_code == 201
