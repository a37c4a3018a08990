"""The programs behind the front, each in a process of its own that ends with this one."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from sandbox.addresses import HOST, is_free

ACCOUNT = "123456789012"
_START_SECONDS = 60
_END_SECONDS = 10


class ProgramError(Exception):
    """A program behind the front does not start; the message says which, and what it said."""


class Program:
    """`python -m MODULE PORT …`, which ends when its standard input does."""

    def __init__(self, module: str, port: int, log: Path, *more: str) -> None:
        self.port, self.url = port, f"http://{HOST}:{port}"
        self._command, self._log = [sys.executable, "-m", module, str(port), *more], log
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def launch(self) -> None:
        """Start it; `wait` says when it answers."""
        environment = {
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": "us-east-1",
            "MOTO_ACCOUNT_ID": ACCOUNT,
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": HOST,
            "LOG_LEVEL": "ERROR",
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        deadline = time.monotonic() + _END_SECONDS
        while not is_free(self.port) and time.monotonic() < deadline:
            time.sleep(0.02)  # the one of a sandbox that was killed is still writing down what it holds
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def wait(self) -> None:
        """Until it answers; raises ProgramError."""
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise ProgramError(f"{self._command[2]} does not start: {self._log.read_text().strip()[-500:] or 'it says nothing'}")

    def ensure(self) -> None:
        """Start it when it does not run yet."""
        with self._starting:
            if self._process is None:
                self.launch()
                self.wait()

    def tell(self, path: str, body: bytes = b"") -> None:
        """A call of the sandbox itself; raises KeyError when what it names is not there."""
        try:
            urllib.request.urlopen(f"{self.url}/_sandbox/{path}", body, timeout=30).close()
        except urllib.error.HTTPError:
            raise KeyError(path) from None

    def stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
