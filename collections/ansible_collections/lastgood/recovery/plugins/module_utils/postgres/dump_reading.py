# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads dumps to their end: every block of an archive, every statement of plain SQL; what is damaged is found here."""
from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import archive, sql_text
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import DIRECTORY, PLAIN, TAR, DumpFile
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, size
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

PATIENCE = 12
"""As many looks, ten seconds apart, may pass without a byte from pg_restore."""
BLOCK = 512
"""Bytes; a tar consists of such blocks."""

DEFINITIONS, ANYTHING = "a definition", "a value or a definition"
NO_OWNER = "don't know how to set owner"
"""What pg_restore of version 15 and before says of an entry whose kind is damaged, and goes on."""


def read_through(path: Path, pg_restore: str, tell: Tell) -> None:
    """Every block of an archive; BadBackup when one cannot be read."""
    with Child([pg_restore, "-f", "/dev/null", str(path)], {}) as child:
        if child.wait(tell, lambda: f"reading {path.name} back, {size(bytes_in(path))}"):
            raise _damaged(path, child)


def contents(dump: DumpFile, pg_restore: str, tell: Tell) -> sql_text.Contents:
    """All that the dump holds, every block of it read; BadBackup when that is not possible."""
    doing = f"reading {dump.path.name}, {size(bytes_in(dump.path))}"
    if dump.kind == PLAIN:
        with still(doing, tell), dump.path.open("rb") as file:
            found = sql_text.contents(file.read)
        found.unseen = "" if dump.wrapped else ANYTHING
        return found
    if dump.kind == TAR:
        compression = archive.checked(dump.path, BLOCK, _whole_tar(dump.path))
    else:
        compression = archive.checked(dump.path / "toc.dat" if dump.kind == DIRECTORY else dump.path)
    with Child([pg_restore, "-f", "-", str(dump.path)], {}, stdout=subprocess.PIPE) as child:
        reading = _Reading(child)
        with still(lambda: reading.watched(doing), tell):
            found = sql_text.contents(reading.read)
        if child.process.wait() or NO_OWNER in child.complaint():
            raise _damaged(dump.path, child)
    if dump.kind == DIRECTORY:
        archive.ended(dump.path, found.inserts)
    if not dump.wrapped:
        found.unseen = DEFINITIONS if compression == "gzip" else ANYTHING
    return found


class _Reading:
    """What pg_restore writes. One that writes nothing for long is ended: on some damaged archives it never stops."""

    def __init__(self, child: Child) -> None:
        self._child, self._stream = child, child.process.stdout
        self._bytes, self._before, self._quiet = 0, -1, 0

    def read(self, count: int) -> bytes:
        block: bytes = self._stream.read(count) if self._stream else b""
        self._bytes += len(block)
        return block

    def watched(self, doing: str) -> str:
        self._quiet = self._quiet + 1 if self._bytes == self._before else 0
        self._before = self._bytes
        if self._quiet >= PATIENCE:
            self._child.process.kill()
        return doing


def _whole_tar(path: Path) -> int:
    """The bytes of its first file, the table of contents.

    Read up to the empty block at its end: pg_restore looks for more of a tar that is cut off, and never stops.
    """
    at, length, first = 0, bytes_in(path), 0
    with path.open("rb") as file:
        while at + BLOCK <= length:
            file.seek(at)
            header = file.read(BLOCK)
            if not header.strip(b"\x00"):
                return first
            size_field = header[124:136].strip(b" \x00")
            if header[257:262] != b"ustar" or not re.fullmatch(rb"[0-7]+", size_field):
                break
            first = first if at else int(size_field, 8)
            at += BLOCK + -(-int(size_field, 8) // BLOCK) * BLOCK
    raise BadBackup(f"{path} is cut off or damaged: its end is missing", "Choose another backup.")


def _damaged(path: Path, child: Child) -> BadBackup:
    return BadBackup(f"{path} is damaged, pg_restore cannot read all of it: {child.complaint()}", "Choose another backup.")
