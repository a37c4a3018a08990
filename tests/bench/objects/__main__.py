"""Measures C(s3_objects) against the usual ways to put a bucket back. Run it by hand: `python -m tests.bench.objects`."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.objects import ways
from tests.bench.objects.null_s3 import GOOD_AT, changed, null_s3
from tests.bench.objects.ways import Spent
from tests.bench.objects.weed import filled, visible
from tests.seaweedfs import Missing
from tests.seaweedfs import serving as seaweedfs
from tests.vendor_clients import Unavailable

COPY, REWIND = "s3_objects, method: copy", "s3_objects, method: rewind"
CHECKED = "s3_objects --check"
ROW = "{:<44} {:>9} {:>9} {:>8} {:>11} {:>7}"


def null(given: argparse.Namespace, folder: Path) -> None:
    """Against a server that costs nothing: what the clients cost."""
    for keys in given.keys:
        overwritten, deleted, created = changed(keys)
        with null_s3(folder / f"null{keys}", keys) as url:
            ways_there: dict[str, Callable[[], Spent]] = {
                COPY: lambda url=url: ways.ours(url, "bucket", GOOD_AT, "copy"),  # type: ignore[misc]
                REWIND: lambda url=url: ways.ours(url, "bucket", GOOD_AT, "rewind"),  # type: ignore[misc]
                CHECKED: lambda url=url: ways.ours(url, "bucket", GOOD_AT, "check"),  # type: ignore[misc]
                "the same copies alone": lambda url=url, n=overwritten: ways.raw(url, "bucket", n),  # type: ignore[misc]
                "plain boto3, the same plan": lambda url=url: ways.plain_boto3(url, "bucket", GOOD_AT, "copy"),  # type: ignore[misc]
                "plain boto3, rewind": lambda url=url: ways.plain_boto3(url, "bucket", GOOD_AT, "rewind"),  # type: ignore[misc]
                **_others(given, url, "bucket", GOOD_AT),
            }
            title = f"null S3, {keys:,} keys, {overwritten + deleted + created:,} to restore"
            _table(title, overwritten + deleted + created, {name: way for name, way in ways_there.items() if _wanted(given, name)})


def weed(given: argparse.Namespace, _folder: Path) -> None:
    """Against a real server, each way with a bucket of its own that is looked at afterwards."""
    with seaweedfs() as server:
        url = server.url
        for keys in given.keys:
            overwritten, deleted, created = changed(keys)
            before = {f"k{number:08}": 1025 for number in range(keys)}

            def restored(number: int, name: str, keys: int = keys, before: dict[str, int] = before) -> Callable[[], Spent]:
                def way() -> Spent:
                    bucket = f"bench-{keys}-{number}"
                    moment = filled(url, bucket, keys)
                    cost = {
                        COPY: lambda: ways.ours(url, bucket, moment, "copy"),
                        REWIND: lambda: ways.ours(url, bucket, moment, "rewind"),
                        f"{COPY}, looked at again": lambda: ways.ours(url, bucket, moment, "copy", verify=True),
                        "plain boto3, the same plan": lambda: ways.plain_boto3(url, bucket, moment, "copy"),
                        **_others(given, url, bucket, moment),
                    }[name]()
                    assert visible(url, bucket) == before, f"{name} has not restored the bucket"
                    return cost

                return way

            names = [COPY, REWIND, f"{COPY}, looked at again", "plain boto3, the same plan", *_others(given, url, "", "")]
            ways_there = {name: restored(number, name) for number, name in enumerate(names) if _wanted(given, name)}
            title = f"SeaweedFS, {keys:,} keys, {overwritten + deleted + created:,} to restore"
            _table(title, overwritten + deleted + created, ways_there)


def memory(given: argparse.Namespace, folder: Path) -> None:
    """The most memory that a plan and a restore take, by the number of versions."""
    print(f"\n{'memory, null S3':<44} {'versions':>12} {'--check':>10} {'copy':>10} {'rewind':>10}")
    for keys in (10_000, 100_000, given.most):
        with null_s3(folder / f"memory{keys}", keys) as url:
            used = [ways.ours(url, "bucket", GOOD_AT, method).memory for method in ("check", "copy", "rewind")]
        print(f"{'':<44} {int(keys * 1.35):>12,} " + " ".join(f"{mb:>7.0f} MB" for mb in used), flush=True)


def _others(given: argparse.Namespace, url: str, bucket: str, moment: str) -> dict[str, Callable[[], Spent]]:
    """Tools that are in use for it."""
    found: dict[str, Callable[[], Spent]] = {"s3-pit-restore 0.9": lambda: ways.pit_restore(url, bucket, moment)}
    if given.master:
        found["s3-pit-restore, its repository"] = lambda: ways.pit_restore(url, bucket, moment, given.master)
    return found


def _wanted(given: argparse.Namespace, name: str) -> bool:
    return not given.only or any(part in name for part in given.only)


def _table(title: str, objects: int, compared: dict[str, Callable[[], Spent]]) -> None:
    print("\n" + ROW.format(f"{title}, load {os.getloadavg()[0]:.1f}", "wall", "CPU", "memory", "objects/s", "copy ="))
    first: float | None = None
    for name, way in compared.items():
        try:
            cost = way()
        except Unavailable as reason:
            print(f"{name}: skipped, {reason}")
            continue
        first = first or cost.wall
        used = (f"{cost.wall:.2f} s", f"{cost.cpu:.2f} s", f"{cost.memory:.0f} MB")
        print(ROW.format(name, *used, f"{objects / cost.wall:,.0f}", f"{cost.wall / first:.1f}"), flush=True)


PARTS = {part.__name__: part for part in (null, weed, memory)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.objects", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["null", "weed"], metavar="PART", help=f"of {', '.join(PARTS)}; null and weed without")
    parser.add_argument("--keys", type=int, nargs="+", default=[1_000, 10_000, 50_000], help="sizes of the bucket")
    parser.add_argument("--most", type=int, default=1_000_000, help="keys of the largest bucket of the part memory")
    parser.add_argument("--master", type=Path, help="the script of s3-pit-restore from its repository, to be compared as well")
    parser.add_argument("--only", nargs="+", help="ways whose names contain one of these")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}")
    with tempfile.TemporaryDirectory() as folder:
        for name in given.parts:
            try:
                PARTS[name](given, Path(folder))
            except (Unavailable, Missing) as reason:
                print(f"\n{name}: skipped, {reason}")


if __name__ == "__main__":
    main()
