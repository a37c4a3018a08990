"""A disk that fills while a backup is loaded: broken off while the write-ahead log has room; without any, PostgreSQL stops for all."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster, Missing

DISK, LARGER = "320m", "1200m"
"""The server fills 61 MB of it before the load and some 310 after, which is broken off at 233."""
WAL = 32 << 20
ROWS = 120_000
BIG = f"""
CREATE TABLE big (id int PRIMARY KEY, what text);
ALTER TABLE big ALTER what SET STORAGE PLAIN;
INSERT INTO big SELECT g, repeat('x', 1900) FROM generate_series(1, {ROWS}) g
"""


@pytest.fixture
def disk() -> Iterator[Path]:
    """One of its own, in memory."""
    path = Path(tempfile.mkdtemp(prefix="lastgood-disk-"))
    path.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", f"size={LARGER},mode=755", "tmpfs", str(path)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        path.rmdir()
        pytest.skip(f"this account cannot mount a disk: {mounted.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)
        path.rmdir()


def resized(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def test_it_is_broken_off_before_the_write_ahead_log_has_no_room(disk: Path, tmp_path: Path) -> None:
    try:
        cluster = Cluster(18, {"max_wal_size": "32MB", "min_wal_size": "32MB", "wal_level": "replica"}, place=disk)
    except Missing as reason:
        pytest.skip(str(reason))
    try:
        cluster.start()
        shop.build(cluster, users=20, items=20)
        cluster.run(BIG, "shop")
        shop.done(BACKUP, url=cluster.url("shop"), destination=str(tmp_path / "backups"))
        cluster.run("DROP TABLE big;\nCHECKPOINT", "shop")
        resized(disk, DISK)
        before = shop.seen(cluster)
        options: dict[str, Any] = {"url": cluster.url("shop"), "destination": str(tmp_path / "backups"), "jobs": 2}
        told = shop.run(RESTORE, **options)
        assert (told["error"], "left, and the restore needs" in told["msg"], told["changed"]) == ("Refused", True, False), told
        told = shop.run(RESTORE, **options, free_space=10**12)
        assert (told["error"], "nearly full" in told["msg"]) == ("Incomplete", True), told
        assert (shop.seen(cluster), cluster.databases()) == (before, ["shop"])
        # The server has never been in want of room, and has enough to go on.
        assert "No space left" not in (cluster.home / "log").read_text()
        assert shutil.disk_usage(disk).free > WAL
        cluster.run("INSERT INTO audit.log SELECT now(), repeat('y', 1000) FROM generate_series(1, 10000)", "shop")
        resized(disk, LARGER)
        done = shop.done(RESTORE, **options)
        assert (cluster.rows("SELECT count(*) FROM big", "shop"), done["changed"]) == ([(ROWS,)], True)
    finally:
        cluster.stop("immediate")
        cluster.remove()
