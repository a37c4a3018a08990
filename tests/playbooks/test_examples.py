"""The five teams' inventories: each is free of mistakes, and plans every scenario of its runbook with its own targets."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.testing import Box
from tests.playbooks.driving import ROOT, Operator
from tests.playbooks.examples import ANSWERED_OTHERWISE, CAPTURE, LETTERS, PLANS, VAULT, Planned
from tests.playbooks.looking import data, remembered

pytestmark = pytest.mark.once
EXAMPLES, OVERLAYS = ROOT / "docs/examples", "tests/playbooks/overlays"
PERSON = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
EVERY = bool(os.environ.get("LASTGOOD_EVERY_EXAMPLE"))
TRIED = [plan for plan in PLANS if plan.often or EVERY]


def history(folder: Path) -> Path:
    """A repository with two releases that are tagged as stable, and the second is broken."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    for number in (1, 2):
        (folder / "app").write_text(str(number))
        subprocess.run(["git", "-C", str(folder), "add", "app"], check=True)
        when = os.environ | {f"GIT_{who}_DATE": f"2026-01-0{number}T12:00:00Z" for who in ("AUTHOR", "COMMITTER")}
        subprocess.run(["git", "-C", str(folder), *PERSON, "commit", "-q", "-m", f"release {number}"], check=True, env=when)
        subprocess.run(["git", "-C", str(folder), *PERSON, "tag", f"v1.{number}.0-stable"], check=True)
    return folder


def approvals(team: str, folder: Path) -> dict[str, Any]:
    """The team's own rules; only whose keys count is made up."""
    found = EXAMPLES / team / "group_vars/all/approvals.yml"
    if not found.exists():
        return {}
    key, signers = folder / "key", folder / "allowed_signers.txt"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    rules = yaml.safe_load(found.read_text())["approvals"]
    public = key.with_suffix(".pub").read_text()
    signers.write_text("".join(f'{mail} namespaces="lastgood" {public}' for mails in rules["roles"].values() for mail in mails))
    return {"approvals": {**rules, "signers": str(signers)}}


def test_there_is_one_for_each_runbook_with_the_same_file_names_and_every_scenario() -> None:
    teams = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    assert teams == set(LETTERS.values())
    known = {path.name for path in (ROOT / "inventories/sandbox").rglob("*.yml")} | {"approvals.yml", "README.md"}
    assert {path.name for team in teams for path in (EXAMPLES / team).rglob("*") if path.is_file()} <= known
    page = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\]\(\.\./playbooks/[^|]*\| ([RCHGD ]+) \|", page, re.MULTILINE)
    asked = {(LETTERS[letter], scenario) for scenario, letters in rows for letter in letters.split()}
    assert len(rows) == len({scenario for _team, scenario in asked}) > 10
    assert asked - {(plan.team, plan.scenario) for plan in PLANS} == ANSWERED_OTHERWISE


@pytest.mark.parametrize("plan", TRIED, ids=str)
def test_it_has_no_mistake_and_plans(request: pytest.FixtureRequest, tmp_path: Path, plan: Planned) -> None:
    box: Box = request.getfixturevalue("aws" if plan.amazon else "box")
    operator = Operator(box, tmp_path / "incidents")
    inventories = ("-i", f"docs/examples/{plan.team}", "-i", f"{OVERLAYS}/{plan.team}.yml")
    (tmp_path / ".gitconfig").write_text("[user]\nname = A\nemail = a@example.com\n")
    environment = {
        "HOME": str(tmp_path),
        "LASTGOOD_EXAMPLE_REPOSITORY": f"file://{history(tmp_path / 'core-api')}",
        **{f"{shop}_TEST_PASSWORD": "sandbox-password" for shop in ("SHOP", "REALCO", "HUNTAZE")},
    }
    for playbook in plan.before:
        arguments = (*VAULT, "--limit", "frontend:backend") if playbook == CAPTURE else ()
        done = operator.run(*inventories, *arguments, environment=environment, playbook=playbook)
        assert done.code == 0, done.screen
    said = {**approvals(plan.team, tmp_path), **plan.breaks(box)}
    before = remembered(box), data(box)

    planned = operator.check(*inventories, *plan.arguments, environment=environment, playbook=plan.playbook, **said)

    assert planned.code == 0, planned.screen
    assert [words for words in plan.named if words not in planned.words] == [], planned.screen
    assert planned.totals[1] > 0, planned.screen
    assert (remembered(box), data(box)) == before
    assert not operator.incidents()
