"""What a command costs: the wall clock, and the processor time of it and of everything it started."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """Seconds; of the largest process the MB that it had in memory at most, and of all together, where that was looked at; calls."""

    wall: float
    cpu: float
    largest: float = 0
    together: float = 0
    calls: float = 0

    def __add__(self, other: Cost) -> Cost:
        most = (max(self.largest, other.largest), max(self.together, other.together))
        return Cost(self.wall + other.wall, self.cpu + other.cpu, *most, self.calls + other.calls)


def cost(command: list[str], environment: Mapping[str, str] | None = None, folder: Path = ROOT) -> Cost:
    """Run it once, with nobody there to answer. A command that fails is no measurement: AssertionError with what it said."""
    # Byte code is written and found again, as on a machine where nothing was set.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=inherited | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{' '.join(command)}\n{said}"
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def alternately(runs: int, ways: Mapping[Name, Callable[[], Cost]]) -> dict[Name, Cost]:
    """The medians of each way, measured in turns so that a busy moment of the machine meets all of them alike."""
    measured: dict[Name, list[Cost]] = {name: [] for name in ways}
    for _run in range(runs):
        for name, way in ways.items():
            measured[name].append(way())
    return {name: median(costs) for name, costs in measured.items()}


def median(costs: Iterable[Cost]) -> Cost:
    costs = list(costs)
    return Cost(*(statistics.median(getattr(one, field.name) for one in costs) for field in fields(Cost)))
