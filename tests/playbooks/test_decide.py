"""The playbook that decides: the vendors' pages first, then the decision, and an exit code that says whether it is one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.playbooks.driving import ROOT, Ran

FINE = {"scenarios": [], "error_rate": 6, "response_time": 0.8, "database_pool": 40}


def decide(*arguments: str, **variables: Any) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "playbooks/decide.yml", "-e", json.dumps(variables), *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert max(len(line) for line in ran.stdout.splitlines()) <= 80
    return ran.returncode, Ran(ran.returncode, ran.stdout).words


def test_it_is_decided_with_its_reasons_and_the_vendors_first() -> None:
    page = {"vendor": "vercel", "url": "http://127.0.0.1:9/api/v2/summary.json"}
    code, screen = decide(policy="huntaze", facts=FINE, bad_at="2026-11-22T02:38Z", status_vendors=["vercel"], status_pages=[page])
    assert code == 0
    vendors, decision = screen.split("huntaze: ")
    assert vendors.startswith("? vercel a refused connection")
    assert decision.startswith("P1, roll back within 15 min, level 3; nobody has to approve a rollback Due by Sun 22 Nov 02:53 UTC.")
    assert "High error rate, over 5 % (huntaze/error-rate)" in decision
    assert "changed=0 · failed=0" in decision


def test_without_facts_it_lists_what_to_find_out() -> None:
    code, screen = decide()
    assert code == 2
    assert "no vendor is asked" in screen
    assert "default: UNKNOWN: P3, fix with the next deployment, or up to P0, roll back now, restore the database" in screen
    assert "Not decided. Find out cvss, database_pool, error_rate," in screen


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_every_environment_has_a_policy(environment: str) -> None:
    code, screen = decide("-i", f"inventories/{environment}", facts={"scenarios": ["outage"]}, status_vendors=[])
    assert code == 0, screen
    assert "default: P0, roll back now, level 3 or higher; nobody has to approve a rollback" in screen


def test_it_decides_on_the_controller_whatever_the_target(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts"
    inventory.write_text("far ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=9\n")
    play = tmp_path / "play.yml"
    play.write_text(
        "- hosts: far\n  gather_facts: false\n  tasks:\n"
        "    - lastgood.recovery.decision: {policy: realco, facts: {scenarios: [data_lost], time_to_fix: 60, users_affected: 0}}\n"
        "    - lastgood.recovery.policy_check: {policy: realco}\n"
    )
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(play), "-i", str(inventory)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode == 0, ran.stdout
    assert "realco: P0, roll back now, level 3; nobody has to approve a rollback" in ran.stdout
