"""The gate before a deployment, as a CI runs it: red until there is a way back, and while a rollback holds pushes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import everything

pytestmark = pytest.mark.once
PREFLIGHT = "playbooks/preflight.yml"


def test_green_once_there_is_a_way_back_and_red_while_a_rollback_is_going_on(box: Box, operator: Operator, tmp_path: Path) -> None:
    before, state = everything(box), box.state()["serving"]
    commit = state["api"]["commit"]
    wish = {"commands": [{"name": "tests", "run": "echo fine"}], "staging": [f"{box.served_url('api')}/version"]}

    missing = operator.run(playbook=PREFLIGHT, preflight=wish, commit=commit)
    assert missing.code == 11, missing.screen
    for words in ("✘ recovery point: expected", "playbooks/capture.yml captures one", "✘ backup of shop-db", "✔ command tests: passes"):
        assert words in missing.words
    assert not operator.incidents()

    (tmp_path / "password").write_text("a vault password\n")
    mine = ("--limit", "frontend:backend:database")
    captured = operator.run(*mine, "--vault-password-file", str(tmp_path / "password"), playbook="playbooks/capture.yml")
    assert captured.code == 0, captured.screen

    ready = operator.run(*mine, playbook=PREFLIGHT, preflight=wish, commit=commit)
    assert ready.code == 0, ready.screen
    assert "✔ command tests: passes" in ready.words
    assert f"serves {commit[:7]}" in ready.words
    assert everything(box) == before

    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0
    wish["commands"] = [{"name": "tests", "run": "echo 3 tests failed; false"}]
    red = operator.run("--limit", "frontend:backend", playbook=PREFLIGHT, preflight=wish, commit="f" * 40)
    assert red.code == 11, red.screen
    held = "pushes to storefront: expected go live, got they are held"
    for words in ("checkout (rolled back)", held, "3 tests failed", "Deploy it to staging"):
        assert words in red.words
