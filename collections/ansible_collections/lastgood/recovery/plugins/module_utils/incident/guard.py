# SPDX-License-Identifier: GPL-3.0-or-later
"""One process of this machine at a time, whatever becomes of it: the kernel lets go of a lock when its holder ends."""
from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils import own_handles


@contextmanager
def alone(path: Path) -> Iterator[int]:
    """The file, open for reading and appending, and nobody else has it in such a block."""
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    own_handles.keep(handle)  # a forked process that inherited the lock would outlive the one that took it
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
        own_handles.close(handle)


def add(handle: int, content: bytes) -> None:
    """Append all of it, and return once it is on disk."""
    while content:
        content = content[os.write(handle, content) :]
    os.fsync(handle)
