"""After a rollback everything is looked at again and again; who undoes a hold meanwhile is noticed."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran, ended
from tests.playbooks.looking import pushes_go_live, served

pytestmark = pytest.mark.once
QUICK: dict[str, Any] = {"playbook": "playbooks/watch.yml", "watch_every": 1, "watch_for": 1, "watch_again": 0, "verify_looks": 1}
SHOP = ("--limit", "frontend:backend")
VERCEL = {"Authorization": "Bearer sandbox-vercel-token"}


def watch(operator: Operator, **more: Any) -> Ran:
    return operator.run(*SHOP, **QUICK | more)


def until(process: subprocess.Popen[str], words: str) -> None:
    """Return once the run has shown the words."""
    assert process.stdout is not None
    assert any(words in line for line in process.stdout), f"the run ended without '{words}'"


def let_go_live(box: Box, project: str = "storefront") -> None:
    """What somebody does who wants their push out and does not know of the incident."""
    url = f"{box.vendor_url('vercel')}/v9/projects/{project}?teamId=team_lastgood"
    requests.patch(url, json={"autoAssignCustomDomains": True}, headers=VERCEL, timeout=5).raise_for_status()
    assert pushes_go_live(box)[project]


@pytest.fixture(autouse=True)
def rolled_back(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0


def test_watched_to_the_end_and_kept(box: Box, operator: Operator) -> None:
    before = served(box)

    ran = watch(operator, watch_commit=True)

    assert ran.code == 0, ran.screen
    assert "look 1: all well" in ran.words
    assert "It is kept now" in ran.words
    looks = [event for event in operator.journal() if event["event"] == "watch_look"]
    assert len(looks) >= 2
    assert {look["verdict"] for look in looks} == {"OK"}
    assert served(box) == before
    assert set(pushes_go_live(box).values()) == {True}
    assert operator.fields()["state"] == "committed"


def test_killed_and_taken_up_again_after_somebody_undid_a_hold(box: Box, operator: Operator) -> None:
    slow = QUICK | {"watch_every": 3600, "watch_for": 7200}
    run = operator.start(*SHOP, **slow)
    try:
        until(run, "look 2 in")
        second = operator.run(*SHOP, **slow)
        assert second.code == 2, second.screen
        assert "is watching" in second.words
    finally:
        run.send_signal(signal.SIGKILL)
        ended(run)
    let_go_live(box)

    ran = watch(operator, watch_hold_again=True)

    assert ran.code == 14, ran.screen
    assert "The watch goes on at look 2" in ran.words
    assert "RED FLAG at look 2: hold of storefront" in ran.words
    assert not pushes_go_live(box)["storefront"]
    flags = [[flag["name"] for flag in event["flags"]] for event in operator.journal() if event["event"] == "watch_look"]
    assert flags[:2] == [[], ["hold of storefront"]]
    assert operator.fields()["state"] == "rolled_back", "after a red flag a person decides"
    told = [event["summary"] for event in operator.journal() if event["event"] == "told" and event["stage"] == "watch"]
    assert "RED FLAG at look 2: hold of storefront" in told[1]
    assert "was begun and did not finish" not in (operator.incident() / "report.md").read_text()
