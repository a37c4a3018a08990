"""In AWX an approval node before the job is an approval, by AWX's own word and nobody else's."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

from sandbox.awx import token
from sandbox.awx.rows import USERS
from sandbox.testing import Box
from tests.awx.driving import ROLLBACK, WHATEVER, Tower
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import checkout_works, remembered

DYING = str(Path(__file__).with_name("dying"))
STATS = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_SHOW_CUSTOM_STATS": "1"}


@pytest.mark.once
def test_a_plan_that_a_lead_approved_in_awx_is_applied_and_no_other(box: Box, operator: Operator) -> None:
    tower = Tower(box.vendor_url("awx"), {name: token(name) for name in USERS})
    rules = [{"severity": ["P1", "P2"], "by": {"engineering-lead": 1}}]
    approvals = {"awx": {"url": tower.url}, "roles": {"engineering-lead": ["anna", "maria"]}, "required": rules}
    given: dict[str, Any] = {"severity": "P1", "confirmed": "ROLLBACK SANDBOX checkout", "approvals": approvals}

    def job(id: int, **more: Any) -> Ran:
        environment = {"JOB_ID": str(id), "CONTROLLER_OAUTH_TOKEN": token("lastgood"), **more.pop("environment", {})}
        return operator.run(environment=environment, **given | more)

    box.ship("storefront", "breaks-checkout")
    planned = operator.check(environment=STATS, **given)
    found = re.search(r'"plan": "([0-9a-f]{64})"', planned.screen)
    assert found, planned.screen
    plan = found[1]
    own, lead = tower.launch(WHATEVER, "maria", plan), tower.launch(ROLLBACK, "maria", plan)
    tower.answer(own, "maria")
    tower.answer(lead, "anna")
    state = remembered(box)

    forged = job(tower.apply(own), plan=plan, awx_workflow_job_id=lead, tower_workflow_job_id=lead)

    assert forged.code == 13, forged.screen
    assert "it was given by whoever launched the workflow: somebody else must approve; nothing was changed" in forged.words
    assert "Launch the workflow of AWX" in forged.words
    assert remembered(box) == state
    outside = operator.run(**given)
    assert outside.code == 13, outside.screen
    assert "this is not a job of AWX, whose approval nodes are to count" in outside.words
    assert remembered(box) == state

    killed = job(tower.apply(lead), plan=plan, environment={"PYTHONPATH": DYING, "DIES_ON": "call", "DIES_AT": "storefront"})
    assert killed.code == -signal.SIGKILL, killed.screen

    resumed = job(tower.apply(own), plan=plan)

    assert resumed.code == 0, resumed.screen
    assert "approved by anna (engineering-lead)" in resumed.words
    assert checkout_works(box)
    (event,) = [event for event in operator.journal() if event["event"] == "approved"]
    assert (event["plan"], event["awx_job"]) == (plan, tower.apply(lead))
    assert "- Approved: anna (engineering-lead)" in (operator.incident() / "report.md").read_text()
    assert token("lastgood") not in "".join(path.read_text() for path in operator.incident().rglob("*.*") if path.is_file())
