"""How much memory everything has together that this process has started, apart from what was running before."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")
PAUSE = 1.0
"""Seconds between two looks: a look at two hundred processes costs half a second of a processor."""


def most_memory(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work has given, and the most MB at any look meanwhile. What processes share is shared out among them (PSS)."""
    before, most, ended = _descendants(), 0.0, threading.Event()

    def look() -> None:
        nonlocal most
        while not ended.wait(PAUSE):
            most = max(most, sum(_megabytes(process) for process in _descendants() - before))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        result = work()
    finally:
        ended.set()
        looking.join()
    return result, most


def _descendants() -> set[int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found, fresh = set[int](), {os.getpid()}
    while fresh:
        fresh = {process for process, parent in parents.items() if parent in fresh}
        found |= fresh
    return found


def _megabytes(process: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
