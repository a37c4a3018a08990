"""One rollback over five vendors: the playbook names none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import served

INVENTORIES = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/every_vendor.yml")
BROKEN = {"api": "api", "blog": "blog.rachelfoods.test", "accounts": "accounts", "stock": "stock"}
"""Target, and the address it serves."""


def commits(box: Box) -> dict[str, str]:
    """By target, the commit that it shows."""
    shown = served(box)
    return {target: shown[address] for target, address in BROKEN.items()}


@pytest.mark.once
def test_all_of_them_go_back_at_once(operator: Operator, box: Box) -> None:
    good = commits(box)
    for target in BROKEN:
        box.ship(target, "breaks-checkout")
    bad = commits(box)
    assert not set(good.values()) & set(bad.values())

    planned = operator.check(*INVENTORIES)
    assert "Heroku cannot keep pushes away: the next one to accounts goes live." in planned.words
    assert commits(box) == bad

    first = operator.run(*INVENTORIES)
    assert first.code == 0, first.screen
    assert "✔ RESTORED" in first.screen
    assert commits(box) == good
    logs = {path.name.split(".")[0] for folder in operator.store.rglob("logs") for path in Path(folder).iterdir()}
    assert logs == set(BROKEN)
