# SPDX-License-Identifier: GPL-3.0-or-later
"""What an incident's directory on this machine holds that its bucket does not have yet, because it did not answer."""
from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.files import replace

PAUSE = 30
"""Seconds until a bucket that did not answer is asked again: a rollback must not wait for it at every line."""


@dataclass
class Unsent:
    """On disk, in the directory of the incident, before anything is written there that it speaks of."""

    directory: Path
    first: int = 0
    """The number of the first such line of the journal; 0 when there is none."""
    files: list[str] = field(default_factory=list)
    why: str = ""
    tried: float = 0
    """When the bucket did not answer last, seconds since the epoch."""

    @classmethod
    def of(cls, directory: Path) -> Unsent:
        path = directory / ".unsent.json"
        return cls(directory, **json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls(directory)

    def __bool__(self) -> bool:
        return bool(self.first or self.files)

    @property
    def resting(self) -> bool:
        return 0 <= time.time() - self.tried < PAUSE

    def keep(self) -> None:
        noted = {key: value for key, value in asdict(self).items() if key != "directory"}
        replace(self.directory / ".unsent.json", json.dumps(noted).encode(), 0o600)

    def forget(self) -> None:
        """All of it is in the bucket."""
        (self.directory / ".unsent.json").unlink(missing_ok=True)

    def lines(self) -> int:
        """How many lines of the journal they are."""
        if not self.first:
            return 0
        return (self.directory / "journal.jsonl").read_bytes().count(b"\n") - self.first + 1
