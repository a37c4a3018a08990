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
EVERY_VENDOR = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/every_vendor.yml")
STOCK = ("7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43", "0a41b7d2-58c3-4f0e-8e6b-d1c2a7f45e21")
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


def holds(box: Box) -> dict[str, bool]:
    """By target, whether its vendor keeps new pushes from going live."""
    state = box.state()
    sites = {site["name"]: state["netlify"]["deploys"][site["published"]]["locked"] for site in state["netlify"]["sites"].values()}
    (stock,) = [row["autoDeploy"] for row in state["railway"]["instances"] if (row["serviceId"], row["environmentId"]) == STOCK]
    return {target: not goes_live for target, goes_live in pushes_go_live(box).items()} | {"blog": sites["blog"], "stock": not stock}


def hold_beforehand(box: Box) -> None:
    """What somebody holds who has reasons of their own: at Render, and at Netlify the deploy that is bad."""
    render, netlify = box.vendor_url("render"), box.vendor_url("netlify")
    token = {"Authorization": "Bearer sandbox-render-token"}
    requests.patch(f"{render}/v1/services/srv-payments", json={"autoDeploy": "no"}, headers=token, timeout=5).raise_for_status()
    (site,) = [site for site in box.state()["netlify"]["sites"].values() if site["name"] == "blog"]
    token = {"Authorization": "Bearer sandbox-netlify-token"}
    requests.post(f"{netlify}/api/v1/deploys/{site['published']}/lock", headers=token, timeout=5).raise_for_status()


def test_watched_to_the_end_and_kept_with_every_hold_as_it_was(box: Box, operator: Operator) -> None:
    for target in ("storefront", "api", "blog", "stock"):
        box.ship(target, "breaks-checkout")
    hold_beforehand(box)
    before = holds(box)
    assert {target for target, held in before.items() if held} == {"payments", "blog"}
    assert operator.run(*EVERY_VENDOR).code == 0
    assert all(holds(box).values()), holds(box)
    good = served(box)

    ran = operator.run(*EVERY_VENDOR, *SHOP, **QUICK, watch_commit=True)

    assert ran.code == 0, ran.screen
    assert "look 1: all well" in ran.words
    assert "It is kept now" in ran.words
    looks = [event for event in operator.journal() if event["event"] == "watch_look"]
    assert len(looks) >= 2
    assert {look["verdict"] for look in looks} == {"OK"}
    tripwire = [event for event in operator.journal() if event["event"] == "checked" and event.get("kind") == "tripwire"]
    assert {"hold of blog", "hold of stock", "hold of api", "hold of storefront"} <= {check["name"] for check in tripwire[0]["checks"]}
    assert served(box) == good
    assert holds(box) == before
    assert operator.fields()["state"] == "committed"


def test_killed_and_taken_up_again_after_somebody_undid_a_hold(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0
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
