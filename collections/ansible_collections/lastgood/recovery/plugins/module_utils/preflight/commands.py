# SPDX-License-Identifier: GPL-3.0-or-later
"""The team's own commands, such as its tests: run here one after the other, none longer than it may."""
from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction

SHOWN = 15
"""Lines of the output's end that are repeated when it fails."""
READ = 20_000
CANNOT = (126, 127)
"""What a shell answers when it cannot run a program at all."""


def perform(command: Mapping[str, Any], hide: Redaction, tell: Callable[[str], None]) -> Check:
    """OK when it exits with 0; UNKNOWN when it cannot be run, or does not end in time."""
    name, began = f"command {command['name']}", time.monotonic()
    tell(f"running {command['name']}")
    with tempfile.TemporaryFile() as output:
        try:
            code = _exit_code(command, output)
        except OSError as error:
            return checked(name, "UNKNOWN", expected="exit code 0", got=f"{error.strerror}: {error.filename}", todo="Correct directory.")
        seconds = round(time.monotonic() - began, 1)
        lines = _tail(output, hide)
    if code == 0:
        return checked(name, "OK", got=f"passes in {moment.span(seconds)}", seconds=seconds)
    verdict = "UNKNOWN" if code is None or code in CANNOT else "BAD"
    got = f"not done after {moment.span(command['timeout'])}" if code is None else f"exit code {code}"
    todo = "Give it more time (timeout), or make it quicker." if code is None else "Make it pass; the end of its output is above."
    return checked(name, verdict, expected="exit code 0", got=got, todo=todo, body="\n".join(lines), seconds=seconds)


def _exit_code(command: Mapping[str, Any], output: IO[bytes]) -> int | None:
    """None when it took too long; whatever it has started ends with it."""
    process = subprocess.Popen(  # pylint: disable=ansible-bad-function # in process there is no AnsibleModule
        ["/bin/sh", "-c", command["run"]],
        cwd=command["directory"] or None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return process.wait(command["timeout"])
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tail(output: IO[bytes], hide: Redaction) -> list[str]:
    output.seek(max(0, output.seek(0, os.SEEK_END) - READ))
    return [hide.hide(line.rstrip()) for line in output.read().decode(errors="replace").splitlines()[-SHOWN:]]
