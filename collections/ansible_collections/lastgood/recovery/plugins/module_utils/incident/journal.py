# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of an incident: JSON lines, each on disk before the act it announces, and each chained to the one before."""
from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.guard import add, alone
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import Mirror
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.unsent import Unsent
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import iso

CACHE = "cache"
"""The kind of results that tell whether something cached was forgotten."""
TAIL = 65536
"""Bytes at the end of a journal that nearly always hold its last line."""


class Journal:
    """Appends whole lines only, one process after the other, so that a crash loses at most the line being written.

    C(run) tells the events of one run of the playbook from those of another.
    """

    def __init__(self, path: str | Path, run: str = "") -> None:
        self.path = Path(path)
        self.run = run

    def append(self, event: str, **fields: Any) -> None:
        """Write the event, with the time, and return once it is on disk, and where the store is a bucket, in that."""
        mirror = Mirror.of(self.path)
        if mirror:
            mirror.incident(self.path).append(self._plain(event, fields))
            return
        with alone(self.path) as handle:
            plain = self._plain(event, fields)
            previous, gap, whole = self._end(handle)
            # A crash cut the last line off; it must not swallow this one.
            add(handle, (b"" if whole else b"\n") + chain.link(plain, previous, gap))

    def events(self) -> list[dict[str, Any]]:
        """Every event, oldest first, without its links; a line that a crash cut off is shown as an event C(unreadable)."""
        found = []
        for text in self.content().decode(errors="replace").split("\n"):
            try:
                entry = json.loads(text)
            except ValueError:
                entry = {"event": "unreadable"}
            if text.strip():
                found.append({key: value for key, value in entry.items() if key not in chain.LINKS} if chain.is_linked(entry) else entry)
        return found

    def content(self) -> bytes:
        """All of it, as it is now; nothing when there is none."""
        mirror = Mirror.of(self.path)
        if mirror:
            mirror.incident(self.path).pull(files=False)
        return self.path.read_bytes() if self.path.exists() else b""

    def prepare(self) -> None:
        """Make here what every process that is forked later would have to make for itself."""
        mirror = Mirror.of(self.path)
        if mirror:
            mirror.bucket.prepare()

    def unsent(self) -> str:
        """Why there are lines or files on this machine only; nothing where there are none."""
        mirror = Mirror.of(self.path)
        left = Unsent.of(self.path.parent) if mirror else None
        return left.why if left else ""

    def send_unsent(self) -> str:
        """The same, after one more attempt to send them."""
        mirror = Mirror.of(self.path)
        if mirror:
            mirror.incident(self.path).send()
        return self.unsent()

    def _plain(self, event: str, fields: dict[str, Any]) -> dict[str, Any]:
        """As JSON has it, without what belongs to the chain."""
        entry = {"at": iso(datetime.now(UTC)), "event": event, "run": self.run, **fields}
        return {key: value for key, value in json.loads(json.dumps(entry, default=str)).items() if key not in chain.LINKS}

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
