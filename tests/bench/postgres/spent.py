"""What an act costs: the wall clock, and the processor time of this process, its children and the whole server.

On a machine that has other things to do, the processor time is what can be compared.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

from tests.bench.measuring import Cost
from tests.postgres.clusters import Cluster

T = TypeVar("T")


def spent(cluster: Cluster, act: Callable[[], T]) -> tuple[Cost, T]:
    """What it cost, and what it returned."""
    before, started = _processor(cluster), time.monotonic()
    result = act()
    return Cost(time.monotonic() - started, _processor(cluster) - before), result


def _processor(cluster: Cluster) -> float:
    ours = sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    main = psutil.Process(int((cluster.data / "postmaster.pid").read_text().split()[0]))
    while True:
        ended = main.cpu_times()
        try:
            living = sum(sum(child.cpu_times()[:2]) for child in main.children())
        except psutil.NoSuchProcess:
            continue
        if main.cpu_times()[2:] == ended[2:]:  # else one has ended meanwhile, and would be counted twice or not at all
            return ours + sum(ended[:4]) + living
