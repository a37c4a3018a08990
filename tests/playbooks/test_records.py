"""What goes on, whether it works, and what it all came to: the playbooks that change no target."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import world

pytestmark = pytest.mark.once
SHOP = ("--limit", "frontend:backend")


def narrow(ran: Ran) -> bool:
    return all(len(line) <= 80 for line in ran.screen.splitlines() if "ansible-playbook " not in line)


def test_status_validate_and_report_around_a_rollback(box: Box, operator: Operator, tmp_path: Path) -> None:
    box.ship("storefront", "breaks-checkout")
    broken = operator.run(*SHOP, playbook="playbooks/validate.yml", scenario="checkout")
    assert broken.code == 11, broken.screen
    assert "✘ checkout: checkout page: expected 'Pay now' in the answer" in broken.words
    assert not operator.store.exists()

    assert operator.run(bad_at="2099-01-01T00:00Z", reason="orders fail").code == 0
    rolled_back = world(box)
    told = operator.run(*SHOP, playbook="playbooks/status.yml", status_file=str(tmp_path / "status.json"))
    assert told.code == 0, told.screen
    assert narrow(told)
    assert "(P0), rolled back, RESTORED, opened " in told.words
    assert "playbooks/undo.yml" in told.words
    assert "Nobody holds the lock." in told.words
    status = {target["target"]: target for target in json.loads((tmp_path / "status.json").read_text())["targets"]}
    held = {name for name, target in status.items() if target["held"]}
    assert (held, set(status) - held) == ({"storefront", "backoffice"}, {"api", "payments"})
    assert {target["condemned_at"] for target in status.values()} == {None}

    works = operator.run(*SHOP, playbook="playbooks/validate.yml", scenario="checkout")
    assert works.code == 0, works.screen
    assert "✔ OK: 11 of 11 checks pass" in works.words

    name = operator.incident().name
    foreseen = operator.check(playbook="playbooks/report.yml", incident=name)
    assert not (operator.store / "index.html").exists()
    written = operator.run(playbook="playbooks/report.yml", incident=name)
    assert written.code == 0, written.screen
    assert (foreseen.totals[1], written.totals[1]) == (1, 1)
    assert "orders fail" in (operator.store / "rollback-log.csv").read_text()
    assert operator.run(playbook="playbooks/report.yml", incident=name).totals == (1, 0, 0)
    assert world(box) == rolled_back


def test_a_target_that_cannot_be_read_is_named_and_the_exit_code_says_so(operator: Operator) -> None:
    service = {"project": "storefront", "team": "team_lastgood", "token": "wrong", "api_url": f"http://127.0.0.1:{operator.box.port + 1}"}
    told = operator.run("--limit", "storefront", playbook="playbooks/status.yml", service=service)
    assert told.code == 12, told.screen
    assert "? storefront cannot be read: Vercel answered 403" in told.words
    assert "wrong" not in told.screen
