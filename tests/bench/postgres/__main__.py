"""Measures backups, restores, swaps and salvages on a real PostgreSQL server. Run it by hand: `python -m tests.bench.postgres`."""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage import operation

from tests.bench.measuring import Cost, median
from tests.bench.postgres import community, outage, trade
from tests.bench.postgres.restores import Trade, bare, cut, ours, ready, recipe, users
from tests.bench.postgres.spent import spent
from tests.postgres import pooler, shop
from tests.postgres.clusters import Cluster, running
from tests.vendor_clients import Unavailable

SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "max_connections": "200",
    "wal_level": "replica",
    "max_wal_size": "4GB",
    "autovacuum_naptime": "1min",
}
SMALL = 0.05
"""GB of the database that damaged dumps are made of."""


@dataclass(frozen=True)
class Bench:
    cluster: Cluster
    folder: Path
    given: argparse.Namespace

    @contextmanager
    def trade(self, gigabytes: float) -> Iterator[Trade]:
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Trade(self.cluster, Path(folder), gigabytes).built()
        self.cluster.clear()


def restore(bench: Bench) -> None:
    """Bare pg_restore, ours, ours with a ready copy, the runbooks' recipe, and the usual Ansible module; of the same data, in turns."""
    with bench.trade(bench.given.gb) as one:
        _title(one.told())
        took: dict[str, list[Cost]] = {}
        closed: list[float] = []
        for _run in range(bench.given.runs):
            _add(took, "pg_restore -j, bare", bare(one))
            cost, result = ours(one)
            _add(took, "postgres_restore, all of it", cost)
            closed.append(result["closed"])
            prepared, left = ready(one)
            _add(took, "postgres_restore, mode=ready_copy", prepared)
            _add(took, "postgres_restore with a ready copy", left)
            _add(took, "dropdb; createdb; psql < backup", recipe(bench.cluster, one.plain())[0])
            try:
                _add(took, "community.postgresql.postgresql_db", community.restore(bench.cluster, one.plain())[0])
            except Unavailable as reason:
                print(f"community.postgresql: skipped, {reason}")
        middle = {name: median(costs) for name, costs in took.items()}
        floor, shut = middle["pg_restore -j, bare"], statistics.median(closed)
        served = {"postgres_restore, all of it": shut, "postgres_restore with a ready copy": shut}
        print(f"{'':<38} {'total':>9} {'/ bare':>7} {'CPU':>9} {'/ bare':>7} {'closed for':>11}")
        for name, cost in middle.items():
            out = "" if name.startswith("pg_restore") or "mode=" in name else f"{served.get(name, cost.wall):.2f} s"
            ratios = f"{cost.wall:>7.2f} s {cost.wall / floor.wall:>7.2f} {cost.cpu:>7.2f} s {cost.cpu / floor.cpu:>7.2f}"
            print(f"{name:<38} {ratios} {out:>11}", flush=True)


def damaged(bench: Bench) -> None:
    """What each of them says of a plain dump that broke off, and what is there afterwards."""
    with bench.trade(SMALL) as one:
        whole, short = users(bench.cluster, "shop"), cut(one.plain())
        _title(f"a dump of {whole} that broke off half-way through them")
        _cost, code = recipe(bench.cluster, short)
        print(f"{'dropdb; createdb; psql < backup':<38} exit code {code}; {users(bench.cluster, 'recipe')}")
        try:
            _cost, said = community.restore(bench.cluster, short)
            version = community.collections()[1]
            print(f"{f'community.postgresql {version}':<38} {said}; {users(bench.cluster, 'community')}")
        except Unavailable as reason:
            print(f"community.postgresql: skipped, {reason}")
        result = shop.run(RESTORE, url=bench.cluster.url("shop"), source=str(short))
        print(f"{'postgres_restore':<38} failed={result.get('failed')}: {result['msg']}")
        print(f"{'':<38} live: {users(bench.cluster, 'shop')}; databases: {', '.join(bench.cluster.databases())}", flush=True)


def swap(bench: Bench) -> None:
    """What clients see of swaps, directly and behind PgBouncer."""
    trade.build(bench.cluster, "shop", bench.given.gb)
    bench.cluster.run("CREATE DATABASE other TEMPLATE shop STRATEGY file_copy")
    _title(f"{bench.given.swaps} swaps, {bench.given.clients} clients that come back, {trade.size(bench.cluster, 'shop') / 1e9:.2f} GB")
    print(outage.HEAD)
    number = bench.given.clients
    outages, errors = outage.swaps(bench.cluster, bench.cluster.url("shop"), "other", bench.given.swaps, number)
    print(outage.told("directly", outages, errors), flush=True)
    with pooler.before(bench.cluster) as port:
        replacement = next(name for name in bench.cluster.databases() if name != "shop")
        admin, door = (f"postgresql://{user}@127.0.0.1:{port}/{name}" for user, name in (("admin", "pgbouncer"), ("postgres", "shop")))
        outages, errors = outage.swaps(bench.cluster, door, replacement, bench.given.swaps, number, pgbouncer_url=admin)
    print(outage.told("behind PgBouncer", outages, errors), *sorted(set(errors))[:3], sep="\n", flush=True)
    bench.cluster.clear()


