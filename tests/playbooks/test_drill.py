"""Drills: the README's first command as a newcomer types it, drills that must fail, one that is killed, and every failure there is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.testing import Box, free_ports, running
from tests.playbooks import scenario_page
from tests.playbooks.driving import Operator, read_journal
from tests.playbooks.looking import checkout_works

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
EVERY = "LASTGOOD_EVERY_DRILL" in os.environ
FAILURES = yaml.safe_load((ROOT / "inventories/sandbox/group_vars/all/drills.yml").read_text())["failures"]
USUALLY = {
    "frontend-crashing-storefront",
    "backend-api",
    "migration-one-price-list",
    "database-deleted",
    "payments-service",
    "performance-crowd",
    "configuration-addresses",
    "feature-delivery-slots",
    "disaster-code-and-data",
    "edge-function-and-uploads",
}
"""What is drilled without LASTGOOD_EVERY_DRILL, one for each scenario; checkout-storefront and checkout-api are in any case."""
DRILL = "playbooks/drill.yml"


@pytest.fixture
def newcomer(tmp_path: Path) -> dict[str, str]:
    """An environment with a sandbox and an incident store of its own."""
    return os.environ | {
        "LASTGOOD_SANDBOX_PORT": str(free_ports()),
        "LASTGOOD_SANDBOX_STATE": str(tmp_path / "sandbox"),
        "LASTGOOD_INCIDENTS": str(tmp_path / "incidents"),
    }


@pytest.fixture(scope="module")
def without_aws() -> Iterator[Box]:
    """A sandbox with customers for many drills: what each of them breaks it repairs."""
    with running(load=5) as box:
        yield box


@pytest.fixture(scope="module")
def with_aws() -> Iterator[Box]:
    with running(load=5, aws=True) as box:
        yield box


def drill(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts/drill", *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
    )


def held(operator: Operator, failure: str) -> tuple[int, dict[str, Any], str]:
    """A drill's exit code, what is written down of it, and the screen."""
    given = ("--diff", "--vault-password-file", "sandbox/vault-password")
    process = operator.start(*given, playbook=DRILL, environment=reaching(operator), severity=None, failure=failure)
    screen, _nothing = process.communicate(timeout=300)
    return process.returncode, drills(operator)[-1], screen


def reaching(operator: Operator) -> dict[str, str]:
    """Where the commands that break something find this sandbox."""
    return {"LASTGOOD_SANDBOX_STATE": str(operator.box.state_dir)}


def drills(operator: Operator) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((operator.store / "drills-sandbox.json").read_text())
    return rows


def test_a_newcomers_checkout_is_broken_noticed_restored_and_judged(newcomer: dict[str, str]) -> None:
    try:
        run = drill(newcomer, "checkout")
        unknown = drill(newcomer, "lunch")
    finally:
        subprocess.run(["python", "-m", "sandbox", "stop", "--delete"], cwd=ROOT, env=newcomer, check=True, capture_output=True)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "✔ RESTORED" in run.stdout
    assert "✔ DRILL PASSED · checkout-storefront" in run.stdout
    assert "failed checkouts" in run.stdout
    store = Path(newcomer["LASTGOOD_INCIDENTS"])
    (row,) = json.loads((store / "drills-sandbox.json").read_text())
    assert (row["verdict"], row["decision"]["action"], row["state"]) == ("PASSED", "roll_back", "ended")
    assert {goal["goal"] for goal in row["goals"]} >= {"time to detect", "SLA of frontend", "RTO of checkout", "RTO of storefront"}
    incident = store / row["incident"]
    fields = yaml.safe_load((incident / "incident.yml").read_text())
    assert (fields["drill"], fields["state"], fields["verdict"]) == (True, "committed", "RESTORED")
    assert (incident / "report.html").is_file()
    assert unknown.returncode == 2
    assert "there is no failure lunch" in unknown.stdout
    assert "checkout-flaky-api" in unknown.stdout, "what there is"


def test_a_drill_that_fails_says_so_and_repairs_and_one_that_is_killed_is_cleared_up_by_the_next(
    without_aws: Box, tmp_path: Path
) -> None:
    shop = without_aws
    operator = Operator(shop, tmp_path / "incidents")
    here = {"environment": reaching(operator), "severity": None}
    before = operator.run("--check", playbook=DRILL, failure="any", seed="7", **here)
    again = operator.run("--check", playbook=DRILL, failure="any", seed="7", **here)
    assert before.screen.splitlines()[:2] == again.screen.splitlines()[:2]
    assert not operator.store.exists()

    refused = operator.run(playbook=DRILL, failure="checkout", drills={"allowed": False}, **here)
    assert (refused.code, operator.store.exists()) == (2, False)
    assert "sandbox is no place for drills" in refused.words

    blind = [{"name": "back office", "health": [f"{shop.served_url('backoffice.rachelfoods.test')}/health"], "over": 3}]
    quick = {"allowed": True, "timeout": 1, "poll": 0.2}
    unnoticed = operator.run(playbook=DRILL, failure="checkout", alerts=blind, drills=quick, **here)
    assert unnoticed.code == 2
    assert "nobody noticed: no alert fired within 1.0 s" in unnoticed.words
    assert drills(operator)[-1]["verdict"] == "FAILED"
    assert not operator.incidents(), "nothing was rolled back"
    assert checkout_works(shop), "and it was repaired"

    with operator.start(playbook=DRILL, failure="checkout", **here) as killed:
        assert killed.stdout
        assert any("Break it: changed" in line for line in killed.stdout)
        os.killpg(killed.pid, signal.SIGKILL)
    assert not checkout_works(shop)

    code, row, screen = held(operator, "checkout-api")
    assert code == 0, screen
    assert "did not come to its end" in screen
    assert [one["state"] for one in drills(operator)] == ["ended", "given up", "ended"]
    assert row["verdict"] == "PASSED"
    assert "backend goes back too" in screen
    assert any(event["event"] == "verdict" for event in read_journal(operator.incident()))
    assert checkout_works(shop)


@pytest.mark.parametrize(
    ("shop", "failure"),
    [
        ("with_aws" if failure["scenario"] == "edge" else "without_aws", failure["name"])
        for failure in FAILURES
        if EVERY or failure["name"] in USUALLY
    ],
)
def test_what_can_be_broken_is_noticed_and_restored_within_every_objective(
    request: pytest.FixtureRequest, tmp_path: Path, shop: str, failure: str
) -> None:
    code, row, screen = held(Operator(request.getfixturevalue(shop), tmp_path / "incidents"), failure)

    scenario_page.keep(row)
    if EVERY:
        scenario_page.write([one["name"] for one in FAILURES])
    assert code == 0, screen
    assert (row["failure"], row["verdict"]) == (failure, "PASSED")
    assert row["goals"]
    assert all(goal["met"] for goal in row["goals"])


def test_there_are_a_dozen_failures_and_all_is_said_of_each() -> None:
    assert len({failure["name"] for failure in FAILURES}) == len(FAILURES) >= 12
    assert all((ROOT / failure["playbook"]).is_file() for failure in FAILURES)
    usually = {failure["scenario"] for failure in FAILURES if failure["name"] in USUALLY}
    assert usually | {"checkout"} == {failure["scenario"] for failure in FAILURES}, "one of each"
