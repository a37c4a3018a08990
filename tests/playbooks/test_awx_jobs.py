"""Every job template of AWX runs, through AWX's own engine, with answers that its survey takes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from ansible_collections.lastgood.recovery.plugins.module_utils import moment

from sandbox.testing import Box, running
from tests.playbooks.awx_jobs import VAULT, Controller, Job, Rejected
from tests.playbooks.looking import everything
from tests.playbooks.scenarios import SCENARIOS
from tests.playbooks.test_rollout import rolled_out
from tests.unit.ssh_people import People

pytestmark = pytest.mark.once
EVERY = "LASTGOOD_EVERY_TEMPLATE"
every = pytest.mark.skipif(not os.environ.get(EVERY), reason=f"{EVERY} is not set")
BREAKS = {one.name: one.breaks for one in SCENARIOS}
WHY = {"reason": "orders fail"}


@pytest.fixture
def controller(box: Box, tmp_path: Path) -> Controller:
    return Controller(box, tmp_path)


def incidents(controller: Controller) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text()) for path in sorted(controller.store.glob("*/incident.yml"))]


def test_a_plan_a_refusal_and_a_rollback_by_their_buttons(controller: Controller) -> None:
    box = controller.box
    box.ship("storefront", "breaks-checkout")
    bad = everything(box)

    for answers in ({}, {"reason": "x", "severity": "P7"}, {"reason": "x", "approvals": "{}"}, {"reason": "x", "lead": "tom"}):
        with pytest.raises(Rejected):
            controller.launch("sandbox checkout plan", **answers)
    plan = controller.launch("sandbox checkout plan", **WHY)
    assert (plan.rc, plan.status) == (0, "successful"), plan.screen
    assert plan.stats["changed"] == {"storefront": 1, "backoffice": 1}
    assert "This is plan" in plan.screen, "who approves it has to see it"
    assert "launch sandbox undo in AWX" in plan.screen
    assert "files not looked at" in plan.screen
    assert "-i /" not in plan.screen
    assert not plan.hosts("runner_on_failed")
    assert (everything(box), incidents(controller)) == (bad, [])

    refused = controller.launch("sandbox checkout now", confirmed="ROLLBACK PRODUCTION checkout", **WHY)
    assert (refused.rc, refused.status) == (2, "failed"), refused.screen
    assert refused.hosts("runner_on_failed") == {"storefront"}
    assert everything(box) == bad

    done = controller.launch("sandbox checkout now", confirmed="ROLLBACK SANDBOX checkout", **WHY)
    assert (done.rc, done.status) == (0, "successful"), done.screen
    assert done.stats["changed"] == {"storefront": 1, "backoffice": 1}
    last = incidents(controller)[-1]
    assert {name: last[name] for name in ("verdict", "severity", "reason", "lead")} == {
        "verdict": "RESTORED",
        "severity": "P1",
        "reason": "orders fail",
        "lead": "maria",
    }


@dataclass(frozen=True)
class Button:
    """A scenario as somebody starts it: how it is broken, what is answered, and what AWX adds to the command."""

    name: str
    breaks: Callable[[Box], dict[str, Any]]
    arguments: tuple[str, ...] = ()
    answers: dict[str, Any] = field(default_factory=dict)
    captured: bool = False
    amazon: bool = False


def _introduced(box: Box) -> dict[str, Any]:
    return {name: value for name, value in BREAKS["vulnerability"](box).items() if name != "bad_at"}


BUTTONS = (
    Button("frontend", BREAKS["frontend"]),
    Button("backend", BREAKS["backend"]),
    Button("migration", BREAKS["migration"]),
    Button("database", BREAKS["database"]),
    Button("payments", BREAKS["payments"]),
    Button("payments", BREAKS["payments-down"], answers={"stripe": "down"}),
    Button("performance", BREAKS["performance"]),
    Button("vulnerability", _introduced),
    Button("configuration", BREAKS["variables"], VAULT, captured=True, answers={"only_variables": ""}),
    Button("edge", BREAKS["edge"], amazon=True),
    Button("feature", BREAKS["feature"]),
    Button("disaster", BREAKS["disaster"], (*VAULT, "--limit", "'!objects:!edge'"), captured=True),
)


@every
@pytest.mark.parametrize("button", [pytest.param(one, id=f"{one.name}{'-' if one.answers else ''}") for one in BUTTONS])
def test_every_scenario_has_a_plan_and_a_rollback(button: Button, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    controller = Controller(request.getfixturevalue("aws" if button.amazon else "box"), tmp_path)
    box, name = controller.box, f"sandbox {button.name}"
    if button.captured:
        captured = controller.launch("sandbox capture", *VAULT, "--limit", "'!objects:!edge'")
        assert captured.rc == 0, captured.screen
    answers = {**button.answers, **button.breaks(box), **WHY}
    bad = everything(box)
    plan = controller.launch(f"{name} plan", *button.arguments, **answers)
    assert (plan.rc, plan.status) == (0, "successful"), plan.screen
    assert everything(box) == bad
    done = controller.launch(f"{name} now", *button.arguments, confirmed=f"ROLLBACK SANDBOX {button.name}", **answers)
    assert (done.rc, done.status) == (0, "successful"), done.screen
    assert incidents(controller)[-1]["verdict"] == "RESTORED"
    assert not done.hosts("runner_on_unreachable")


@every
def test_everything_else_has_a_button(controller: Controller) -> None:
    box = controller.box
    without_aws = ("--limit", "'!objects:!edge'")
    covered = set()

    def launch(name: str, *arguments: str, rc: int = 0, **answers: Any) -> Job:
        covered.add(name)
        job = controller.launch(f"sandbox {name}", *arguments, **answers)
        assert (job.rc, job.status) == (rc, "failed" if rc else "successful"), f"{name}: {job.screen}"
        return job

    launch("back up database")
    launch("capture", *VAULT, *without_aws, label="before")
    launch("points")
    launch("check inventory")
    launch("decide", facts='{"scenarios": ["checkout_broken"], "error_rate": {"value": 12, "for": "6 min"}}')
    launch("readiness", *VAULT, *without_aws, readiness_restore="true")
    launch("preflight", *without_aws)
    launch("status", *without_aws)
    launch("validate", *without_aws, rc=12)  # this sandbox has no edge, and what does not answer is unknown
    box.ship("storefront", "breaks-checkout")
    assert controller.launch("sandbox checkout now", confirmed="ROLLBACK SANDBOX checkout", **WHY).rc == 0
    launch("watch", *without_aws, watch_for="0", scenario="checkout")
    launch("report")
    launch("triggers", reason="orders fail")
    launch("undo", *without_aws, scenario="checkout", confirmed="UNDO SANDBOX checkout")
    assert controller.launch("sandbox checkout now", confirmed="ROLLBACK SANDBOX checkout", **WHY).rc == 0
    launch("commit", *without_aws, scenario="checkout")
    box.reset()
    deployment = rolled_out(box, "good")
    launch("rollout now", "--limit", "storefront", deployment=deployment)
    box.reset()
    launch("drill", failure="list")
    labels = {"alertname": "failed checkouts", "environment": "sandbox"}
    fired = {"status": "firing", "labels": labels, "startsAt": moment.iso(datetime.now(UTC))}
    looked = launch("respond", sender="alertmanager", payload=quote(json.dumps({"alerts": [fired]})))
    assert "Nothing is set off: monitoring does not say so" in " ".join(looked.screen.split())
    rules = controller.directory / "lastgood.rules.yml"
    shown = launch("alert rules", "-e", f"rules_file={rules}")
    assert "failed checkouts" in rules.read_text()
    assert "alert: failed checkouts" in shown.screen, "the file is gone with the container"
    rest = {row["name"].removeprefix("sandbox ") for row in controller.definitions.templates if not row["name"].endswith((" plan", " now"))}
    assert rest - covered == {"quarterly"}


@every
def test_the_quarterly_exercise_has_a_button(tmp_path: Path) -> None:
    """Of one level and the communication: all of it takes minutes."""
    others = dict.fromkeys(("configuration", "release", "database", "disaster"), "enough for a test")
    told = {"failure": "checkout-storefront"}
    exercise: dict[str, Any] = {"levels": {"flag": ["feature-delivery-slots"]}, "left_out": others, "communication": told}
    people = People(tmp_path)
    signing = {"exercise": {**exercise, "signers": str(people.signers)}, "signing_key": str(people.add("anna@x.com"))}
    (tmp_path / "exercise.json").write_text(json.dumps(signing))
    with running(load=5) as box:
        controller = Controller(box, tmp_path)
        job = controller.launch("sandbox quarterly", *VAULT, "-e", f"@{tmp_path / 'exercise.json'}")
    assert (job.rc, job.status) == (0, "successful"), job.screen
    assert "EXERCISE PASSED" in job.screen
