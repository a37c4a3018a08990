"""Data, payments and logs have their say in the verdict, where the inventory asks for it; the report ticks what they prove."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.addresses import HOST, POSTGRES
from sandbox.stripe import KEY, WEBHOOK
from sandbox.testing import Box
from tests.playbooks.driving import Operator


@pytest.mark.once
def test_data_payments_and_logs_are_looked_at_after_the_rollback(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    stripe = box.vendor_url("stripe")
    asked: dict[str, Any] = {
        "database_url": f"postgresql://shop@{HOST}:{box.port + POSTGRES}/shop",
        "data_checks": {"checkout": {"checks": [], "queries": [{"name": "orders", "sql": "SELECT count(*) FROM orders", "may_lose": 0}]}},
        "stripe_test_key": KEY,
        "stripe_checks": {
            "checkout": {
                "api_url": stripe,
                "status_url": f"{stripe}/current/full",
                "webhooks": [{"url": WEBHOOK, "events": ["payment_intent.succeeded"]}],
                "payment": {"currency": "usd"},
            }
        },
        "logs_quiet": {"window": 1, "min_lines": 0},
        "checklists": ["default"],
        "verify_pause": 0,
    }

    ran = operator.run("-vvvv", **asked)

    assert ran.code == 0, ran.screen
    looks = [event for event in operator.journal() if event["event"] == "checked"]
    seen = {(look["phase"], look["kind"]): look["verdict"] for look in looks}
    assert {kind: seen["after frontend", kind] for kind in ("flows", "data", "stripe", "logs")} == dict.fromkeys(
        ("flows", "data", "stripe", "logs"), "OK"
    ), looks
    assert seen["before", "data"] == "OK"
    logs = [check["name"] for look in looks if look["kind"] == "logs" for check in look["checks"]]
    assert sorted(logs) == ["api: logs", "backoffice: logs", "payments: logs", "storefront: logs"]
    assert KEY not in ran.screen
