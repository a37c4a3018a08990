# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module tells while it runs on another machine: lines in a file there, which the controller reads as they come."""
from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

VARIABLE = "LASTGOOD_PROGRESS"
"""The environment variable that names the file. It must not exist: the module makes it, and removes it when it ends."""


def new_path(directory: str) -> str:
    """A name that nobody guesses, as everybody may write to C(directory)."""
    return f"{directory.rstrip('/')}/lastgood-progress-{secrets.token_hex(16)}"


@contextmanager
def told(hide: Callable[[str], str]) -> Iterator[Tell]:
    """Appends what it is given to the file, without what C(hide) takes out, for its owner alone; nothing where none can be made."""
    path = os.environ.get(VARIABLE, "")
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError:
        yield lambda text: None
        return

    def tell(text: str) -> None:
        with suppress(OSError):  # a full disk is no reason to stop what is being restored
            os.write(file, json.dumps(hide(text)).encode() + b"\n")

    try:
        yield tell
    finally:
        os.close(file)
        with suppress(OSError):
            os.unlink(path)


def read(lines: str) -> list[str]:
    """What was told; whatever else a connection put between is left out."""
    found = []
    for line in lines.splitlines():
        with suppress(ValueError):
            text = json.loads(line)
            if isinstance(text, str):
                found.append(text)
    return found
