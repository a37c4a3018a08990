"""Restores: complete or not at all, with the live database serving until the one moment of the swap."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import SWAP

from tests.postgres import shop
from tests.postgres.clusters import Cluster

FORMS = ["plain", "custom", "directory", "tar", "inserts", "plain.gz", "custom.gz", "plain.zst", "plain.bz2", "plain.xz"]
WRECK = """
DELETE FROM "Order Items" WHERE id % 2 = 0;
UPDATE users SET note = 'gone' WHERE id <= 10;
INSERT INTO users (email) SELECT 'late' || g FROM generate_series(1, 7) g;
DROP TABLE audit.log;
CREATE TABLE made_by_migration (id int)
"""


def backed_up(cluster: Cluster, destination: Path, owner: str = "postgres") -> tuple[dict[str, Any], dict[str, Any]]:
    """The shop, a backup of it, and what an observer saw; then it is wrecked."""
    shop.build(cluster, owner=owner)
    seen = shop.seen(cluster)
    backup = shop.run(BACKUP, url=cluster.url("shop", owner), destination=str(destination))["backup"]
    cluster.run(WRECK, "shop")
    return backup, seen


def test_everything_comes_back_once(cluster: Cluster, tmp_path: Path) -> None:
    backup, seen = backed_up(cluster, tmp_path)
    wrecked = shop.seen(cluster)
    told: list[str] = []
    plan = shop.run(RESTORE, check=True, url=cluster.url("shop"), destination=str(tmp_path))
    assert plan["changed"], plan
    assert shop.seen(cluster) == wrecked
    assert cluster.databases() == ["shop"]
    done = shop.done(RESTORE, told=told, url=cluster.url("shop"), destination=str(tmp_path))
    assert done["changed"], done
    assert plan["diff"] == done["diff"] != {"before": {}, "after": {}}
    assert shop.seen(cluster) == seen
    assert cluster.databases() == ["shop", done["kept"]]
    assert shop.seen(cluster, done["kept"]) == wrecked
    for loss in (plan["loss"], done["loss"]):
        assert loss["tables"]["public.users"] == {"written": 17, "changed_or_deleted": 10}
        assert loss["tables"]["public.Order Items"] == {"written": 0, "changed_or_deleted": 450}
        assert loss["seconds"] > 0
    assert any("17 rows" in text for text in told), told
    assert done["source"]["backup"]["path"] == backup["path"]
    again = shop.run(RESTORE, url=cluster.url("shop"), destination=str(tmp_path))
    assert not again.get("failed"), again
    assert not again["changed"]
    assert shop.run(SWAP, url=cluster.url("shop"), undo=True)["changed"]
    assert shop.seen(cluster) == wrecked


def test_the_newest_backup_before_a_moment_is_taken(newest: Cluster, tmp_path: Path) -> None:
    first, seen = backed_up(newest, tmp_path)
    second = shop.run(BACKUP, url=newest.url("shop"), destination=str(tmp_path))["backup"]
    assert first["taken_at"] < second["taken_at"]
    (tmp_path / "shop" / "20991122T023000.000000Z.unfinished").mkdir()
    done = shop.done(RESTORE, url=newest.url("shop"), destination=str(tmp_path), good_at=first["taken_at"])
    assert done["source"]["backup"]["path"] == first["path"], done
    assert shop.seen(newest) == seen
    told = shop.run(RESTORE, url=newest.url("shop"), destination=str(tmp_path), good_at="2020-01-01")
    assert (told["error"], "no backup of shop" in told["msg"]) == ("Refused", True)


def test_what_belongs_to_the_database_as_such_is_kept(newest: Cluster, tmp_path: Path) -> None:
    newest.run("CREATE ROLE shop LOGIN;\nCREATE ROLE app LOGIN")
    backed_up(newest, tmp_path, owner="shop")
    newest.run("""
        REVOKE ALL ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO app WITH GRANT OPTION;
