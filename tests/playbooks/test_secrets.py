"""No secret on any screen at -vvvv, nor in anything an incident leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.playbooks.driving import ROOT, Operator
from tests.playbooks.looking import SHOPPER

TOKENS = ("sandbox-vercel-token", "sandbox-render-token", "sandbox-slack-token")
LEFT_BEHIND = {"incident.yml", "journal.jsonl", "logs", "plan.json", "postmortem.md", "report.md", "report.html", "told.json"}
STOREFRONT = {"project": "storefront", "team": "team_lastgood", "token": TOKENS[0]}
API = {"service": "srv-api", "api_key": TOKENS[1]}
WRONG = "wr0ng-t0ken-4711"


def secrets(box: Box) -> list[str]:
    """The vendors' tokens, the test shopper's password, and what it gets when it logs in."""
    answer = requests.post(f"{box.served_url('api')}/api/auth/login", json=SHOPPER, timeout=5)
    return [*TOKENS, SHOPPER["password"], answer.json()["token"], WRONG]


def leaks(text: str, box: Box) -> dict[str, str]:
    """Each secret that shows, with what stands before it."""
    return {secret: text[max(0, text.index(secret) - 200) : text.index(secret)] for secret in secrets(box) if secret in text}


def assert_kept(box: Box, operator: Operator, screen: str) -> None:
    assert leaks(screen, box) == {}
    for path in (path for path in operator.store.rglob("*") if path.is_file()):
        assert leaks(path.read_text(), box) == {}, path


@pytest.fixture(autouse=True)
def broken(box: Box) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")


def test_a_rollback_keeps_them(box: Box, operator: Operator) -> None:
    predicted = operator.check("-vvvv")
    done = operator.run("-vvvv", "--diff")
    again = operator.run("-vvvv")
    undone = operator.undo("-vvvv")

    for ran in (predicted, done, again, undone):
        assert ran.code == 0, ran.screen
        assert_kept(box, operator, ran.screen)
    assert '"held_before": false' in done.screen, "the results were not shown"
    assert {path.name for path in operator.incident().iterdir()} == LEFT_BEHIND


@pytest.mark.once
@pytest.mark.parametrize("broken_step", ["order", "login"])
def test_a_flow_that_fails_keeps_them(box: Box, operator: Operator, broken_step: str) -> None:
    """A failing check shows the answer it got, and these answers echo what was sent."""
    login = {"method": "POST", "url": f"{box.served_url('api')}/api/auth/login", "body": SHOPPER, "capture": {"token": "token"}}
    if broken_step == "login":
        login["expect"] = {"status": 418}
    order = {"url": f"{box.served_url('api')}/api/orders", "method": "POST", "headers": {"Authorization": "Bearer ${token}"}, "body": {}}
    flows = {"checkout": [{"name": "order", "steps": [login, order | {"expect": {"status": 201}}]}]}

    ran = operator.run("-vvvv", flows=flows)

    assert ran.code == 11, ran.screen
    assert_kept(box, operator, ran.screen)


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"vercel": {"token": WRONG, "team": "team_lastgood"}}, id="vercel"),
        pytest.param({"render": {"api_key": WRONG}}, id="render"),
        pytest.param({"vercel": {"token": WRONG, "team": "team_lastgood", "colour": "blue"}}, id="an option too many"),
        pytest.param({"vercel": {"token": {"value": WRONG}, "team": ["team_lastgood"]}}, id="options of the wrong kind"),
    ],
)
def test_a_refusal_keeps_them(box: Box, operator: Operator, variables: dict[str, dict[str, Any]]) -> None:
    urls = {"vercel": box.vendor_url("vercel"), "render": f"{box.vendor_url('render')}/v1"}
    given: dict[str, Any] = {name: {**options, "api_url": urls[name]} for name, options in variables.items()}

    ran = operator.run("-vvvv", **given)

    assert ran.code == 2, ran.screen
    assert_kept(box, operator, ran.screen)


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("vercel_release", {**STOREFRONT, "bad_at": "2100-01-01"}),
        ("render_release", {**API, "bad_at": "2100-01-01"}),
        ("release", {"provider": "vercel", "service": STOREFRONT, "release": "dpl_none"}),
        ("release_info", {"provider": "render", "service": API}),
    ],
    ids=["vercel_release", "render_release", "release", "release_info"],
)
class TestModule:
    """The modules alone, in both ways they run."""

    def given(self, box: Box, options: dict[str, object]) -> dict[str, object]:
        urls = {"vercel": box.vendor_url("vercel"), "render": f"{box.vendor_url('render')}/v1"}
        if "service" in options and isinstance(options["service"], dict):
            return options | {"service": options["service"] | {"api_url": urls[str(options["provider"])]}}
        return options | {"api_url": urls["vercel" if "project" in options else "render"]}

    def test_in_process(self, box: Box, operator: Operator, module: str, options: dict[str, object]) -> None:
        command = [str(Path(sys.executable).with_name("ansible")), "localhost", "-c", "local", "-m", f"lastgood.recovery.{module}", "-vvvv"]
        ran = subprocess.run(
            [*command, "-a", json.dumps(self.given(box, options))],
            cwd=ROOT,
            env=operator.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

        assert ("dpl_none" if module == "release" else "SUCCESS" if module == "release_info" else "CHANGED") in ran.stdout, ran.stdout
        assert leaks(ran.stdout + ran.stderr, box) == {}

    def test_as_a_module(self, box: Box, operator: Operator, module: str, options: dict[str, object]) -> None:
        """As it runs on another host, where Ansible ships it to."""
        ran = subprocess.run(
            [sys.executable, "-m", f"ansible_collections.lastgood.recovery.plugins.modules.{module}"],
            cwd=ROOT,
            env=operator.environment(PYTHONPATH=str(ROOT / "collections")),
            input=json.dumps({"ANSIBLE_MODULE_ARGS": self.given(box, options) | {"_ansible_inject_invocation": True}}),
            capture_output=True,
            text=True,
            check=False,
        )

        assert "invocation" in json.loads(ran.stdout), ran.stdout
        assert leaks(ran.stdout + ran.stderr, box) == {}
