"""Limits and states of a role, a database or a server that have nothing to do with the restore, and must not spoil it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.activity import PERFORM as ACTIVITY
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import SWAP

from tests.postgres import shop
from tests.postgres.clusters import Cluster

LIMITS = {"statement_timeout": "50ms", "idle_session_timeout": "100ms", "idle_in_transaction_session_timeout": "100ms"}
SETTINGS = """
SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname = 'shop' AND setrole = 0
"""
SUBSCRIPTION = "CREATE SUBSCRIPTION orders CONNECTION 'dbname=elsewhere' PUBLICATION orders WITH (connect = false, slot_name = NONE)"
SLOW = "CREATE TABLE checked (id int CHECK (pg_sleep(0.1)::text = ''));\nINSERT INTO checked SELECT g FROM generate_series(1, 3) g"


def backed_up(cluster: Cluster, destination: Path) -> None:
    """A shop whose owner is no superuser, whose rows take long to load, and that has lost its orders."""
    cluster.run("CREATE ROLE shop LOGIN CREATEDB;\nGRANT pg_signal_backend TO shop")
    shop.build(cluster, owner="shop", users=50, items=50)
    cluster.run(SLOW, "shop", "shop")
    shop.done(BACKUP, url=cluster.url("shop", "shop"), destination=str(destination))
    cluster.run('DELETE FROM "Order Items"', "shop")


def items(cluster: Cluster) -> int:
    return int(cluster.rows('SELECT count(*) FROM "Order Items"', "shop")[0][0])


@pytest.mark.parametrize("of", ["ROLE", "DATABASE"])
def test_limits_for_the_application_do_not_count(cluster: Cluster, tmp_path: Path, of: str) -> None:
    backed_up(cluster, tmp_path)
    for name, value in LIMITS.items():
        cluster.run(f"ALTER {of} shop SET {name} = '{value}'")
    done = shop.done(RESTORE, url=cluster.url("shop", "shop"), destination=str(tmp_path))
    assert items(cluster) == 50
    kept = [("statement_timeout=50ms",)] if of == "DATABASE" else []
    assert [row for row in cluster.rows(SETTINGS) if "statement" in row[0]] == kept
    assert done["changed"]


def test_a_database_that_is_read_only_is_restored_and_stays_so(newest: Cluster, tmp_path: Path) -> None:
    """Whoever has stopped the writers first decides when they may write again."""
    backed_up(newest, tmp_path)
    url = newest.url("shop", "shop")
    shop.done(ACTIVITY, url=url, state="read_only")
    shop.done(RESTORE, url=url, destination=str(tmp_path))
    assert items(newest) == 50
    assert newest.rows("SHOW default_transaction_read_only", "shop") == [("on",)]
    shop.done(SWAP, url=url, undo=True)
    assert items(newest) == 0


def test_a_subscription_stays_with_the_old_database_and_is_said(newest: Cluster, tmp_path: Path) -> None:
    shop.build(newest, users=20, items=20)
    shop.done(BACKUP, url=newest.url("shop"), destination=str(tmp_path))
    newest.run(SUBSCRIPTION, "shop")
    checked = shop.run(RESTORE, check=True, url=newest.url("shop"), destination=str(tmp_path))
    done = shop.done(RESTORE, url=newest.url("shop"), destination=str(tmp_path))
    for told in (checked, done):
        assert any("subscription orders" in note for note in told["notes"]), told
    newest.run("DROP SUBSCRIPTION orders", done["kept"])
