# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of an incident: JSON lines, each on disk before the act it announces."""
from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.moment import iso


class Journal:
    """Appends whole lines only, so that several processes can write at once and a crash loses at most the line being written.

    C(run) tells the events of one run of the playbook from those of another.
    """

    def __init__(self, path: str | Path, run: str = "") -> None:
        self.path = Path(path)
        self.run = run

    def append(self, event: str, **fields: Any) -> None:
        """Write the event, with the time, and return once it is on disk."""
        entry = {"at": iso(datetime.now(UTC)), "event": event, "run": self.run, **fields}
        text = json.dumps(entry, ensure_ascii=False, default=str) + "\n"
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                text = "\n" + text  # a crash cut the last line off; it must not swallow this one
            os.write(handle, text.encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def events(self) -> list[dict[str, Any]]:
        """Every event, oldest first; a line that a crash cut off is shown as an event C(unreadable)."""
        if not self.path.exists():
            return []
        found = []
        for text in self.path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                entry = json.loads(text)
            except ValueError:
                entry = {"event": "unreadable"}
            if text.strip():
                found.append(entry)
        return found
