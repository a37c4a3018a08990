"""The sandbox as a process: in the foreground, in the background, stopped, waited for."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sandbox.addresses import EDGE
from sandbox.client import Client, ControlError

_START_SECONDS = 60
_STOP_SECONDS = 30
_PID = "sandbox.pid"  # there from the moment at which everything answers


class DaemonError(Exception):
    """It did not start, stop or come to what was waited for; the message says why."""


def run(state_dir: Path, port: int, with_postgres: bool, load: float | None, with_aws: bool = False) -> int:
    """Serve in the foreground; prints `ready` when everything answers. The exit status."""
    import asyncio

    from sandbox.postgres import PostgresError
    from sandbox.server import Sandbox, SandboxError, serve

    pid_file = state_dir / _PID

    def ready() -> None:
        pid_file.write_text(str(os.getpid()))
        print("ready", flush=True)

    try:
        sandbox = Sandbox(state_dir, port, with_postgres, with_aws)
        pid_file.unlink(missing_ok=True)
        if load is not None:
            sandbox.state.settings["load"] = load
        asyncio.run(serve(sandbox, ready))
    except (SandboxError, PostgresError) as problem:
        print(problem, file=sys.stderr)
        return 1
    pid_file.unlink(missing_ok=True)
    return 0


def start(state_dir: Path, port: int, with_aws: bool = False) -> None:
    """Start in the background and wait until everything answers; nothing to do when it already runs here."""
    if _is_running(state_dir):
        _join(state_dir, port, with_aws)
        return
    state_dir.mkdir(parents=True, exist_ok=True)
    log = state_dir / "sandbox.log"
    command = [sys.executable, "-m", "sandbox", "run", "--port", str(port), "--state", str(state_dir), *(["--aws"] if with_aws else [])]
    with log.open("w") as output:
        child = subprocess.Popen(
            command,
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise DaemonError(log.read_text().strip() or "it ended without a word")
        if log.read_text().startswith("ready"):
            return
        time.sleep(0.02)
    child.terminate()
    raise DaemonError(f"it does not answer after {_START_SECONDS} s; see {log}")


def _join(state_dir: Path, port: int, with_aws: bool) -> None:
    """Wait for the one that is starting or runs; it may be on other ports than those asked for."""
    deadline = time.monotonic() + _START_SECONDS
    while not (state_dir / _PID).exists() and _is_running(state_dir) and time.monotonic() < deadline:
        time.sleep(0.02)
    about: dict[str, Any] = {}
    with contextlib.suppress(ControlError):
        about = Client(port).read()
    if about.get("state_dir") != str(state_dir):
        raise DaemonError(f"it already runs from {state_dir}, on other ports than {port}; stop it first")
    if with_aws and not about.get("aws"):
        raise DaemonError("it already runs, without AWS; stop it first: python -m sandbox stop")


def _is_running(state_dir: Path) -> bool:
    """A living sandbox holds the lock; a process identifier alone proves nothing."""
    lock = state_dir / "lock"
    if not lock.exists():
        return False
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def stop(state_dir: Path, delete: bool = False) -> str:
    """Stop it, PostgreSQL too; what was done, in words."""
    from sandbox import postgres

    said = "not running"
    if _is_running(state_dir):
        pid = int((state_dir / _PID).read_text())
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _is_running(state_dir):
            if time.monotonic() > deadline:
                raise DaemonError(f"process {pid} does not end")
            time.sleep(0.02)
        said = "stopped"
    postgres.stop_left_behind(state_dir)
    if delete:
        postgres.delete(state_dir)
        shutil.rmtree(state_dir, ignore_errors=True)
        said += ", state deleted"
    return said


def summary(client: Client) -> str:
    """What is served where, and how the shop fares, as lines of text."""
    state, addresses, shop = client.state(), client.read("addresses"), client.shop(10)
    serving = state["serving"]
    lines = [f"{name:<28} {addresses[name]}" for name in addresses if name not in serving and name not in EDGE]
    lines += [f"{name:<28} {addresses[name]}  {_edge(state['aws'], name)}" for name in EDGE if name in addresses]
    for name, now in serving.items():
        what = now["unavailable"] or f"{now['release']}  {now['commit'][:7]}"
        lines.append(f"{name:<28} {addresses[name]}  {what}")
    if shop["attempts"]:
        lines.append(f"checkouts in the last 10 s: {shop['attempts']}, {shop['error_rate']:.0%} failed")
    return "\n".join(lines)


def _edge(aws: dict[str, Any], pop: str) -> str:
    """The distributions that a point of presence serves, and what their functions are there."""
    told = []
    for row in aws["distributions"].values():
        config = row["configs"].get(row["at"][pop], {})
        functions = config.get("DefaultCacheBehavior", {}).get("LambdaFunctionAssociations", {}).get("Items", [])
        names = [one["LambdaFunctionARN"].rpartition(":function:")[2] for one in functions]
        told.append(" ".join([row["id"], *names, *([] if row["at"][pop] == row["etag"] else ["(not the newest)"])]))
    return ", ".join(told)


def wait(client: Client, until: str, seconds: float) -> str:
    """Wait until a quarter of the last checkouts fails (`broken`), or none (`healthy`); what the shop says then."""
    window = 3
    deadline = time.monotonic() + seconds
    while True:
        shop = client.shop(window)
        rate = shop["error_rate"]
        if rate is not None and shop["attempts"] >= 5 and (rate >= 0.25 if until == "broken" else rate == 0):
            first = f", the first at {shop['first_failure_at']}" if shop["failed"] else ""
            return f"{shop['failed']} of {shop['attempts']} checkouts failed in the last {window} s{first}"
        if time.monotonic() > deadline:
            raise DaemonError(f"the shop is not {until} after {seconds:g} s: {shop}")
        time.sleep(0.2)
