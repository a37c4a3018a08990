# SPDX-License-Identifier: GPL-3.0-or-later
"""One incident in a bucket, and its directory on this machine, from which all is read.

A write is in the bucket before it is here. Only once a run has had the lock, so that something may have been changed, does a bucket
that does not answer no longer stop it: then it is kept here, in order, and sent with what is written next.
"""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Unavailable
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.guard import alone
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirrored_files import MirroredFiles
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirrored_lines import MirroredLines
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.unsent import Unsent


class MirroredIncident:
    """C(directory) is called as the incident is."""

    def __init__(self, bucket: Bucket, directory: Path) -> None:
        self.bucket, self.directory = bucket, directory
        self._lines = MirroredLines(bucket, directory)
        self._files = MirroredFiles(bucket, directory)

    def append(self, event: dict[str, Any]) -> None:
        """The event, as a line of the journal."""
        self._do(lambda: self._lines.send(event), lambda unsent: self._lines.keep(event, unsent))

    def write(self, path: Path, content: bytes) -> None:
        """The file, as a whole."""
        name = path.relative_to(self.directory).as_posix()
        self._do(lambda: self._files.send(name, content), lambda unsent: self._files.keep(name, content, unsent))

    def create(self, path: Path, content: bytes) -> None:
        """The file, which must not be there yet: Taken otherwise."""
        with self._alone():
            self._files.send(path.name, content, new=True)

    def pull(self, files: bool = True) -> None:
        """What others have written; the journal alone without C(files)."""
        with self._alone():
            self._reach(self._lines.pull if not files else self._files.pull, lambda unsent: None)

    def take(self, files: Mapping[str, str]) -> None:
        """Of these files, by name with their ETags in the bucket, what is not here yet."""
        with self._alone():
            self._files.take(files)

    def ask_again(self) -> None:
        """The bucket answers: what is here only need not wait any longer."""
        if Unsent.of(self.directory).tried:
            with self._alone():
                unsent = Unsent.of(self.directory)
                unsent.tried = 0
                unsent.keep()

    def send(self) -> Unsent:
        """Try once more to send what is here only; what remains of it."""
        if not Unsent.of(self.directory):
            return Unsent(self.directory)
        with self._alone():
            try:
                self._send_unsent(Unsent.of(self.directory))
            except RecoveryError as error:
                unsent = Unsent.of(self.directory)
                unsent.why, unsent.tried = error.message, time.time()
                unsent.keep()
            return Unsent.of(self.directory)

    def _do(self, send: Callable[[], None], keep: Callable[[Unsent], None]) -> None:
        with self._alone():
            self._reach(send, keep)

    def _reach(self, ask: Callable[[], None], otherwise: Callable[[Unsent], None]) -> None:
        resting = False
        try:
            unsent = Unsent.of(self.directory)
            resting = unsent.resting and self._begun()
            if resting:
                raise Unavailable(unsent.why)
            self._send_unsent(unsent)
            ask()
        except RecoveryError as error:
            if not self._begun():
                raise Unavailable(f"the incident store {self.bucket.address} is out of reach: {error.message}", error.hint) from None
            unsent = Unsent.of(self.directory)
            if not resting:
                unsent.why, unsent.tried = error.message, time.time()
                unsent.keep()
            otherwise(unsent)

    def _send_unsent(self, unsent: Unsent) -> None:
        if unsent.first:
            self._lines.send_kept(unsent)
        for name in list(unsent.files):
            self._files.send_kept(name)
        if unsent or unsent.tried:
            unsent.forget()

    def _begun(self) -> bool:
        """Whether a run of the incident has taken the lock: from then on a vendor may have been asked to change something.

        The next run is stopped all the same, where it reads which incidents there are, and where it takes the lock.
        """
        events = map(chain.parse, self._lines.here())
        return any(isinstance(event, dict) and event.get("event") == "lock_taken" for event in events)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self.directory / ".guard"):
            yield
