"""One dump, loaded in each of the ways that somebody might choose."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import SWAP

from sandbox.addresses import HOST
from tests.bench.measuring import Cost
from tests.bench.postgres import trade
from tests.bench.postgres.spent import spent
from tests.postgres import shop
from tests.postgres.clusters import Cluster

JOBS = min(os.cpu_count() or 1, 8)


@dataclass
class Trade:
    """A database C(shop) on a server, and its backup; C(plain) is the same as SQL, as the runbooks have it."""

    cluster: Cluster
    folder: Path
    gigabytes: float
    took: Cost = field(default_factory=lambda: Cost(0, 0))
    """The backup."""

    def built(self) -> Trade:
        trade.build(self.cluster, "shop", self.gigabytes)
        self.back_up()
        return self

    def back_up(self) -> None:
        self.took, _ = spent(self.cluster, lambda: shop.done(BACKUP, url=self.cluster.url("shop"), destination=str(self.folder)))

    @property
    def dump(self) -> Path:
        return max(self.folder.glob("shop/*/dump"))

    @property
    def manifest(self) -> Path:
        return self.dump.with_name("manifest.json")

    def plain(self) -> Path:
        file = self.folder / "backup.sql"
        if not file.exists():
            self.cluster.program("pg_dump", "-d", "shop", "-f", str(file))
        return file

    def told(self) -> str:
        held = f"{trade.rows(self.cluster, 'shop') / 1e6:.1f} M rows, {trade.size(self.cluster, 'shop') / 1e9:.2f} GB"
        return f"{held}, its backup {sum(file.stat().st_size for file in self.dump.rglob('*')) / 1e6:.0f} MB in {self.took.wall:.1f} s"


def bare(one: Trade) -> Cost:
    """C(pg_restore -j) into an empty database, and nothing else."""
    one.cluster.run("DROP DATABASE IF EXISTS bare WITH (FORCE);\nCREATE DATABASE bare")
    cost, _ = spent(one.cluster, lambda: one.cluster.program("pg_restore", f"-j{JOBS}", "-d", "bare", str(one.dump)))
    one.cluster.run("DROP DATABASE bare")
    return cost


def ours(one: Trade, mode: str = "beside") -> tuple[Cost, dict[str, Any]]:
    """From the call to the answer: everything is read, compared, analysed, swapped; what was kept goes, outside the time."""
    given = {"url": one.cluster.url("shop"), "destination": str(one.folder), "mode": mode}
    cost, result = spent(one.cluster, lambda: shop.done(RESTORE, **given))
    if result["kept"]:
        shop.done(SWAP, url=one.cluster.url("shop"), purge=result["kept"])
    return cost, result


def ready(one: Trade) -> tuple[Cost, Cost]:
    """What it takes to keep a copy ready, and what is left of the restore in the emergency."""
    return ours(one, "ready_copy")[0], ours(one)[0]


def recipe(cluster: Cluster, file: Path) -> tuple[Cost, int]:
    """C(dropdb; createdb; psql < backup): what it costs, all of the time of which nobody is served, and the exit code."""
    cluster.run("DROP DATABASE IF EXISTS recipe;\nCREATE DATABASE recipe")

    def run() -> int:
        cluster.program("dropdb", "recipe")
        cluster.program("createdb", "recipe")
        reach = [str(cluster.bin / "psql"), "-h", HOST, "-p", str(cluster.port), "-U", "postgres", "-q", "-d", "recipe"]
        with file.open() as script:
            return subprocess.run(reach, stdin=script, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode

    return spent(cluster, run)


def cut(file: Path) -> Path:
    """The dump broken off at the end of a line, with half of the users in it."""
    whole = file.read_bytes()
    begin = whole.index(b"COPY public.users")
    short = file.with_name("cut.sql")
    short.write_bytes(whole[: whole.index(b"\n", (begin + whole.index(b"\n\\.\n", begin)) // 2) + 1])
    return short


def users(cluster: Cluster, name: str) -> str:
    """How many there are, in words."""
    found = cluster.rows("SELECT to_regclass('users') IS NOT NULL", name)[0][0]
    return f"{cluster.rows('SELECT count(*) FROM users', name)[0][0]} users" if found else "no table of users"
