"""How long a swap shuts writers out, as they see it: clients in processes of their own, which come back by themselves."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import SWAP

from tests.bench.measuring import ROOT
from tests.postgres import shop
from tests.postgres.clusters import Cluster

PROCESSES = 5
SETTLE = 2.5
"""Seconds from one swap to the next, in which all clients are back."""


@dataclass
class Seen:
    """What the clients have seen, all of them together; times in seconds."""

    commits: list[tuple[int, float, int]] = field(default_factory=list)
    errors: list[tuple[int, float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Outage:
    gap: float
    """From the last commit on the old database to the first on the new one, seen over all clients."""
    clients: list[float]
    """The same for each client by itself; the time in which it thinks is in it."""
    closed: float
    """What the module says."""


@contextmanager
def clients(url: str, number: int) -> Iterator[Seen]:
    """They write until the block ends; then it is known what they have seen."""
    each = -(-number // PROCESSES)
    command = [sys.executable, "-m", "tests.bench.postgres.clients", url]
    running = [
        subprocess.Popen(
            [*command, str(first), str(min(each, number - first))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for first in range(0, number, each)
    ]
    seen = Seen()
    try:
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()
        yield seen
    finally:
        for process in running:
            assert process.stdin is not None
            process.stdin.close()
        for process in running:
            assert process.stdout is not None
            told: dict[str, Any] = json.loads(process.stdout.read() or '{"commits": [], "errors": []}')
            process.stdout.close()
            process.wait()
            seen.commits += [(client, at, oid) for client, at, oid in told["commits"]]
            seen.errors += [(client, at, text) for client, at, text in told["errors"]]


def swaps(cluster: Cluster, url: str, replacement: str, times: int, number: int, **options: str) -> tuple[list[Outage], list[str]]:
    """To and fro, with that many clients; what each swap meant to them, and the errors of all clients."""
    begun: list[float] = []
    closed: list[float] = []
    with clients(url, number) as seen:
        for _swap in range(times):
            begun.append(time.monotonic())
            told = shop.done(SWAP, url=cluster.url("shop"), replacement=replacement, **options)
            closed.append(float(told["closed"]))
            replacement = told["kept"]
            time.sleep(SETTLE)
    ends = [*begun[1:], begun[-1] + 2 * SETTLE]
    outages = [_outage(seen, start, end, number, said) for start, end, said in zip(begun, ends, closed, strict=True)]
    return outages, [text for _client, _at, text in seen.errors]


def _outage(seen: Seen, start: float, end: float, number: int, closed: float) -> Outage:
    """Who has not come back when the next swap begins has been out until then."""
    until = dict.fromkeys(range(number), start)
    old = max((at, oid) for _client, at, oid in seen.commits if at < start)[1]
    first: dict[int, float] = {}
    for client, at, oid in seen.commits:
        if start - SETTLE / 2 < at < end:
            if oid == old:
                until[client] = max(at, until[client])
            else:
                first[client] = min(at, first.get(client, end))
    outages = [first.get(client, end) - until[client] for client in range(number)]
    return Outage(min(first.values(), default=end) - max(until.values()), outages, closed)


def told(name: str, outages: list[Outage], errors: list[str]) -> str:
    gaps = [one.gap for one in outages]
    worst = [max(one.clients) for one in outages]
    middle = statistics.median(seconds for one in outages for seconds in one.clients)
    over = sum(seconds > 2 for one in outages for seconds in one.clients)
    closed = statistics.median(one.closed for one in outages)
    return (
        f"{name:<34} {_ms(statistics.median(gaps))} {_ms(max(gaps))} {_ms(middle)} {_ms(statistics.median(worst))} {_ms(max(worst))}"
        f" {over:>6} {len(errors):>7} {_ms(closed)}"
    )


HEAD = f"{'':<34} {'gap':>8} {'worst':>8} {'client':>8} {'its worst':>8} {'of all':>7} {'> 2 s':>6} {'errors':>7} {'closed':>8}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:>5.0f} ms"
