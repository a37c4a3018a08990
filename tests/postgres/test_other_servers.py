"""Dumps of another version, and of a server that had other roles and extensions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster


@pytest.fixture
def both(server_15: Cluster, server_18: Cluster) -> tuple[Cluster, Cluster]:
    server_15.clear()
    server_18.clear()
    return server_15, server_18


@pytest.mark.parametrize("form", ["plain", "plain.gz", "inserts", "custom", "custom-z0.zst", "directory", "tar", "ours"])
def test_a_newer_one_is_refused_and_an_older_one_restored(both: tuple[Cluster, Cluster], tmp_path: Path, form: str) -> None:
    old, new = both
    for cluster in both:
        shop.build(cluster, users=20, items=20)
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    sources = {}
    for cluster, name in ((old, "old"), (new, "new")):
        if form == "ours":
            made = shop.done(BACKUP, url=cluster.url("shop"), destination=str(tmp_path / name))
            sources[name] = made["backup"]["path"]
        else:
            sources[name] = str(shop.dumped(cluster, "shop", tmp_path / name, form))
    told = shop.run(RESTORE, url=old.url("shop"), source=sources["new"])
    assert (told["error"], "nothing was changed" in told["msg"]) == ("Refused", True), told
    assert old.databases() == ["shop"]
    before = _rows(shop.seen(old))
    new.run("DROP TABLE audit.log", "shop")
    done = shop.done(RESTORE, url=new.url("shop"), source=sources["old"])
    assert _rows(shop.seen(new)) == before
    assert done["changed"]


def _rows(seen: dict[str, Any]) -> dict[str, Any]:
    return {name: rows for name, rows in seen.items() if name != "objects"}


@pytest.mark.parametrize("form", ["plain", "custom", "ours"])
def test_a_missing_role_is_told_and_created_on_request(newest: Cluster, tmp_path: Path, form: str) -> None:
    newest.run('CREATE ROLE "Shop Owner";\nCREATE ROLE reader')
    shop.build(newest, users=20, items=20)
    newest.run('ALTER TABLE users OWNER TO "Shop Owner";\nGRANT SELECT ON users TO reader', "shop")
    if form == "ours":
        source = shop.done(BACKUP, url=newest.url("shop"), destination=str(tmp_path))["backup"]["path"]
    else:
        source = str(shop.dumped(newest, "shop", tmp_path, form))
    newest.clear()
    shop.build(newest, users=5, items=5)
    told = shop.run(RESTORE, url=newest.url("shop"), source=source)
    assert (told["error"], "Shop Owner, reader" in told["msg"]) == ("Refused", True), told
    assert newest.databases() == ["shop"]
    done = shop.done(RESTORE, url=newest.url("shop"), source=source, create_roles=True)
    assert done["roles_created"] == ["Shop Owner", "reader"]
    assert newest.rows("SELECT tableowner FROM pg_tables WHERE tablename = 'users'", "shop") == [("Shop Owner",)]
    assert newest.rows("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'reader'") == [(False,)]


def test_a_missing_extension_is_told(both: tuple[Cluster, Cluster], tmp_path: Path) -> None:
    old, new = both
    available = "SELECT name FROM pg_available_extensions"
    gone = sorted({row[0] for row in old.rows(available)} - {row[0] for row in new.rows(available)} - {"adminpack"})
    if not gone:
        pytest.skip("the other server has all extensions as well")
    shop.build(old, users=5, items=5)
    old.run(f"CREATE EXTENSION {gone[0]}", "shop")
    shop.build(new, users=5, items=5)
    for source in (
        str(shop.dumped(old, "shop", tmp_path, "plain")),
        shop.done(BACKUP, url=old.url("shop"), destination=str(tmp_path / "ours"))["backup"]["path"],
    ):
        told = shop.run(RESTORE, url=new.url("shop"), source=source)
        assert (told["error"], gone[0] in told["msg"]) == ("Refused", True), told
        assert new.databases() == ["shop"]
        assert shop.done(RESTORE, url=old.url("shop"), source=source)["changed"]
