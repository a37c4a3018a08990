# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a lock is written: a file, or an object in a bucket that is replaced only by who has read what it replaces."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.bucket import Bucket, Taken
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.files import replace
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.guard import alone
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import Mirror


class Place(Protocol):
    """C(tag) tells one content from another; no content is that of a lock which nobody holds."""

    def alone(self) -> AbstractContextManager[None]: ...

    def read(self) -> tuple[str, str] | None: ...

    def replace(self, text: str, tag: str | None) -> bool: ...


class FilePlace:
    """Nobody else has it between C(read) and C(replace), by a lock of the kernel's."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with alone(self.path.with_suffix(".guard")):
            yield

    def read(self) -> tuple[str, str] | None:
        try:
            return self.path.read_text(encoding="utf-8", errors="replace") or " ", ""  # an empty file is not how one is let go of
        except FileNotFoundError:
            return None

    def replace(self, text: str, tag: str | None) -> bool:
        if text:
            replace(self.path, text.encode())
        else:
            self.path.unlink()
        return True


class ObjectPlace:
    """A lock that was let go of is an empty object: to delete one under a condition is something that few servers can do."""

    def __init__(self, mirror: Mirror, environment: str) -> None:
        self._bucket: Bucket = mirror.bucket
        self._name = f"locks/{environment}.json"
        self._mirror = mirror

    def __str__(self) -> str:
        return f"{self._bucket.address}/{self._name}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        self._mirror.prove()
        yield

    def read(self) -> tuple[str, str] | None:
        found = self._bucket.get(self._name)
        return (found[0].decode(errors="replace"), found[1]) if found else None

    def replace(self, text: str, tag: str | None) -> bool:
        try:
            self._bucket.put(self._name, text.encode(), new=tag is None, tag=tag)
        except Taken:
            # The answer to the first attempt may have been lost.
            found = self._bucket.get(self._name)
            return found is not None and found[0] == text.encode() and text != ""
        return True
