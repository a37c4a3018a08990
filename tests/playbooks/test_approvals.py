"""Where the inventory wants approvals nothing starts without them, and with them nobody is asked twice."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import ROOT, Operator, Ran
from tests.playbooks.looking import checkout_works, remembered, world
from tests.unit.ssh_people import People

DYING = str(Path(__file__).with_name("dying"))
WORDS = "APPROVE SANDBOX checkout"


class Team:
    """Two leads, and an operator who waits for them."""

    def __init__(self, operator: Operator, directory: Path) -> None:
        self.operator, self.people, self.heads = operator, People(directory), directory / "heads"
        self.keys = {name: self.people.add(name) for name in ("anna@x.com", "ben@x.com")}

    def run(self, *arguments: str, leads: int = 2, **more: Any) -> Ran:
        rules = [{"severity": ["P1", "P2"], "by": {"engineering-lead": leads}}]
        approvals = {"signers": str(self.people.signers), "roles": {"engineering-lead": list(self.keys)}, "required": rules}
        given = {"severity": "P1", "confirmed": "ROLLBACK SANDBOX checkout", "approvals": approvals, "journal_anchor": f"file:{self.heads}"}
        return self.operator.run(*arguments, **given | more)

    def approve(self, name: str, words: str = WORDS) -> subprocess.CompletedProcess[str]:
        command = ["scripts/approve", self.operator.incidents()[-1].name, "--key", str(self.keys[name])]
        return self.type(command, words)

    def type(self, command: list[str], words: str = "") -> subprocess.CompletedProcess[str]:
        environment = self.operator.environment(LASTGOOD_INCIDENTS=str(self.operator.store))
        return subprocess.run(command, cwd=ROOT, env=environment, input=words + "\n", capture_output=True, text=True, check=False)

    def events(self) -> list[str]:
        return [event["event"] for event in self.operator.journal()]


@pytest.fixture
def team(box: Box, operator: Operator, tmp_path: Path) -> Team:
    box.ship("storefront", "breaks-checkout")
    return Team(operator, tmp_path)


def test_it_stops_until_two_have_signed_and_is_not_stopped_again(box: Box, operator: Operator, team: Team) -> None:
    state = remembered(box)

    stopped = team.run()

    assert stopped.code == 13, stopped.screen
    assert "2 engineering-lead must approve it; nothing was changed" in stopped.words
    assert f"scripts/approve {operator.incident().name} — then the same command again." in stopped.words
    assert stopped.words.count("engineering-lead: Ken Ito, +1 555 0101, @ken") == 2, "on the plan, and beside what to type"
    assert remembered(box) == state
    assert "lock_taken" not in team.events()

    anna = team.approve("anna@x.com")
    assert anna.returncode == 0, anna.stderr
    assert "storefront (frontend, Vercel): dpl_" in " ".join(anna.stdout.split())
    assert "approved by anna@x.com (engineering-lead)" in anna.stdout
    assert team.approve("anna@x.com").returncode == 0, "again, which counts once"
    stopped = team.run()
    assert stopped.code == 13, stopped.screen
    assert "1 engineering-lead must approve it; nothing was changed" in stopped.words
    assert remembered(box) == state

    assert team.approve("ben@x.com").returncode == 0
    line = len(operator.journal()) + 12
    killed = team.run(environment={"PYTHONPATH": DYING, "DIES_AT": str(line)})
    assert killed.code == -signal.SIGKILL, killed.screen
    assert "lock_taken" in team.events()

    resumed = team.run()

    assert resumed.code == 0, resumed.screen
    assert checkout_works(box)
    assert team.events().count("approved") == team.events().count("approval_requested") == 1
    assert "- Approved: anna@x.com (engineering-lead)" in (operator.incident() / "report.md").read_text()
    assert "ben@x.com (engineering-lead)" in (operator.incident() / "report.html").read_text()
    verified = team.type(["scripts/verify", "--anchor", f"file:{team.heads}", operator.incident().name])
    assert (verified.returncode, verified.stdout.split()[0]) == (0, "INTACT"), verified.stdout
    journal = operator.incident() / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    assert team.type(["scripts/verify", operator.incident().name]).returncode == 1


@pytest.mark.once
def test_what_was_approved_is_refused_once_the_world_has_moved(box: Box, team: Team) -> None:
    assert team.run(leads=1).code == 13
    assert team.approve("anna@x.com").returncode == 0
    box.ship("storefront", "breaks-checkout")
    before = world(box)

    stopped = team.run(leads=1)

    assert stopped.code == 13, stopped.screen
    assert "the plan has changed since it was shown: storefront serves dpl_" in stopped.words
    assert world(box) == before
    assert team.approve("anna@x.com").returncode == 0
    assert team.run(leads=1).code == 0
    assert checkout_works(box)


@pytest.mark.once
def test_more_targets_than_were_approved_are_another_plan(box: Box, team: Team) -> None:
    box.ship("api", "breaks-checkout")
    assert team.run("--limit", "storefront", leads=1).code == 13
    assert team.approve("anna@x.com").returncode == 0
    assert team.run("--limit", "storefront", leads=1).code == 10
    before = world(box)

    stopped = team.run(leads=1)

    assert stopped.code == 13, stopped.screen
    assert re.search(r"the plan has changed since it was shown: (api|\w+) is new in it", stopped.words), stopped.screen
    assert world(box) == before
    assert team.approve("ben@x.com").returncode == 0
    ran = team.run(leads=1)
    assert ran.code == 0, ran.screen
    assert checkout_works(box)


@pytest.mark.once
def test_nobody_approves_their_own_run(team: Team) -> None:
    assert team.run(leads=1, lead="anna").code == 13

    own = team.approve("anna@x.com")

    assert own.returncode == 2
    assert "your approval would not count: it was signed by whoever runs this: somebody else must approve" in " ".join(own.stderr.split())
    assert not (team.operator.incident() / "approvals").exists()
    assert team.approve("ben@x.com").returncode == 0
    assert team.run(leads=1, lead="ben").code == 13, "who approved it may not run it either"
    assert team.run(leads=1, lead="anna").code == 0


@pytest.mark.once
def test_an_approver_has_to_agree_in_words(team: Team) -> None:
    assert team.run(leads=1).code == 13
    assert team.approve("anna@x.com", "yes").returncode == 2
    assert team.run(leads=1).code == 13


@pytest.mark.once
def test_in_an_emergency_it_goes_on_against_one_refusal_with_a_reason(box: Box, operator: Operator, team: Team) -> None:
    stopped = team.run()
    found = re.search(r"override=(approval-[0-9a-f]{8})", stopped.words)
    assert found, stopped.screen

    assert team.run(override="approval-00000000", override_reason="nobody answers").code == 2
    without = team.run(override=found[1])
    assert without.code == 2
    assert "an override needs a reason; nothing was changed" in without.words
    assert not checkout_works(box)

    ran = team.run(override=found[1], override_reason="nobody answers")

    assert ran.code == 0, ran.screen
    assert "! goes on without the approvals that are needed: overridden" in ran.words
    assert checkout_works(box)
    (event,) = [event for event in operator.journal() if event["event"] == "overridden"]
    assert (event["id"], event["refusal"], event["reason"]) == (found[1], "2 engineering-lead must approve it", "nobody answers")
    report = (operator.incident() / "report.md").read_text()
    assert found[1] in report
    assert "nobody answers" in report


@pytest.mark.once
def test_only_what_the_rules_fit_needs_approval(operator: Operator, team: Team) -> None:
    assert team.run(severity="P0").code == 0
    assert not {"approved", "approval_requested"} & set(team.events())


@pytest.mark.once
def test_a_check_says_who_must_and_rules_that_make_no_sense_are_refused(operator: Operator, team: Team) -> None:
    approvals = {"signers": str(team.people.signers), "roles": {"cto": ["carl@x.com"]}, "required": [{"by": {"cto": 1}}]}
    checked = operator.check(severity="P1", approvals=approvals)
    assert checked.code == 0, checked.screen
    assert "needs the approval of 1 cto before it starts" in checked.words
    broken = operator.run(severity="P1", approvals=approvals | {"required": [{"by": {"ceo": 1}}]})
    assert broken.code == 2
    assert "approvals asks for 1 ceo, and approvals.roles has fewer; nothing was changed" in broken.words
