# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of an incident in a bucket: an object for each line, which can be written once only, so that no two runs fork the chain."""
from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Conflict
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.bucket import Bucket, Taken
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.files import replace
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.guard import add
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.unsent import Unsent

KEY = re.compile(r"(\d{6,})\.json")
TRIES, PAUSE = 40, 0.02
"""How often a line gives way to those of others, and seconds between."""


class MirroredLines:
    """C(journal.jsonl) here is line for line what is there; the caller sees to it that nobody else on this machine is at it."""

    def __init__(self, bucket: Bucket, directory: Path) -> None:
        self._bucket, self._name, self._path = bucket, directory.name, directory / "journal.jsonl"

    def here(self) -> list[bytes]:
        """The lines on this machine. One that a crash cut off is dropped: it is in the bucket, or nothing was done on its account."""
        if not self._path.exists():
            return []
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            replace(self._path, whole, 0o600)
        return [line + b"\n" for line in whole.split(b"\n")[:-1]]

    def send(self, event: dict[str, Any]) -> None:
        """Put it into the bucket as the next line, then here."""
        for _attempt in range(TRIES):
            lines = self.here()
            line = self._linked(event, lines)
            try:
                self._put(len(lines) + 1, line)
            except Taken:  # by another run; or by this very line, if the answer to the first attempt was lost
                self.pull()
                if self.here()[len(lines) : len(lines) + 1] == [line]:
                    return
                time.sleep(PAUSE)
                continue
            self._add(line)
            return
        raise Conflict("others write to the same journal all the time", "Run the same command again.")

    def keep(self, event: dict[str, Any], unsent: Unsent) -> None:
        """Write it here only."""
        lines = self.here()
        if not unsent.first:
            unsent.first = len(lines) + 1
            unsent.keep()
        self._add(self._linked(event, lines))

    def send_kept(self, unsent: Unsent) -> None:
        """What is here only, in its order; behind what others have written meanwhile, and linked to that."""
        lines = self.here()
        before, mine = lines[: unsent.first - 1], lines[unsent.first - 1 :]
        theirs = self._newer(len(before))
        while theirs and mine and theirs[0] == mine[0]:  # it had arrived; the answer was lost
            before.append(theirs.pop(0))
            mine.pop(0)
        if theirs:
            before += theirs
            events, mine = [chain.parse(line) for line in mine], []
            for event in events:
                plain = {key: value for key, value in event.items() if key not in chain.LINKS}
                mine.append(self._linked(plain, before + mine))
        # On disk before it is sent, so that a run which is killed here goes on with these lines and no others.
        replace(self._path, b"".join(before + mine), 0o600)
        unsent.first = len(before) + 1
        unsent.keep()
        for number, line in enumerate(mine, unsent.first):
            try:
                self._put(number, line)
            except Taken:
                raise Conflict("another run writes to the same journal", "Run the same command again.") from None
        unsent.first = 0
        unsent.keep()

    def pull(self) -> None:
        """What others have written."""
        newer = self._newer(len(self.here()))
        if newer:
            self._add(b"".join(newer))

    def _newer(self, have: int) -> list[bytes]:
        """The lines behind the first C(have). One that is missing in between is an empty line, which no chain has."""
        folder = f"journals/{self._name}/"
        found = {int(key[1]): key[0] for key in map(KEY.fullmatch, self._bucket.listed(folder, f"{have:06d}.json")) if key}
        read = self._bucket.get_all(folder + name for name in found.values())
        bodies = {number: body for number, (_name, body) in zip(found, read, strict=True)}
        return [_one_line(bodies.get(number)) for number in range(have + 1, max(bodies, default=have) + 1)]

    def _put(self, number: int, line: bytes) -> None:
        self._bucket.put(f"journals/{self._name}/{number:06d}.json", line, new=True)

    def _linked(self, event: dict[str, Any], lines: list[bytes]) -> bytes:
        content = b"".join(lines)
        return chain.link(event, *(chain.last_link(content) or (chain.beginning(self._name), content)))

    def _add(self, content: bytes) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            add(handle, content)
        finally:
            os.close(handle)


def _one_line(found: tuple[bytes, str] | None) -> bytes:
    content = found[0] if found else b""
    return content.removesuffix(b"\n").replace(b"\n", b" ") + b"\n"
