"""The quarterly exercise: refused before anything is broken, broken off after its first drill, taken up, signed, and verified."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Box, running
from tests.playbooks.driving import ROOT, Operator
from tests.playbooks.looking import checkout_works
from tests.playbooks.test_drill import drills, reaching
from tests.unit.ssh_people import People

pytestmark = pytest.mark.once
QUARTERLY = "playbooks/quarterly.yml"
ANNA = "anna@x.com"
NOT_HERE = "one level and the communication are enough for a test"


@pytest.fixture(scope="module")
def shop() -> Iterator[Box]:
    """A sandbox with customers."""
    with running(load=5) as box:
        yield box


def verify(operator: Operator, signers: Path) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts/verify"), "--store", str(operator.store), "--signers", str(signers)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_it_is_taken_up_where_it_was_broken_off_and_leaves_evidence_that_can_be_verified(shop: Box, tmp_path: Path) -> None:
    operator, people = Operator(shop, tmp_path / "incidents"), People(tmp_path)
    exercise: dict[str, Any] = {
        "levels": {"flag": ["feature-delivery-slots"]},
        "left_out": dict.fromkeys(("configuration", "release", "database", "disaster"), NOT_HERE),
        "communication": {"failure": "checkout-storefront"},
        "signers": str(people.signers),
    }
    here: dict[str, Any] = {"playbook": QUARTERLY, "severity": None, "environment": reaching(operator)}
    signed = {**here, "exercise": exercise, "signing_key": str(people.add(ANNA))}

    keyless = operator.run(**{**signed, "signing_key": "/nowhere"})
    assert (keyless.code, "no key /nowhere to sign the evidence with" in keyless.words) == (2, True)
    planned = operator.run("--check", **signed)
    assert planned.code == 0, planned.screen
    assert "flag feature-delivery-slots" in planned.words
    assert f"{ANNA} signs for it" in planned.words
    assert not operator.store.exists(), "nothing was broken, and nothing written down"

    with operator.start(**signed) as broken_off:
        assert broken_off.stdout
        assert any("DRILL PASSED" in line for line in broken_off.stdout)
        os.killpg(broken_off.pid, signal.SIGKILL)
    (first,) = (row for row in drills(operator) if row["state"] == "ended")

    process = operator.start(**signed)
    screen, _nothing = process.communicate(timeout=300)
    assert process.returncode == 0, screen
    assert "1 of 2 drills have ended and are not repeated" in " ".join(screen.split())
    assert "✔ EXERCISE PASSED" in screen
    assert "incidents: started, restored" in " ".join(screen.split())
    rows = [row for row in drills(operator) if row["state"] == "ended"]
    assert [row["failure"] for row in rows] == ["feature-delivery-slots", "checkout-storefront"]
    assert rows[0] == first
    assert checkout_works(shop)

    (place,) = (operator.store / "exercises").iterdir()
    evidence = json.loads((place / "evidence.json").read_text())
    assert (evidence["verdict"], evidence["signer"], evidence["previous"]) == ("PASSED", ANNA, None)
    assert len(evidence["versions"]["playbooks"]["commit"]) == 40
    states = {f"{one['standard']} {one['id']}": one["state"] for one in evidence["controls"]}
    assert states["SOC 2 A1.2"] == states["ISO 27001 A.8.13"] == "not shown", "no backup was restored"
    assert states["ISO 22301 8.5"] == states["ISO 27001 A.5.29"] == "shown, with findings", "levels are missing"
    verified = verify(operator, people.signers)
    assert verified.returncode == 0, verified.stdout
    assert f"INTACT    exercise {place.name}: PASSED" in verified.stdout
    journal = operator.store / evidence["steps"][0]["incident"]["id"] / "journal.jsonl"
    journal.write_text(journal.read_text().replace("RESTORED", "PARTIAL"))
    assert verify(operator, people.signers).returncode == 1
