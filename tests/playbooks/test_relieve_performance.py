"""It is slow: instances first, an earlier release only if that does not help, and then no more instances than before."""

from __future__ import annotations

from typing import Any

import psycopg

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran, calls
from tests.playbooks.looking import everything, served

RELIEVE, SCALE = "playbooks/relieve-performance.yml", ("api", "POST", "/services/srv-api/scale")


def instances(box: Box) -> int:
    number: int = box.state()["render"]["services"]["srv-api"]["serviceDetails"]["numInstances"]
    return number


def relieve(operator: Operator, **more: Any) -> Ran:
    return operator.run(playbook=RELIEVE, **more)


def undo(operator: Operator) -> Ran:
    return operator.run(playbook="playbooks/undo.yml", scenario="performance", confirmed="UNDO SANDBOX performance")


def test_scaling_cures_a_crowd_and_no_release_goes_back(box: Box, operator: Operator) -> None:
    before = everything(box)
    box.control("crowd", people=200)
    box.control("break", what="slow-query")

    foreseen = operator.check(playbook=RELIEVE)
    assert foreseen.code == 0, foreseen.screen
    assert "instances: service 2" in foreseen.words
    assert "api: only if it stays slow." in foreseen.words
    assert "nightly-export" in foreseen.screen
    assert "SELECT orders.* FROM pg_sleep(?)" in foreseen.words
    with psycopg.connect(box.read("addresses")["postgres"]) as db:
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nightly-export'")
    assert (instances(box), operator.store.exists()) == (2, False)

    ran = relieve(operator)
    assert ran.code == 0, ran.screen
    assert (instances(box), served(box)) == (6, before["served"])
    assert ran.totals == foreseen.totals
    assert "backend stays as it is: performance works again" in ran.words
    assert [call for call in calls(operator.journal()) if call[0] == "api"] == [SCALE]
    report = (operator.incident() / "report.md").read_text()
    assert "api, its measure" in report
    assert "instances: service 6" in report
    assert "Slow queries" in report

    again = relieve(operator)
    assert (again.code, again.totals[1], instances(box)) == (0, 0, 6), again.screen

    undone = undo(operator)
    assert undone.code == 0, undone.screen
    assert everything(box) == before


def test_where_going_back_has_cured_it_there_are_no_more_instances_than_before(box: Box, operator: Operator) -> None:
    good = served(box)
    box.ship("api", "slow")
    before = everything(box)

    ran = relieve(operator)
    assert ran.code == 0, ran.screen
    assert "backend goes back too: performance stays broken" in ran.words
    assert (instances(box), served(box)) == (2, good)
    assert [call for call in calls(operator.journal()) if call == SCALE] == [SCALE, SCALE]
    assert "put back" in (operator.incident() / "report.md").read_text()

    again = relieve(operator)
    assert (again.code, again.totals[1], instances(box)) == (0, 0, 2), again.screen

    undone = undo(operator)
    assert undone.code == 0, undone.screen
    assert everything(box) == before
