"""Data that a job has deleted, and migrations that went wrong, in the shop's own PostgreSQL: seen, taken back, undone."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran, calls

pytestmark = pytest.mark.once
RESTORE, MIGRATION, BACK_UP = (f"playbooks/{name}.yml" for name in ("restore-database", "rollback-migration", "back-up-database"))
DYING = str(Path(__file__).with_name("dying"))


class Shop:
    """The shop's database, asked directly."""

    def __init__(self, box: Box, operator: Operator) -> None:
        self.box, self.operator = box, operator
        self.dsn = box.read("addresses")["postgres"]

    def run(self, playbook: str, *arguments: str, environment: dict[str, str] | None = None, **more: Any) -> Ran:
        return self.operator.run(*arguments, playbook=playbook, environment=environment, **more)

    def asked(self, query: str) -> list[Any]:
        with psycopg.connect(self.dsn) as connection:
            return [row[0] for row in connection.execute(query.encode()).fetchall()]

    @property
    def holds(self) -> dict[str, list[Any]]:
        """What it sells, and which migrations it has."""
        migrations = "SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at"
        return {"products": self.asked("SELECT name FROM products ORDER BY id"), "migrations": self.asked(migrations)}

    @property
    def api_runs(self) -> bool:
        services = self.box.state()["render"]["services"].values()
        return next(row["suspended"] == "not_suspended" for row in services if row["name"] == "api")


@pytest.fixture
def shop(box: Box, operator: Operator) -> Shop:
    found = Shop(box, operator)
    if not (box.state_dir / "backups" / "shop").exists():
        backed = found.run(BACK_UP)
        assert backed.code == 0, backed.screen
    return found


def test_data_goes_back_and_forth(box: Box, operator: Operator, shop: Shop) -> None:
    good = shop.holds
    bad_at = box.control("break", what="data")["at"]
    bad = shop.holds
    assert not bad["products"]

    planned = shop.run(RESTORE, "--check", "--diff", bad_at=bad_at)
    assert planned.code == 0, planned.screen
    assert "loses" in planned.words
    assert shop.holds == bad
    assert shop.api_runs

    doubtful = shop.run(RESTORE, "--check", "--diff", bad_at=bad_at, writers=[{"target": "storefront", "maintenance": True}])
    assert (doubtful.code, "a plan in which this fails cannot be carried out" in doubtful.words) == (2, True), doubtful.screen

    killed = shop.run(RESTORE, bad_at=bad_at, environment={"PYTHONPATH": DYING, "DIES_AT": "18"})
    assert killed.code == -signal.SIGKILL, killed.screen
    ran = shop.run(RESTORE, bad_at=bad_at)
    assert ran.code == 0, ran.screen
    assert shop.holds == good
    assert shop.api_runs
    assert list((box.state_dir / "backups" / "emergency" / "shop").iterdir())
    assert "RESTORED" in (operator.incident() / "report.md").read_text()
    (lost,) = [event for event in operator.journal() if event["event"] == "loss"]
    assert (lost["target"], lost["loss"]["seconds"] > 0) == ("shop-db", True)

    done = calls(operator.journal())
    again = shop.run(RESTORE)
    assert again.totals[1:] == (0, 0), again.screen
    assert calls(operator.journal()) == done

    undone = shop.run("playbooks/undo.yml", scenario="database", confirmed="UNDO SANDBOX database")
    assert undone.code == 0, undone.screen
    assert shop.holds == bad


@pytest.mark.parametrize(("what", "option"), [("loyalty-points", "A"), ("one-price-list", "B")])
def test_a_migration_goes_back(box: Box, operator: Operator, shop: Shop, what: str, option: str) -> None:
    good = shop.holds
    box.control("break", what=what)
    ran = shop.run(MIGRATION)
    assert ran.code == 0, ran.screen
    assert f"option {option}, because" in ran.words
    assert shop.holds == good
    assert shop.api_runs
    again = shop.run(MIGRATION)
    assert again.totals[1:] == (0, 0), again.screen
    assert shop.holds == good
