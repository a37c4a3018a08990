"""A release that only some visitors get is taken back from them, and its logs are kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, calls
from tests.playbooks.looking import pushes_go_live, served
from tests.sandbox import vendor_api

STAGES = [{"targetPercentage": 50}, {"targetPercentage": 100}]


@pytest.mark.once
def test_a_canary_is_taken_back_and_a_second_run_changes_nothing(box: Box, operator: Operator) -> None:
    before = served(box)
    rolling = {"enabled": True, "advancementType": "manual-approval", "stages": STAGES}
    vendor_api.vercel(box).send("PATCH", "/v1/projects/storefront/rolling-release/config", rolling)
    bad = box.ship("storefront", "breaks-checkout")
    assert served(box) != before, "half of the calls get it"

    ran = operator.run(bad_at=datetime.now(UTC).isoformat())

    assert ran.code == 0, ran.screen
    assert bad["commit"][:7] in ran.screen
    assert [served(box) for _ in range(2)] == [before, before]
    assert not pushes_go_live(box)["storefront"]
    assert len([path for _target, _method, path in calls(operator.journal()) if "/rollback/" in path]) == 1
    assert "TypeError" in (operator.incident() / "logs" / "storefront.runtime.log").read_text()
    again = operator.run()
    assert (again.code, again.totals) == (0, (4, 0, 0)), again.screen
