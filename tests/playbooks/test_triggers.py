"""An alert that comes: looked at, decided by the policy, acted upon once, put to people, or left alone."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from sandbox.testing import Box, running
from tests.playbooks.driving import ROOT, Operator, Ran
from tests.playbooks.looking import checkout_works, world
from tests.playbooks.scenarios import DYING
from tests.playbooks.test_approvals import Team

pytestmark = pytest.mark.once
TAKEN = Path("/tmp/lastgood-taken-for-a-template")
RESPOND, TRIGGERS = "playbooks/respond.yml", "playbooks/triggers.yml"
SETTINGS = yaml.safe_load((ROOT / "inventories/sandbox/group_vars/all/triggers.yml").read_text())["triggers"]


@pytest.fixture(scope="module")
def busy() -> Iterator[Box]:
    """A sandbox with customers: without them nobody notices anything."""
    with running(load=5) as box:
        yield box


@pytest.fixture
def people(busy: Box, tmp_path: Path) -> Operator:
    busy.reset()
    return Operator(busy, tmp_path / "incidents")


def alert(ago: float = 1, name: str = "failed checkouts", **said: Any) -> dict[str, Any]:
    labels = {"alertname": name, "environment": "sandbox", "release": f"{{{{ lookup('ansible.builtin.pipe', 'touch {TAKEN}') }}}}"}
    at = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    return {"status": "firing", "labels": labels, "startsAt": at, "fingerprint": "1af523cc13dfbe6c", **said}


def come(operator: Operator, one: dict[str, Any], *arguments: str, **variables: Any) -> Ran:
    payload = quote(json.dumps({"status": "firing", "alerts": [one]}), safe="")
    said = {"sender": "alertmanager", "payload": payload, "triggers": SETTINGS | {"look": 4}, **variables}
    return operator.run(*arguments, playbook=RESPOND, severity=None, **said)


def rows(operator: Operator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((operator.store / "triggers-sandbox.json").read_text())["rows"]
    return found


def test_a_bad_release_is_rolled_back_once_and_nothing_else_is_set_off(people: Operator) -> None:
    shop = people.box
    shop.ship("storefront", "breaks-checkout")
    switched = people.run(playbook=TRIGGERS, severity=None, switch="off", reason="the database moves", lead="ken")
    assert (switched.code, switched.totals[1]) == (0, 1)
    off = come(people, alert())
    assert (off.code, rows(people)[-1]["outcome"]) == (0, "nothing")
    assert "Nothing is set off: ken has switched it off" in off.words
    assert people.run(playbook=TRIGGERS, severity=None, switch="on").totals[1] == 1
    asked = come(people, alert(), policy="huntaze")
    assert asked.code == 13
    assert "P1, roll back within 15 min, level 3" in asked.words.split("People are asked:")[1]
    assert "only at P0 nobody is asked" in asked.words
    assert (people.incidents(), checkout_works(shop)) == ([], False), "so far nothing was changed"

    first = alert()
    acted = come(people, first)
    assert acted.code == 0, acted.screen
    assert "It is acted upon: P0, roll back now" in acted.words
    assert "RESTORED in" in acted.words
    assert checkout_works(shop)
    fields = people.fields()
    assert (fields["severity"], fields["lead"], fields["verdict"]) == ("P0", "alertmanager", "RESTORED")
    assert fields["reason"] == "failed checkouts (alertmanager)"

    after = world(shop)
    again = come(people, first)
    assert (again.code, world(shop), len(people.incidents())) == (0, after, 1)
    assert "it was answered at" in again.words
    assert [row["outcome"] for row in rows(people)] == ["nothing", "asked", "acted", "nothing"]
    assert rows(people)[2]["verdict"] == "RESTORED"
    assert not TAKEN.exists(), "nothing of a message is a template"


def test_what_monitoring_does_not_say_sets_nothing_off(people: Operator) -> None:
    before = world(people.box)
    forged = come(people, alert(), triggers=SETTINGS | {"look": 2})
    assert (forged.code, world(people.box), people.incidents()) == (0, before, [])
    assert "Nothing is set off: monitoring does not say so: no alert fired within 2.0 s" in forged.words


def test_who_is_asked_signs_and_the_same_rollback_goes_on(people: Operator, tmp_path: Path) -> None:
    """The approvals are the inventory's, which the scenario's playbook gets as well."""
    shop, team = people.box, Team(people, tmp_path)
    approvals = {"signers": str(team.people.signers), "roles": {"engineering-lead": list(team.keys)}}
    inventory = tmp_path / "approvals.yml"
    inventory.write_text(yaml.safe_dump({"all": {"vars": {"approvals": approvals}}}))
    where = ("-i", "inventories/sandbox", "-i", str(inventory))
    shop.ship("storefront", "breaks-checkout")

    asked = come(people, alert(), *where, policy="huntaze", triggers=SETTINGS | {"look": 4, "ask": ["engineering-lead"]})

    assert asked.code == 13, asked.screen
    name = people.incident().name
    assert f"Incident {name} waits for an approval: scripts/approve {name}, then the same rollback again." in asked.words
    assert (rows(people)[-1]["outcome"], rows(people)[-1]["incident"]) == ("asked", name)
    assert not checkout_works(shop)
    assert come(people, alert(), *where, policy="huntaze").code == 0, "nobody is asked twice"
    unsigned = people.run(*where, severity=None, confirmed="ROLLBACK SANDBOX checkout")
    assert (unsigned.code, "1 engineering-lead must approve it" in unsigned.words) == (13, True), unsigned.screen
    signed = team.approve("anna@x.com")
    assert signed.returncode == 0, signed.stderr

    ran = people.run(*where, severity=None, confirmed="ROLLBACK SANDBOX checkout")

    assert ran.code == 0, ran.screen
    assert "approved by anna@x.com (engineering-lead)" in ran.words
    assert (people.fields()["verdict"], people.incident().name) == ("RESTORED", name)
    assert "- Approved: anna@x.com (engineering-lead)" in (people.incident() / "report.md").read_text()
    assert checkout_works(shop)


@pytest.mark.skipif(not os.environ.get("LASTGOOD_EVERY_CRASH"), reason="takes long; LASTGOOD_EVERY_CRASH=1 runs it")
@pytest.mark.parametrize("writing", [1, 2, 3])
def test_killed_before_it_writes_down(people: Operator, tmp_path: Path, writing: int) -> None:
    """Unless it had decided, the same alert is answered when it comes again; otherwise it never is. What it has set off ends."""
    shop, counts = people.box, tmp_path / "counts"
    dying = {"PYTHONPATH": DYING, "DIES_IN": "triggers-sandbox.json", "DIES_COUNTS": str(counts), "DIES_AT": str(writing)}
    shop.ship("storefront", "breaks-checkout")
    one = alert()

    killed = come(people, one, environment=dying)

    assert killed.code == -signal.SIGKILL, killed.screen
    assert checkout_works(shop) == (writing == 3)
    after = world(shop)
    again = come(people, one)
    assert again.code == 0, again.screen
    assert checkout_works(shop)
    assert len(people.incidents()) == 1
    if writing == 3:
        assert "it was answered at" in again.words
        assert (world(shop), rows(people)[0]["outcome"]) == (after, "acting")
        assert people.fields()["verdict"] == "RESTORED"
    else:
        assert "RESTORED in" in again.words
