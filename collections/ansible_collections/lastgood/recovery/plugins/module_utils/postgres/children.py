# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL's client programs as children that never outlive us: in a process group of their own, and ended with it."""
from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT, Tell

PR_SET_PDEATHSIG = 1
GRACE = 5
"""Seconds a program has to cancel its queries before it is killed."""
FIRST_LOOK = 0.01
LOOK = 0.2
"""Seconds between two looks whether a program has ended: short at first."""
SHOWN = 4
"""How many lines of a program's complaint are repeated."""


class Child:
    """A running client program; use it as a context, which ends the whole group however it is left."""

    def __init__(
        self,
        command: list[str],
        environment: dict[str, str],
        stdin: Any = None,
        stdout: Any = None,
        ends: signal.Signals = signal.SIGTERM,
        **more: Any,
    ) -> None:
        """C(ends) is what makes it end; C(more) is for C(Popen), such as the user it runs as."""
        self._ends = ends
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the group
        self.name = os.path.basename(command[0])
        self.process = subprocess.Popen(  # pylint: disable=ansible-bad-function # in process there is no AnsibleModule
            command,
            env={**os.environ, **environment, "LC_ALL": "C"},
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=stdout if stdout is not None else subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
            preexec_fn=partial(_end_with_parent, ends) if sys.platform == "linux" else None,
            **more,
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        """Whoever is left of the group ends: a killed C(pg_restore -j) leaves workers that would go on loading."""
        if self.process.poll() is None:
            self._signal(self._ends)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
        self._signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._errors.close()

    def wait(self, tell: Tell, progress: Callable[[], str], watch: Callable[[], None] = lambda: None) -> int:
        """The exit code, once there is one. What C(progress) says is told every few seconds; C(watch) may raise at each look."""
        told = time.monotonic()
        pause = FIRST_LOOK
        while True:
            with suppress(subprocess.TimeoutExpired):
                return self.process.wait(pause)
            pause = min(LOOK, pause * 1.5)
            watch()
            if time.monotonic() - told >= HEARTBEAT / 2:
                told = time.monotonic()
                tell(progress())

    def complaint(self) -> str:
        """The last lines of what it wrote to standard error, as one."""
        self._errors.seek(0)
        text = self._errors.read().decode(errors="replace").strip()
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " | ".join(lines[-SHOWN:])[-2000:] or "it did not say why"

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def _end_with_parent(ends: signal.Signals) -> None:
    """The signal comes when we are killed: at SIGTERM the leader of parallel workers cancels their queries and ends them."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ends)
