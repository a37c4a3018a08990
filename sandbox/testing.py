"""A sandbox of their own for tests: `with running() as box: box.ship("storefront", "breaks-checkout")`."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox import postgres as cluster
from sandbox.addresses import HOST, OFFSETS, is_free
from sandbox.client import Client, ControlError

ROOT = Path(__file__).resolve().parent.parent


class Box(Client):
    """A running sandbox in a process of its own."""

    def __init__(self, port: int, state_dir: Path, options: list[str]) -> None:
        super().__init__(port)
        self.state_dir = state_dir
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, or start again after `stop` or `kill`; returns when everything answers."""
        command = [sys.executable, "-m", "sandbox", "run"]
        command += ["--port", str(self.port), "--state", str(self.state_dir)]
        self.state_dir.mkdir(parents=True, exist_ok=True)
        log = self.state_dir / "sandbox.log"
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [*command, *self._options], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            self._process.communicate()
            raise ControlError(f"the sandbox did not start: {log.read_text().strip()}")

    def stop(self) -> None:
        """End it in order; PostgreSQL stops too."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`; `start` brings it back with its state."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            try:
                self._process.communicate(timeout=30)
            finally:
                self._process.kill()
                self._process = None


def free_ports() -> int:
    """A base port with all of the sandbox's ports free above it, for this process alone as long as it lives."""
    for _ in range(200):
        base = random.randrange(20_000, 32_000, max(OFFSETS) + 1)  # below the range that the kernel hands out to clients
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # UDP: it claims the number and leaves TCP free
        try:
            claim.bind((HOST, base))
        except OSError:
            claim.close()
            continue
        claim.detach()  # tests run side by side in several processes: it stays bound as long as this one lives
        if all(is_free(base + offset) for offset in OFFSETS):
            return base
    raise ControlError("no free range of ports found")


@contextlib.contextmanager
def running(
    port_base: int | None = None,
    latency: float = 0,
    load: float = 0,
    state_dir: Path | None = None,
    postgres: bool = True,
    limits: bool = False,
    aws: bool = False,
) -> Iterator[Box]:
    """A fresh sandbox: every vendor latency set, rate limits off, gone afterwards unless `state_dir` is given.

    `postgres=False` starts in a third of a second; the shop then answers 503 where it needs its database.
    `aws=True` takes two seconds more.
    """
    directory = state_dir or Path(tempfile.mkdtemp(prefix="lastgood-sandbox-"))
    options = ["--load", str(load), *([] if postgres else ["--no-postgres"]), *(["--aws"] if aws else [])]
    box = Box(port_base or free_ports(), directory, options)
    try:
        box.start()
        box.set_latency(vendors=latency)
        box.control("rates", on=limits)
        yield box
    finally:
        box.stop()
        if state_dir is None:
            cluster.delete(directory)
            shutil.rmtree(directory, ignore_errors=True)
