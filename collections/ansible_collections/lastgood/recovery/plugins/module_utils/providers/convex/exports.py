# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder with exports of one deployment: each a ZIP and, written last, a manifest that says what and from when it is."""
from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.snapshot import Snapshot

BACKUP, BEFORE, UNDOING, UNDONE = "backup", "before", "undoing", "undone"
"""Asked for; made before an import; made before an undo that is not done yet, or is done."""


@dataclass(frozen=True)
class Export:
    path: str
    at: datetime
    kind: str
    sha256: str

    def proved(self) -> Export:
        """The same; BadBackup when the file is not the one that was written."""
        if not os.path.exists(self.path) or hashed(self.path) != self.sha256:
            raise errors.BadBackup(f"{self.path} is not what its manifest says", "Name another one.")
        return self


class Folder:
    """C(deployment) may be any text: it is made fit for a name."""

    def __init__(self, path: str, deployment: str) -> None:
        self.path, self.name = Path(path), re.sub(r"[^A-Za-z0-9_-]", "-", deployment)
        self.deployment = deployment

    def exports(self) -> list[Export]:
        """Oldest first. What has no manifest was cut off, and is none."""
        found = []
        for manifest in self.path.glob(f"{self.name}-*.json"):
            with suppress(ValueError, KeyError, TypeError, errors.Refused):
                told = json.loads(manifest.read_text(encoding="utf-8"))
                if told["deployment"] == self.deployment:
                    zipped = str(manifest.with_suffix(".zip"))
                    found.append(Export(zipped, moment.parse(told["at"]), told["kind"], told["sha256"]))
        return sorted(found, key=lambda export: export.at)

    @property
    def unfinished(self) -> str:
        """Where one is written that has no name yet."""
        return str(self.path / f".{self.name}.partial.zip")

    def clear(self) -> str:
        """The same, when what a run that was cut off may have left there is gone."""
        Path(self.unfinished).unlink(missing_ok=True)
        return self.unfinished

    def add(self, snapshot: Snapshot, at: datetime, kind: str) -> Export:
        """What is unfinished gets its name, then its manifest; for its owner alone."""
        stem = f"{self.name}-{at:%Y%m%dt%H%M%S%f}"
        export = Export(str(self.path / f"{stem}.zip"), at, kind, hashed(self.unfinished))
        os.chmod(self.unfinished, 0o600)
        os.replace(self.unfinished, export.path)
        told = {"deployment": self.deployment, "at": at.isoformat(), "kind": kind, "sha256": export.sha256, "documents": snapshot.counts}
        captured.write(str(self.path / f"{stem}.json"), json.dumps(told, indent=2))
        return export

    def mark(self, export: Export, kind: str) -> None:
        """It is of that kind from now on."""
        manifest = Path(export.path).with_suffix(".json")
        told = json.loads(manifest.read_text(encoding="utf-8"))
        captured.write(str(manifest), json.dumps({**told, "kind": kind}, indent=2))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Locked when another run is at work here. The kernel lets go of it when the run ends, however it does."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / f".{self.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise errors.Refused(f"{self.path} cannot be written to: {error.strerror}", "Give another folder with destination.") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise errors.Locked(f"another run is at work on {self.deployment}", "Run the same command again when it has ended.") from None
        try:
            yield
        finally:
            os.close(lock)


def hashed(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