def salvage(bench: Bench) -> None:
    """Rows written after the backup come back after the restore, while the restored database was written to as well."""
    with bench.trade(bench.given.gb) as one:
        written = trade.write_later(bench.cluster, "shop", "late", bench.given.rows)
        result = shop.done(RESTORE, url=bench.cluster.url("shop"), destination=str(one.folder))
        since = trade.write_later(bench.cluster, "shop", "new", bench.given.rows // 20)
        given = {"from_db": result["kept"], "manifest": str(one.manifest), "ledger": str(one.folder / "lost.jsonl")}
        _title(f"{written} rows written after the backup, {since} after the restore of {bench.given.gb} GB")
        for check in (True, False):
            cost, told = spent(bench.cluster, partial(shop.run, operation.PERFORM, check=check, url=bench.cluster.url("shop"), **given))
            assert not told.get("failed"), told
            found = told["totals"]["insert"]
            name = "postgres_salvage --check" if check else "postgres_salvage"
            rate = f"{cost.wall:>7.2f} s {found / cost.wall:>9.0f} rows/s, {cost.cpu:>7.2f} s CPU {found / cost.cpu:>9.0f} rows/s"
            print(f"{name:<38} {rate}, {found} of {written} rows, {_left(told)}")
        print(f"{'':<38} rows that have the wrong parent now: {trade.astray(bench.cluster, 'shop')}", flush=True)


def growth(bench: Bench) -> None:
    """How they grow with the database."""
    _title("by size")
    print(
        f"{'':<8} {'rows':>8} {'backup':>9} {'bare':>9} {'ours':>9} {'ratio':>6} {'CPU':>6} {'closed':>8} {'ready copy':>11} {'recipe':>9}"
    )
    for gigabytes in bench.given.sizes:
        with bench.trade(gigabytes) as one:
            took: dict[str, list[Cost]] = {"bare": [], "ours": [], "ready": [], "recipe": []}
            closed = []
            for _run in range(bench.given.runs):
                took["bare"].append(bare(one))
                cost, result = ours(one)
                took["ours"].append(cost)
                closed.append(float(result["closed"]))
                took["ready"].append(ready(one)[1])
                took["recipe"].append(recipe(bench.cluster, one.plain())[0])
            floor, total, left, shut = (median(took[name]) for name in took)
            size, rows = trade.size(bench.cluster, "shop") / 1e9, trade.rows(bench.cluster, "shop") / 1e6
            print(f"{size:.2f} GB {rows:>6.1f} M {one.took.wall:>7.1f} s {floor.wall:>7.1f} s {total.wall:>7.1f} s", end=" ")
            print(f"{total.wall / floor.wall:>6.2f} {total.cpu / floor.cpu:>6.2f} {statistics.median(closed):>6.2f} s", end=" ")
            print(f"{left.wall:>9.2f} s {shut.wall:>7.1f} s", flush=True)


def _left(told: dict[str, dict[str, int]]) -> str:
    others = {status: count for status, count in told["totals"].items() if count and status not in ("insert", "same")}
    return ", ".join(f"{count} {status}" for status, count in others.items()) or "no others"


def _add(took: dict[str, list[Cost]], name: str, cost: Cost) -> None:
    took.setdefault(name, []).append(cost)
    print(f"  … {name}: {cost.wall:.2f} s, {cost.cpu:.2f} s CPU, load {os.getloadavg()[0]:.1f}", flush=True)


def _title(text: str) -> None:
    print(f"\n{text}, load {os.getloadavg()[0]:.1f}", flush=True)


PARTS = {part.__name__: part for part in (restore, damaged, swap, salvage, growth)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.postgres", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART", help=f"one of {', '.join(PARTS)}; all of them without")
    parser.add_argument("--gb", type=float, default=1.6, help="how large the database is (1.6)")
    parser.add_argument("--runs", type=int, default=3, help="how often restores are run; the medians are shown (3)")
    parser.add_argument("--swaps", type=int, default=50)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rows", type=int, default=1_000_000, help="about as many are written and salvaged")
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.1, 0.3, 1, 3], help="GB, for growth")
    parser.add_argument("--major", type=int, default=15, help="version of the server: 15 or 18")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}")
    print(f"medians of {given.runs} runs on {os.cpu_count()} cores, PostgreSQL {given.major}")
    with tempfile.TemporaryDirectory(prefix="lastgood-bench-") as folder:
        for cluster in running(given.major, **SETTINGS):
            for name in given.parts:
                PARTS[name](Bench(cluster, Path(folder), given))


if __name__ == "__main__":
    main()
