"""A broken backend goes back alone, is looked at from outside, and its logs are kept."""

from __future__ import annotations

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import checkout_works, everything, pushes_go_live

pytestmark = pytest.mark.once
BACKEND = "playbooks/rollback-backend.yml"


def test_planned_rolled_back_and_a_second_run_changes_nothing(box: Box, operator: Operator) -> None:
    good = everything(box)["serving"]
    nothing = operator.run(playbook=BACKEND)
    assert (nothing.code, "nothing looks broken" in nothing.words) == (2, True), nothing.screen
    box.ship("api", "breaks-checkout")
    box.ship("storefront", "good")
    newer = everything(box)["serving"]

    planned = operator.check(playbook=BACKEND)
    assert planned.code == 0, planned.screen
    assert "order and test payment" in planned.words
    assert everything(box)["serving"] == newer

    ran = operator.run(playbook=BACKEND)
    assert ran.code == 0, ran.screen
    assert everything(box)["serving"] == newer | {"api": good["api"]}, "the frontends are left alone"
    assert checkout_works(box)
    assert {name for name, live in pushes_go_live(box).items() if not live} == {"api", "payments"}
    assert {path.name.split(".")[0] for path in (operator.incidents()[-1] / "logs").iterdir()} == {"api"}

    again = operator.run(playbook=BACKEND)
    assert (again.code, again.totals) == (0, (2, 0, 0)), again.screen
