"""Backups: proved to be whole, of one moment, or not called a backup."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_info import INFO

from tests.postgres import shop
from tests.postgres.clusters import Cluster


def test_a_backup_holds_what_the_database_held(cluster: Cluster, tmp_path: Path) -> None:
    shop.build(cluster)
    result = shop.run(BACKUP, url=cluster.url("shop"), destination=str(tmp_path))
    assert result["changed"], result
    backup = result["backup"]
    assert (backup["tables"], backup["rows"], backup["encrypted"]) == (4, 300 + 900 + 100, False)
    manifest = json.loads((Path(backup["path"]) / "manifest.json").read_text())
    assert manifest["tables"]["public.Order Items"]["key"] == "900"
    assert manifest["sequences"]["public.users_id_seq"] == 300
    assert manifest["server"]["version_num"] // 10000 == cluster.major
    info = shop.run(INFO, destination=str(tmp_path), verify=True)
    assert [one["state"] for one in info["backups"]] == ["whole"]
    cluster.run("CREATE DATABASE other TEMPLATE template0")
    cluster.program("pg_restore", "-d", "other", "-e", str(Path(backup["path"]) / "dump"))
    assert shop.seen(cluster, "other") == shop.seen(cluster)


def test_check_mode_writes_nothing(newest: Cluster, tmp_path: Path) -> None:
    shop.build(newest)
    result = shop.run(BACKUP, check=True, url=newest.url("shop"), destination=str(tmp_path / "new"))
    assert result["changed"]
    assert "would back up shop" in result["summary"]
    assert not (tmp_path / "new").exists()


def test_manifest_and_dump_are_of_one_moment_while_others_write(newest: Cluster, tmp_path: Path) -> None:
    shop.build(newest)
    done = threading.Event()

    def write() -> None:
        with newest.connect("shop") as connection:
            while not done.is_set():
                connection.execute("INSERT INTO users (email) VALUES (gen_random_uuid()::text)")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        result = shop.run(BACKUP, url=newest.url("shop"), destination=str(tmp_path))
    finally:
        done.set()
        writer.join()
    dump = Path(result["backup"]["path"]) / "dump"
    newest.run("CREATE DATABASE other TEMPLATE template0")
    newest.program("pg_restore", "-d", "other", "-e", str(dump))
    manifest = json.loads((dump.parent / "manifest.json").read_text())
    assert newest.rows("SELECT count(*), max(id)::text FROM users", "other") == [
        (manifest["tables"]["public.users"]["rows"], manifest["tables"]["public.users"]["key"])
    ]


def test_a_dump_that_fails_leaves_nothing(newest: Cluster, tmp_path: Path) -> None:
    newest.run("CREATE ROLE reader LOGIN")
    shop.build(newest)
    newest.run("GRANT SELECT ON users TO reader", "shop")
    result = shop.run(BACKUP, url=newest.url("shop", "reader"), destination=str(tmp_path))
    assert result["failed"], result
    assert result["error"] == "NotAllowed"
    assert list(tmp_path.glob("*/*")) == []


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "add", "no manifest", "manifest cut", "manifest altered"])
def test_damage_is_found(newest: Cluster, tmp_path: Path, harm: str) -> None:
    shop.build(newest, users=10, items=10)
    path = Path(shop.run(BACKUP, url=newest.url("shop"), destination=str(tmp_path))["backup"]["path"])
    file = max((path / "dump").iterdir(), key=lambda one: one.stat().st_size)
    manifest = path / "manifest.json"
    if harm == "flip":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 4
        file.write_bytes(content)
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    elif harm == "remove":
        file.unlink()
    elif harm == "add":
        (path / "dump" / "9999.dat").write_text("")
    elif harm == "no manifest":
        manifest.unlink()
    elif harm == "manifest cut":
        manifest.write_text(manifest.read_text()[:-20])
    else:
        manifest.write_text(json.dumps({"version": 1}))
    info = shop.run(INFO, destination=str(tmp_path), database="shop", verify=True)
    assert [one["state"] for one in info["backups"]] == ["unfinished" if harm == "no manifest" else "damaged"], info
    assert info["backups"][0]["problems"]
    assert info["newest"] is None


def test_the_encrypted_one_is_read_with_its_key_only(newest: Cluster, tmp_path: Path) -> None:
    pyrage = pytest.importorskip("pyrage", reason="the library pyrage is not installed")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(identity))
    shop.build(newest, users=10, items=10)
    keys = [str(identity.to_public())]
    backup = shop.run(BACKUP, url=newest.url("shop"), destination=str(tmp_path / "b"), age_recipients=keys)["backup"]
    assert backup["encrypted"]
    assert [path.name for path in sorted(Path(backup["path"]).iterdir())] == ["dump.age", "manifest.json"]
    assert (Path(backup["path"]) / "dump.age").read_bytes().startswith(b"age-encryption.org/v1")
    told = shop.run(INFO, destination=str(tmp_path / "b"), verify=True)
    assert told["backups"][0]["state"] == "whole"
    assert "without its key" in told["backups"][0]["looked_at"]
    told = shop.run(INFO, destination=str(tmp_path / "b"), verify=True, age_identity=str(tmp_path / "key"))
    assert "every block" in told["backups"][0]["looked_at"]
    told = shop.run(BACKUP, url=newest.url("shop"), destination=str(tmp_path / "b"), age_recipients=["age1wrong"])
    assert told["error"] == "Refused"
