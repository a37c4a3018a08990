"""Somebody has changed variables: they go back to what a recovery point has, and what serves runs with them again."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import checkout_works, everything, served

pytestmark = pytest.mark.once
PLAYBOOK = "playbooks/rollback-configuration.yml"
VAULT = ("--vault-password-file", "sandbox/vault-password")
SHOP = ("--limit", "frontend:backend")
VALUES = ("payments:10000", "payments-v2", "api.rachelfoods.test", "api-v2.rachelfoods")
"""Parts of the values that are changed, which nobody may read anywhere."""


def captured(operator: Operator) -> str:
    ran = operator.run(*VAULT, *SHOP, playbook="playbooks/capture.yml")
    assert ran.code == 0, ran.screen
    return next(path.name for path in (operator.store / "points").iterdir())


def configured(box: Box) -> dict[str, Any]:
    """By target, the variables of what is deployed next; and those of what serves, by address."""
    state = box.state()
    vercel = {row["key"]: row["value"] for row in state["vercel"]["projects"]["prj_storefront"]["env"].values()}
    running = {name: row["variables"] for name, row in state["serving"].items() if name in ("shop.rachelfoods.test", "api")}
    return {"storefront": vercel, "api": state["render"]["services"]["srv-api"]["env"], "running": running}


def test_back_to_the_point_run_twice_and_undone(box: Box, operator: Operator) -> None:
    point, good, code = captured(operator), configured(box), served(box)
    box.control("break", what="configuration")
    assert not checkout_works(box)
    broken = everything(box)

    plan = operator.check(*VAULT, playbook=PLAYBOOK)
    assert plan.code == 0, plan.screen
    assert re.search(r"backend api +PAYMENTS_URL: (\w{8}) +PAYMENTS_URL: (?!\1)\w{8} ", plan.screen), plan.screen
    assert re.search(r"frontend storefront +SHOP_API_URL: (\w{8}) +SHOP_API_URL: (?!\1)\w{8} ", plan.screen), plan.screen
    assert f"as in recovery point {point}" in plan.words
    assert everything(box) == broken

    ran = operator.run(*VAULT, "-vvvv", playbook=PLAYBOOK)
    assert ran.code == 0, ran.screen
    assert (configured(box), served(box)) == (good, code)
    assert checkout_works(box)
    again = operator.run(*VAULT, playbook=PLAYBOOK)
    assert (again.code, again.totals[1]) == (0, 0), again.screen

    files = [path for path in operator.incident().rglob("*") if path.is_file()]
    assert {path.name for path in files if path.parent.name == "measures"} == {"api.json", "storefront.json"}
    assert not [(path, value) for path in files for value in VALUES if value.encode() in path.read_bytes()]
    assert not [value for value in VALUES if value in plan.screen + ran.screen + again.screen]

    undone = operator.run(*VAULT, playbook="playbooks/undo.yml", scenario="configuration", confirmed="UNDO SANDBOX configuration")
    assert undone.code == 0, undone.screen
    assert everything(box) == broken


def test_without_values_or_the_means_to_remember_it_is_refused_and_nothing_is_changed(box: Box, operator: Operator) -> None:
    captured(operator)
    box.control("break", what="configuration")
    broken = everything(box)
    for arguments, good_at, words in (
        ((), None, "Give the vault password it was encrypted with"),
        (VAULT, "2026-01-01T00:00:00Z", "playbooks/capture.yml before each deployment would have saved"),
    ):
        ran = operator.run(*arguments, playbook=PLAYBOOK, good_at=good_at)
        assert ran.code == 2, ran.screen
        assert words in ran.words
        assert "nothing was changed" in ran.words
        assert everything(box) == broken


def test_what_is_written_and_does_not_run_yet_is_known_to_the_next_run(box: Box, operator: Operator) -> None:
    captured(operator)
    good = configured(box)
    box.control("break", what="configuration")
    variable = f"{box.vendor_url('render')}/v1/services/srv-api/env-vars/LOG_LEVEL"
    requests.put(variable, json={"value": "debug"}, headers={"Authorization": "Bearer sandbox-render-token"}, timeout=5).raise_for_status()
    box.control("fail", target="api")

    ran = operator.run(*VAULT, playbook=PLAYBOOK, only_variables=["PAYMENTS_URL", "SHOP_API_URL"])
    assert ran.code == 10, ran.screen
    assert "PARTIAL" in ran.words
    assert configured(box)["api"]["PAYMENTS_URL"] == good["api"]["PAYMENTS_URL"]
    assert not checkout_works(box)

    again = operator.run(*VAULT, playbook=PLAYBOOK, only_variables=["PAYMENTS_URL", "SHOP_API_URL"])
    assert again.code == 0, again.screen
    assert checkout_works(box)
    assert configured(box)["api"]["LOG_LEVEL"] == "debug"
