"""What prisma_migration has written is judged by Prisma's own command line, where npm can install it.

It takes a minute, so that it is asked for: C(LASTGOOD_PRISMA_CLI=yes).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.postgres.clusters import Cluster
from tests.postgres.prisma_cli import Prisma
from tests.postgres.prisma_history import SECOND, History
from tests.postgres.test_prisma import THIRD, taken_back, told
from tests.vendor_clients import Unavailable

pytestmark = pytest.mark.skipif(not os.environ.get("LASTGOOD_PRISMA_CLI"), reason="LASTGOOD_PRISMA_CLI does not ask for it")


@pytest.fixture
def history(newest: Cluster, tmp_path: Path) -> History:
    return History.of(newest, tmp_path / "migrations")


@pytest.fixture
def prisma(history: History, tmp_path: Path) -> Prisma:
    try:
        return Prisma(history, tmp_path)
    except Unavailable as reason:
        pytest.skip(str(reason))


def test_prisma_takes_our_history_for_its_own_and_applies_again_what_was_taken_back(history: History, prisma: Prisma) -> None:
    status, said = prisma.migrate("status")
    assert (status, "up to date" in said) == (0, True), said
    assert taken_back(history)["changed"]
    status, said = prisma.migrate("deploy")
    assert (status, SECOND in said) == (0, True), said
    assert told(history)["verdict"] == "IN STEP"
    assert "tier" in history.columns()


def test_what_was_taken_back_can_be_resolved_either_way(history: History, prisma: Prisma) -> None:
    assert taken_back(history)["changed"]
    assert prisma.migrate("resolve", "--rolled-back", SECOND)[0] == 0  # nothing left to do for it
    status, said = prisma.migrate("resolve", "--applied", SECOND)  # a hand's own UPDATE makes this fail for ever (P3008)
    assert status == 0, said


def test_a_failed_migration_is_marked_as_prisma_itself_would(history: History, prisma: Prisma) -> None:
    history.write(THIRD, 'ALTER TABLE "User" ADD COLUMN "tier" INT;\n')
    history.deploy(THIRD)
    assert "P3009" in prisma.migrate("deploy")[1]
    before = history.rows()[2]
    status, said = prisma.migrate("resolve", "--rolled-back", THIRD)
    assert status == 0, said
    by_prisma = history.rows()[2]
    history.cluster.run(f"UPDATE _prisma_migrations SET rolled_back_at = NULL WHERE migration_name = '{THIRD}'", "shop")
    assert history.rows()[2] == before
    assert taken_back(history, THIRD)["changed"]
    ours = history.rows()[2]
    changed = [[new != old for new, old in zip(row, before, strict=True)] for row in (by_prisma, ours)]
    assert changed[0] == changed[1]
    assert not taken_back(history, THIRD)["changed"]
