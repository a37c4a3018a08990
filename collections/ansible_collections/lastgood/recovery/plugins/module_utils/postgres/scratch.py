# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory for what is unwrapped: gone afterwards, and after a run that was killed with the next one."""
from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

PREFIX = "lastgood-restore-"
FRESH = 60
"""Seconds in which somebody may have made one, and not locked it yet."""


@contextmanager
def directory(below: str | None) -> Iterator[Path]:
    """For its owner alone; locked as long as it is used, so that others can tell."""
    try:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=below))
    except OSError as error:
        raise Refused(f"nothing can be written to {below}: {error.strerror}", "Give another directory with scratch.") from None
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _clear(path.parent)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _clear(parent: Path) -> None:
    """What a run has left that was killed: it may hold a database in the clear."""
    for path in parent.glob(f"{PREFIX}*"):
        try:
            status = path.lstat()
            if status.st_uid != os.geteuid() or time.time() - status.st_mtime < FRESH:
                continue
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue  # somebody is at it
        finally:
            os.close(handle)
