# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a run on disk, and which of its steps are done, so that a run that was killed goes on where it was."""
from __future__ import annotations

import fcntl
import json
import mmap
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked, RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version

FRESH = 3600.0
"""Seconds after which a plan is made anew: by then others may have written."""
OPEN, DONE = b"\0"[0], b"\1"[0]


@contextmanager
def locked(directory: Path, name: str) -> Iterator[None]:
    """Locked while another run on this machine changes the same bucket."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (directory / f"{name}.lock").open("a+")
    except OSError as error:
        raise RecoveryError(f"{directory} cannot be written: {error.strerror}", "Name another state_dir.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Locked(f"another run restores this bucket, {file.read().strip()}", "Wait until it has ended, or stop it.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} since {moment.iso(datetime.now(UTC))}")
        file.flush()
        yield


class Checkpoint:
    """One plan: a file with a step in each line, and one with a byte for each step. A step that may be carried out twice loses nothing."""

    def __init__(self, directory: Path, name: str) -> None:
        self.name = name
        self._steps, self._marks, self._about = (directory / f"{name}.{kind}" for kind in ("steps", "marks", "about"))
        self.failed = directory / f"{name}.failed.jsonl"
        self._map: mmap.mmap | None = None
        self.total = 0
        self.made_at = ""

    def resumed(self, about: dict[str, Any], now: datetime) -> dict[str, Any] | None:
        """What was counted for the plan of an unfinished run of the same wish; None when there is none to go on with."""
        try:
            known = json.loads(self._about.read_text())
            if known["about"] != about or (now - moment.parse(known["made_at"])).total_seconds() > FRESH:
                return None
            self.total, self.made_at = known["steps"], str(known["made_at"])
            self._open()
        except (OSError, ValueError, KeyError):
            return None
        return {**known["counted"], "made_at": self.made_at}

    @contextmanager
    def written(self, about: dict[str, Any], counted: dict[str, Any], now: datetime) -> Iterator[Any]:
        """A function that takes each step of a new plan, which counts as one only once it is whole; C(counted) is read then."""
        self.forget()
        self.total = 0
        with self._steps.open("w", buffering=1 << 16) as file:

            def add(step: Step) -> None:
                file.write(_line(step))
                self.total += 1

            yield add
        self._marks.write_bytes(bytes(self.total))
        self.made_at = moment.iso(now)
        whole = {"about": about, "made_at": self.made_at, "steps": self.total, "counted": counted}
        part = self._about.with_suffix(".part")
        part.write_text(json.dumps(whole))
        part.replace(self._about)
        self._open()

    def open_steps(self) -> Iterator[tuple[int, Step]]:
        """Those not done yet, with their numbers."""
        if not self.total:
            return
        with self._steps.open(buffering=1 << 16) as file:
            for number, line in enumerate(file):
                if self._map is not None and self._map[number] == OPEN:
                    yield number, _step(line)

    def open_actions(self) -> Counter[Action]:
        """How many of each are not done yet."""
        found: Counter[str] = Counter()
        if self.total:
            with self._steps.open(buffering=1 << 16) as file:
                found.update(line.split('"', 2)[1] for number, line in enumerate(file) if self._map and self._map[number] == OPEN)
        return Counter({Action(action): count for action, count in found.items()})

    def done(self, number: int) -> None:
        """In memory that the system writes to disk, also when this process is killed."""
        if self._map is not None:
            self._map[number] = DONE

    def __len__(self) -> int:
        """How many are done."""
        return self._map[:].count(DONE) if self._map is not None else 0

    def forget(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None
        for path in (self._about, self._steps, self._marks, self.failed):
            with suppress(OSError):
                path.unlink()

    def _open(self) -> None:
        if not self.total:
            return
        with self._marks.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), self.total)


def _line(step: Step) -> str:
    return json.dumps([step.action.value, step.key, _short(step.wanted), _short(step.shown), step.remove], separators=(",", ":")) + "\n"


def _short(version: Version | None) -> list[Any] | None:
    if version is None:
        return None
    return [version.version_id, version.last_modified.timestamp(), version.etag, version.size, version.storage_class, version.restored]


def _step(line: str) -> Step:
    action, key, wanted, shown, remove = json.loads(line)
    return Step(Action(action), key, _version(key, wanted), _version(key, shown), tuple(remove))


def _version(key: str, short: list[Any] | None) -> Version | None:
    if short is None:
        return None
    version_id, modified, etag, size, storage_class, restored = short
    return Version(key, version_id, datetime.fromtimestamp(modified, UTC), False, False, etag, size, storage_class, restored)


class Copies:
    """Which version is a copy of which, where no ETag will tell it again; kept on this machine, for the next run."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = directory / f"{name}.copies"
        self._known: dict[str, str] | None = None

    def add(self, copy: str, source: str) -> None:
        if self._known is not None:
            self._known[copy] = source
        with self._path.open("a") as file:
            file.write(f"{copy} {source}\n")

    def known(self, copy: str, source: str) -> bool:
        if self._known is None:
            try:
                pairs = (line.split() for line in self._path.read_text().splitlines())
                self._known = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
            except OSError:
                self._known = {}
        return self._known.get(copy) == source
