# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook run as a person runs it: a command of its own, its screen shown as it comes, its exit code kept."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused, TimedOut
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

GRACE = 15
"""Seconds between asking it to stop and killing it."""
ARGUMENTS: dict[str, Any] = {
    "playbook": {"type": "path", "required": True},
    "directory": {"type": "path"},
    "inventories": {"type": "list", "elements": "str", "default": []},
    "limit": {"type": "str"},
    "variables": {"type": "dict", "default": {}},
    "more": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 3600},
    "fail": {"type": "bool", "default": True},
    "store": OPENING["store"],
    "environment_name": {"type": "str"},
}


def play(options: Options, run: Run) -> Result:
    """The exit code, and the incident that the run opened or went on with. Failed unless it is 0, or that is left to the caller."""
    directory = Path(options["directory"] or ".").resolve()
    if not (directory / options["playbook"]).exists():
        raise Refused(f"there is no playbook {options['playbook']} in {directory}", "Name one that there is.")
    shown = f"ansible-playbook {options['playbook']}"
    if run.check:
        return {"changed": True, "summary": f"{shown} would run"}
    began = datetime.now(UTC)
    started = time.monotonic()
    run.tell(f"\n== {shown}")
    code = _run(_command(options), directory, options["timeout"], run)
    result: Result = {
        "changed": True,
        "code": code,
        "began_at": moment.iso(began),
        "ended_at": moment.iso(datetime.now(UTC)),
        "took": round(time.monotonic() - started, 3),
        "incident": _incident(options, began),
        "screen": [f"== {shown}: exit code {code}", ""],
        "summary": f"{shown}: exit code {code}",
    }
    if options["fail"] and code:
        return result | {"failed": True, "msg": f"{result['summary']}. What it says itself is above."}
    return result


def _command(options: Options) -> list[str]:
    """What a person would type. The program is that of this interpreter, where it has one."""
    beside = Path(sys.executable).with_name("ansible-playbook")
    program = str(beside) if beside.exists() else shutil.which("ansible-playbook")
    if not program:
        raise Refused("there is no ansible-playbook here", "Install ansible-core for this interpreter.")
    inventories = [part for inventory in options["inventories"] for part in ("-i", inventory)]
    limit = ["--limit", options["limit"]] if options["limit"] else []
    return [program, *inventories, *limit, *options["more"], options["playbook"], "-e", json.dumps(options["variables"])]


def _run(command: list[str], directory: Path, timeout: float, run: Run) -> int:
    """Nobody can answer it, and it ends with the time-out at the latest."""
    process = subprocess.Popen(  # pylint: disable=ansible-bad-function # it has to be read while it runs
        command,
        cwd=directory,
        env=_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    late = threading.Event()

    def stop_late() -> None:
        late.set()
        _stop(process)

    clock = threading.Timer(timeout, stop_late)
    clock.daemon = True
    clock.start()
    try:
        for line in process.stdout or ():
            run.tell(line.rstrip("\n"))
        code = process.wait()
    finally:
        clock.cancel()
        _stop(process)
    if late.is_set():
        raise TimedOut(f"it had not ended after {moment.span(timeout)}, and was stopped", "The same command goes on with it.")
    return code


def _stop(process: subprocess.Popen[str]) -> None:
    """And all that it started."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Without buffering, so that its lines come as they are written; and with a screen of its own, whatever ansible-runner has set."""
    kept = {name: value for name, value in given.items() if (name, value) != ("ANSIBLE_STDOUT_CALLBACK", "awx_display")}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _incident(options: Options, began: datetime) -> dict[str, Any] | None:
    """The newest incident that something was written to since the run began."""
    if not options["environment_name"]:
        return None
    store, since = Store(options["store"]), moment.iso(began)
    touched = [one for one in store.incidents(options["environment_name"]) if _last(one) >= since]
    if not touched:
        return None
    fields = max(touched, key=_last).fields
    told = {key: fields.get(key) for key in ("id", "scenario", "state", "verdict")}
    return {**told, "going_on": fields["state"] in GOING_ON}


def _last(incident: Incident) -> str:
    events = incident.journal.events()
    return str(events[-1].get("at", "")) if events else ""


PLAY = Operation(ARGUMENTS, play)
