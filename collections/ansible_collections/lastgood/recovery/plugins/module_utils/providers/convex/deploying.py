# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the vendor's own program on an old commit: its lines are shown as they come, without anything secret."""
from __future__ import annotations

import os
import queue
import re
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT

KEPT = 200
"""Lines that are kept to explain a failure, the last ones."""
_SECRET = re.compile(r"TOKEN|KEY|SECRET|PASSWORD|PASSWD|CREDENTIAL|^CONVEX_|^GIT_", re.IGNORECASE)
_OF_NPM = re.compile(r"^(npm_|NPM_|NODE_)")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]")


def environment(credentials: Mapping[str, str]) -> dict[str, str]:
    """What old code may see while it is installed and deployed: no secret of this machine but npm's, and the credentials given."""
    kept = {name: value for name, value in os.environ.items() if _OF_NPM.match(name) or not _SECRET.search(name)}
    return {**kept, "CI": "1", "NO_COLOR": "1", **credentials}


def split(command: str) -> list[str]:
    """The words of a command; Refused when the first of them is no program of this machine."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise errors.Refused(f"{command} cannot be read as a command: {error}", "Correct the quotes in it.") from None


def execute(
    words: list[str], folder: str, variables: Mapping[str, str], patience: float, run: Run, hide: Callable[[str], str]
) -> tuple[int, list[str]]:
    """Exit status and last lines; TimedOut when it takes more than C(patience) seconds."""
    try:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function # in process there is no AnsibleModule
            words,
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise errors.Refused(f"{words[0]} cannot be run: {error.strerror}", "Install it on the machine that runs this module.") from None
    said: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, said), daemon=True)
    reader.start()
    try:
        lines = _follow(words[0], said, patience, run, hide)
        return process.wait(), lines
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        reader.join(1)
        if process.stdout:
            process.stdout.close()


def _read(process: subprocess.Popen[str], said: queue.Queue[str | None]) -> None:
    for line in process.stdout or ():
        said.put(line)
    said.put(None)


def _follow(program: str, said: queue.Queue[str | None], patience: float, run: Run, hide: Callable[[str], str]) -> list[str]:
    started = time.monotonic()
    lines: list[str] = []
    while (left := patience - (time.monotonic() - started)) > 0:
        try:
            line = said.get(timeout=min(left, HEARTBEAT))
        except queue.Empty:
            run.tell(f"{program} … {span(time.monotonic() - started)}")
            continue
        if line is None:
            return lines
        if text := hide(_ESCAPES.sub("", line)).strip():
            run.tell(text)
            lines = [*lines[1 - KEPT :], text]
    raise errors.TimedOut(
        f"{program} did not end in {span(patience)}, and was stopped",
        "What it deploys, it deploys at its end; run the same command again, with a longer timeout.",
    )