ALTER DATABASE shop SET search_path = "$user", public, audit;
ALTER DATABASE shop SET work_mem = '8MB';
ALTER ROLE app IN DATABASE shop SET statement_timeout = '7s';
ALTER DATABASE shop CONNECTION LIMIT 17;
COMMENT ON DATABASE shop IS 'it''s the shop'""")
    what = """SELECT pg_get_userbyid(datdba),
        (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a), datconnlimit, datcollate, encoding,
        shobj_description(d.oid, 'pg_database'),
        (SELECT array_agg(setrole::regrole::text || setconfig::text ORDER BY setrole::regrole::text) FROM pg_db_role_setting
          WHERE setdatabase = d.oid) FROM pg_database d WHERE datname = 'shop'"""
    before = newest.rows(what)
    done = shop.done(RESTORE, url=newest.url("shop"), destination=str(tmp_path))
    assert done["changed"], done
    assert newest.rows(what) == before


def test_a_ready_copy_leaves_only_the_swap(newest: Cluster, tmp_path: Path) -> None:
    _backup, seen = backed_up(newest, tmp_path)
    options: dict[str, Any] = {"url": newest.url("shop"), "destination": str(tmp_path)}
    plan = shop.run(RESTORE, check=True, mode="ready_copy", **options)
    ready = shop.run(RESTORE, mode="ready_copy", **options)
    assert ready["changed"], ready
    assert plan["diff"] == ready["diff"] != {"before": {}, "after": {}}
    assert newest.databases() == ["shop", ready["ready"]]
    assert not shop.run(RESTORE, mode="ready_copy", **options)["changed"]
    shop.run(BACKUP, **options)
    newer = shop.run(RESTORE, mode="ready_copy", **options)
    assert newest.databases() == ["shop", newer["ready"]]
    wrecked = shop.seen(newest)
    newest.run("DROP TABLE users CASCADE", "shop")
    done = shop.done(RESTORE, **options)
    assert "ready copy" in done["looked_at"][0], done
    assert shop.seen(newest) == wrecked != seen


def test_a_rehearsal_is_looked_at_and_dropped_and_never_left_out(newest: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    live = shop.seen(newest)
    options: dict[str, Any] = {"url": newest.url("shop"), "destination": str(tmp_path)}
    plan = shop.run(RESTORE, check=True, mode="rehearsal", **options)
    assert (plan["rehearsal"], newest.databases()) == (None, ["shop"])
    ready = shop.run(RESTORE, mode="ready_copy", **options)["ready"]
    first = shop.run(RESTORE, mode="rehearsal", **options)
    assert plan["diff"] == first["diff"] != {"before": {}, "after": {}}
    second = shop.run(RESTORE, mode="rehearsal", **options)
    assert second["changed"], "nobody has proved it today"
    assert newest.databases() == sorted(["shop", ready, second["rehearsal"]]), "in place of the first"
    assert shop.seen(newest) == live
    refused = shop.run(SWAP, url=newest.url("shop"), purge=ready)
    assert refused["failed"], refused
    purged = shop.run(SWAP, url=newest.url("shop"), purge=second["rehearsal"])
    assert (purged["changed"], newest.databases()) == (True, ["shop", ready])


def test_one_that_is_gone_altogether_comes_back(newest: Cluster, tmp_path: Path) -> None:
    _backup, seen = backed_up(newest, tmp_path)
    newest.run("DROP DATABASE shop")
    done = shop.done(RESTORE, url=newest.url("shop"), destination=str(tmp_path))
    assert (done["changed"], done["loss"]) == (True, None), done
    assert shop.seen(newest) == seen
    newest.run("INSERT INTO users (email) VALUES ('written after the restore')", "shop")
    again = shop.run(RESTORE, url=newest.url("shop"), destination=str(tmp_path))
    assert not again.get("failed"), again
    assert not again["changed"]
    shop.run(BACKUP, url=newest.url("shop"), destination=str(tmp_path))
    newest.run("INSERT INTO users (email) VALUES ('and after its backup')", "shop")
    done = shop.done(RESTORE, url=newest.url("shop"), destination=str(tmp_path))
    assert done["loss"]["tables"] == {"public.users": {"written": 1, "changed_or_deleted": 0}}


def test_one_that_is_not_well_leaves_the_old_one_serving(newest: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    wrecked = shop.seen(newest)
    health = "SELECT count(*) > 0 FROM made_by_migration"
    told = shop.run(RESTORE, url=newest.url("shop"), destination=str(tmp_path), health_query=health, health_timeout=0.1)
    assert told["error"] == "ActivationFailed", told
    assert shop.seen(newest) == wrecked


def test_more_loss_than_allowed_is_refused(newest: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    told = shop.run(RESTORE, url=newest.url("shop"), destination=str(tmp_path), max_loss=0.0)
    assert (told["error"], "nothing was changed" in told["msg"], told["loss"]["rows"]) == ("Refused", True, 17), told
    assert newest.databases() == ["shop"]


def test_too_little_room_is_refused(newest: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    told = shop.run(RESTORE, url=newest.url("shop"), destination=str(tmp_path), free_space=1_000_000)
    assert (told["error"], "1.0 MB left" in told["msg"]) == ("Refused", True), told


def test_the_backup_of_another_database_needs_its_name(newest: Cluster, tmp_path: Path) -> None:
    backup, seen = backed_up(newest, tmp_path)
    newest.run("CREATE DATABASE staging")
    options: dict[str, Any] = {"url": newest.url("staging"), "source": backup["path"]}
    assert shop.run(RESTORE, **options)["error"] == "Refused"
    assert shop.run(RESTORE, from_database="shop", **options)["changed"]
    assert shop.seen(newest, "staging") == seen


def test_the_owner_needs_no_superuser(newest: Cluster, tmp_path: Path) -> None:
    newest.run("CREATE ROLE shop LOGIN CREATEDB")
    _backup, seen = backed_up(newest, tmp_path, owner="shop")
    done = shop.done(RESTORE, url=newest.url("shop", "shop"), destination=str(tmp_path))
    assert done["changed"], done
    assert shop.seen(newest) == seen


def test_ids_given_out_since_are_not_given_out_again(newest: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    done = shop.done(RESTORE, url=newest.url("shop"), destination=str(tmp_path))
    assert done["sequences"]["public.users_id_seq"] > 307
    newest.run("INSERT INTO users (email) VALUES ('after')", "shop")
    assert newest.rows("SELECT max(id) FROM users", "shop")[0][0] > 307


@pytest.mark.parametrize(("major", "form"), [(18, form) for form in FORMS] + [(15, "plain"), (15, "custom")])
def test_any_dump_is_known_by_its_content(request: pytest.FixtureRequest, tmp_path: Path, major: int, form: str) -> None:
    cluster: Cluster = request.getfixturevalue(f"server_{major}")
    cluster.clear()
    shop.build(cluster, users=40, items=50)
    seen = shop.seen(cluster)
    file = shop.dumped(cluster, "shop", tmp_path, form)
    cluster.run(WRECK, "shop")
    done = shop.done(RESTORE, url=cluster.url("shop"), source=str(file))
    assert done["changed"], done
    assert shop.seen(cluster) == seen
    assert any("manifest, there is none" in line for line in done["looked_at"])
    assert any("190 rows in 4 tables" in line for line in done["looked_at"]) == (form != "inserts")
    assert not shop.run(RESTORE, url=cluster.url("shop"), source=str(file))["changed"]


def test_what_a_killed_run_has_unwrapped_is_removed(newest: Cluster, tmp_path: Path) -> None:
    left, used, fresh = (tmp_path / f"lastgood-restore-{name}" for name in ("left", "used", "fresh"))
    for one in (left, used, fresh):
        one.mkdir()
        (one / "unwrapped-0").write_text("everything in the clear")
    for one in (left, used):
        os.utime(one, (0, 0))
    handle = os.open(used, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        backed_up(newest, tmp_path / "backups")
        shop.done(RESTORE, url=newest.url("shop"), destination=str(tmp_path / "backups"), scratch=str(tmp_path))
    finally:
        os.close(handle)
    assert sorted(one.name for one in tmp_path.glob("lastgood-restore-*")) == ["lastgood-restore-fresh", "lastgood-restore-used"]


def test_progress_is_told(newest: Cluster, tmp_path: Path) -> None:
    started = time.monotonic()
    backed_up(newest, tmp_path)
    told: list[str] = []
    shop.run(RESTORE, told=told, url=newest.url("shop"), destination=str(tmp_path))
    assert told, time.monotonic() - started
