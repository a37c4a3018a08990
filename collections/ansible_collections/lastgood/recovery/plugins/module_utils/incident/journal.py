# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of an incident: JSON lines, each on disk before the act it announces, and each chained to the one before."""
from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import iso

TAIL = 65536
"""Bytes at the end of a journal that nearly always hold its last line."""
_open: set[int] = set()


def _forget_open() -> None:
    """In a forked process: a lock that it inherited would outlive the process that took it."""
    for handle in _open:
        os.close(handle)
    _open.clear()


os.register_at_fork(after_in_child=_forget_open)


class Journal:
    """Appends whole lines only, one process after the other, so that a crash loses at most the line being written.

    C(run) tells the events of one run of the playbook from those of another.
    """

    def __init__(self, path: str | Path, run: str = "") -> None:
        self.path = Path(path)
        self.run = run

    def append(self, event: str, **fields: Any) -> None:
        """Write the event, with the time, and return once it is on disk."""
        with self._alone() as handle:
            entry = {"at": iso(datetime.now(UTC)), "event": event, "run": self.run, **fields}
            plain = {key: value for key, value in json.loads(json.dumps(entry, default=str)).items() if key not in chain.LINKS}
            previous, gap, whole = self._end(handle)
            # A crash cut the last line off; it must not swallow this one.
            line = (b"" if whole else b"\n") + chain.link(plain, previous, gap)
            while line:
                line = line[os.write(handle, line):]
            os.fsync(handle)

    def events(self) -> list[dict[str, Any]]:
        """Every event, oldest first, without its links; a line that a crash cut off is shown as an event C(unreadable)."""
        if not self.path.exists():
            return []
        found = []
        for text in self.path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                entry = json.loads(text)
            except ValueError:
                entry = {"event": "unreadable"}
            if text.strip():
                found.append({key: value for key, value in entry.items() if key not in chain.LINKS} if chain.is_linked(entry) else entry)
        return found

    @contextmanager
    def _alone(self) -> Iterator[int]:
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        _open.add(handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # the kernel lets go of it however this process ends
            yield handle
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
            _open.discard(handle)
            os.close(handle)

    def _end(self, handle: int) -> tuple[str, bytes, bool]:
        """The hash to follow, what stands between that line and the next, and whether the journal ends with a newline."""
        size = os.fstat(handle).st_size
        for length in (TAIL, size):
            content = os.pread(handle, length, max(0, size - length))
            if length < size:
                content = content.partition(b"\n")[2]  # the first line may have lost its beginning
            found = chain.last_link(content)
            if found:
                break
        whole = not content or content.endswith(b"\n")
        previous, gap = found or (chain.beginning(self.path.parent.name), content)
        return previous, gap if whole or not gap else gap + b"\n", whole
