"""prisma_migration and its info: the table and the folder decide, and a migration goes back with its schema or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import postgres_activity, prisma_migration, prisma_migration_info

from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster
from tests.postgres.prisma_history import FIRST, SECOND, History

THIRD = "20260120000000_points"


@pytest.fixture
def history(newest: Cluster, tmp_path: Path) -> History:
    return History.of(newest, tmp_path / "migrations")


def told(history: History, **options: Any) -> dict[str, Any]:
    return printed_by(prisma_migration_info.main, **{"url": history.url, "migrations": str(history.folder), **options})


def taken_back(history: History, name: str = SECOND, check: bool = False, **options: Any) -> dict[str, Any]:
    return printed_by(prisma_migration.main, check, **{"url": history.url, "migrations": str(history.folder), "name": name, **options})


def states(result: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["state"] for one in result["migrations"]}


def test_database_and_code_in_step(cluster: Cluster, tmp_path: Path) -> None:
    found = told(History.of(cluster, tmp_path / "migrations"))
    assert (found["verdict"], states(found)) == ("IN STEP", {FIRST: "applied", SECOND: "applied"})
    assert (found["choice"]["migration"], found["choice"]["option"]) == (SECOND, "A")


def test_code_rolled_back_and_the_database_not(history: History) -> None:
    shutil.rmtree(history.folder / SECOND)
    found = told(history)
    assert (found["verdict"], found["ahead"]) == ("AHEAD", [SECOND])  # where migrate status says "up to date"
    assert found["choice"]["option"] == "UNKNOWN"
    assert told(history, migrations=None)["verdict"] == "UNKNOWN"


def test_what_is_missing_in_between_is_another_history(history: History) -> None:
    shutil.rmtree(history.folder / FIRST)
    assert told(history)["verdict"] == "DIVERGED"


def test_a_failure_is_seen_although_another_migration_is_pending(history: History) -> None:
    history.write(THIRD, 'ALTER TABLE "User" ADD COLUMN "tier" INT;\n')
    history.write("20260121000000_more", "SELECT 1;\n")
    assert not history.deploy(THIRD)
    found = told(history)
    assert (found["verdict"], found["unresolved"], found["pending"]) == ("FAILED", [THIRD], ["20260121000000_more"])
    assert (found["choice"]["migration"], found["choice"]["option"]) == (THIRD, "A")


def test_a_deploy_on_its_way_is_not_taken_for_a_failure(history: History) -> None:
    history.write(THIRD, "SELECT nothing;\n")
    history.deploy(THIRD)
    with history.cluster.connect("shop") as deploy:
        deploy.execute("SELECT pg_advisory_lock(72707369)")
        assert told(history)["verdict"] == "RUNNING"
        refused = taken_back(history, THIRD, timeout=0.1)
        assert (refused["error"], refused["changed"]) == ("InUse", False)
        assert str(deploy.info.backend_pid) in refused["msg"]


def test_a_failed_migration_is_marked_as_prisma_does_it(history: History) -> None:
    history.write(THIRD, 'ALTER TABLE "User" ADD COLUMN "tier" INT;\n')
    history.deploy(THIRD)
    before = history.rows()
    assert taken_back(history, THIRD, check=True)["changed"]
    assert history.rows() == before
    done = taken_back(history, THIRD)
    assert (done["changed"], done["before"], done["after"], done["deployed_again"]) == (True, "failed", "rolled_back", True)
    after = history.rows()
    assert after[:2] == before[:2]
    assert [new == old for new, old in zip(after[2], before[2], strict=True)] == [True, True, True, True, True, False, True, True]
    assert after[2][5] is not None  # rolled_back_at, and nothing else
    assert not taken_back(history, THIRD)["changed"]
    assert history.rows() == after
    found = told(history)
    assert (found["verdict"], found["pending"]) == ("BEHIND", [THIRD])


def test_a_failure_half_way_is_not_called_rolled_back(history: History) -> None:
    history.write(THIRD, 'CREATE INDEX CONCURRENTLY "i" ON "User" ("nothing");\n')
    history.deploy(THIRD)
    assert told(history)["choice"]["option"] == "UNKNOWN"
    assert "not one transaction" in taken_back(history, THIRD)["msg"]
    assert taken_back(history, THIRD, schema_is_reverted=True)["changed"]


def test_an_applied_migration_goes_back_with_its_schema(history: History) -> None:
    assert taken_back(history, check=True)["changed"]
    assert "tier" in history.columns()
    done = taken_back(history)
    assert (done["changed"], done["before"], done["choice"]["option"]) == (True, "applied", "A")
    assert "tier" not in history.columns()
    assert [(row[2] is None, row[5] is None) for row in history.rows()] == [(False, True), (True, False)]
    assert not taken_back(history)["changed"]
    assert history.deploy(SECOND)
    assert told(history)["verdict"] == "IN STEP"


def test_it_works_while_writers_are_kept_out(history: History) -> None:
    assert printed_by(postgres_activity.main, url=history.url, state="read_only")["changed"]
    assert taken_back(history)["changed"]


def test_when_the_down_sql_fails_neither_schema_nor_row_has_changed(history: History, tmp_path: Path) -> None:
    down = tmp_path / "down.sql"
    down.write_text('ALTER TABLE "User" DROP COLUMN "tier"; ALTER TABLE "User" DROP COLUMN "nothing";')
    before = history.rows()
    failed = taken_back(history, down_sql=str(down))
    assert failed["error"] == "DatabaseError"
    assert (history.rows(), "tier" in history.columns()) == (before, True)


@pytest.mark.parametrize("text", ["COMMIT; SELECT 1", "-- nothing", 'DROP INDEX CONCURRENTLY "User_tier_idx"'])
def test_down_sql_that_cannot_be_one_transaction_is_refused(history: History, tmp_path: Path, text: str) -> None:
    down = tmp_path / "down.sql"
    down.write_text(text)
    refused = taken_back(history, down_sql=str(down))
    assert (refused["error"], refused["changed"]) == ("Refused", False)


def test_what_was_written_since_decides(history: History) -> None:
    history.cluster.run('VACUUM FREEZE "User"', "shop")
    history.cluster.run("""INSERT INTO "Order" ("userId") VALUES (1)""", "shop")
    assert told(history)["choice"]["option"] == "A"  # the migration has nothing to do with orders
    history.cluster.run("""UPDATE "User" SET tier = 'gold' WHERE id = 1""", "shop")
    found = told(history)["choice"]
    assert (found["option"], found["written"]) == ("B", {"public.User": 1})
    refused = taken_back(history)
    assert (refused["error"], refused["changed"], refused["choice"]["option"]) == ("Refused", False, "B")
    assert "tier" in history.columns()
    assert taken_back(history, even_if_written=True)["changed"]


def test_a_migration_that_changed_data_itself_wants_a_restore(history: History) -> None:
    history.write(THIRD, 'ALTER TABLE "User" DROP COLUMN "email";\n', 'ALTER TABLE "User" ADD COLUMN "email" TEXT;\n')
    history.deploy(THIRD)
    assert told(history)["choice"]["option"] == "B"


def test_what_others_are_built_on_does_not_go_first(history: History) -> None:
    history.write(THIRD, "SELECT 1;\n")
    history.deploy(THIRD)
    assert THIRD in taken_back(history)["msg"]


def test_without_down_sql_an_applied_migration_stays(history: History) -> None:
    (history.folder / SECOND / "down.sql").unlink()
    refused = taken_back(history)
    assert (refused["error"], refused["changed"]) == ("Refused", False)
    assert "down SQL" in refused["msg"]


def test_what_was_never_applied_and_what_a_hand_has_written(history: History) -> None:
    assert "was never applied" in taken_back(history, THIRD)["msg"]
    history.cluster.run(f"UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '{SECOND}'", "shop")
    assert told(history)["migrations"][1]["odd"]
    assert taken_back(history)["changed"]  # prisma migrate resolve --applied would refuse it for ever
    assert not told(history)["migrations"][1]["odd"]
    assert "tier" in history.columns()


def test_edited_files_are_named_whatever_git_does_to_lines(history: History) -> None:
    path = history.folder / SECOND / "migration.sql"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert told(history)["edited"] == []
    path.write_text("SELECT 1;\n")
    assert told(history)["edited"] == [SECOND]


def test_logs_quote_no_rows_and_a_pooler_is_refused(history: History) -> None:
    history.cluster.run("""INSERT INTO "User" (email) VALUES ('secret@example.com'), ('secret@example.com')""", "shop")
    history.write(THIRD, 'CREATE UNIQUE INDEX ON "User" ("email");\n')
    history.deploy(THIRD)
    found = told(history)["migrations"]
    assert "could not create unique index" in found[-1]["logs"]
    assert "secret" not in str(found)
    assert "pooler" in taken_back(history, url=history.url + "&pgbouncer=true")["msg"]


def test_a_database_without_prisma_has_everything_pending(newest: Cluster, tmp_path: Path) -> None:
    newest.run("CREATE DATABASE shop")
    history = History(newest, tmp_path / "migrations")
    history.write(FIRST, "SELECT 1;\n")
    found = told(history)
    assert (found["verdict"], found["pending"], found["choice"]) == ("BEHIND", [FIRST], None)
    (history.folder / "migration_lock.toml").write_text('provider = "mysql"\n')
    assert "mysql" in told(history)["msg"]
