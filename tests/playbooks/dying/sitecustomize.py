"""On PYTHONPATH of a run, it kills that run with SIGKILL as soon as a line of an incident's journal is on disk.

DIES_AT is the number of that line, counted from 1; DIES_ALONE leaves the forked workers to themselves.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil

at, alone = int(os.environ["DIES_AT"]), "DIES_ALONE" in os.environ
main = os.getpid()
fsync = os.fsync


def fsync_then_die(fd: Any) -> None:
    fsync(fd)
    written = Path(os.readlink(f"/proc/self/fd/{fd}"))
    if written.name != "journal.jsonl" or written.read_bytes().count(b"\n") < at:
        return
    doomed = [] if alone else psutil.Process(main).children(recursive=True)
    os.kill(main, signal.SIGKILL)
    for process in doomed:
        process.kill()


os.fsync = fsync_then_die
