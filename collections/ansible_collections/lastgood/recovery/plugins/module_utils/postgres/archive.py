# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of contents of an archive by pg_dump, read as pg_restore does, and then compared with the data that is there.

It has no checksum. pg_restore takes one with fewer entries, or an entry that says it has no data, for what was wanted, and exits 0.
The form: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/bin/pg_dump/pg_backup_archiver.c (ReadHead, ReadToc).
"""
from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup

CUSTOM = 1
"""In the header; directories and tars have other numbers, and keep their data in files."""
NO_DATA, POSITION_SET = 3, 2
ROWS, LARGE_OBJECTS = 1, 3
NONE, PRE_DATA, POST_DATA = 1, 2, 4
"""Sections; data is 3."""
COMPRESSIONS = ("none", "gzip", "lz4", "zstd")
LONGEST = 1 << 30
WITH_DATA = ("TABLE DATA", "BLOBS")


class _Damaged(Exception):
    """What is wrong, in words."""


@dataclass(frozen=True)
class _Entry:
    id: int
    has_data: bool
    kind: str
    section: int
    place: int | str | None
    """The file's name; for a custom archive its offset, where that is known."""
    dataless: bool = False


def checked(path: Path, start: int = 0, length: int | None = None) -> str:
    """How its rows are compressed, one of C(COMPRESSIONS); BadBackup when entries are missing, or do not fit what is there.

    The table of contents lies in C(path) from C(start) on; the rest of a custom archive follows it, otherwise it has C(length) bytes.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            reader = _Reader(file)
            entries = reader.entries()
            _sane(entries)
            if reader.format == CUSTOM:
                _fitting(entries, reader.blocks())
            elif file.tell() - start != (os.fstat(file.fileno()).st_size if length is None else length):
                raise _Damaged("it does not end where its table of contents says")
    except _Damaged as problem:
        raise BadBackup(f"{path} is damaged: {problem}", "Choose another backup.") from None
    return reader.compression


def ended(directory: Path, inserts: bool) -> None:
    """BadBackup when nobody can tell whether a file of it is cut off: rows as INSERTs, and large objects, have no last line."""
    bare = [one.name for one in sorted(directory.glob("*.dat")) if one.name != "toc.dat" and (inserts or one.name.startswith("blob_"))]
    if bare:
        raise BadBackup(
            f"nobody can tell whether {bare[0]} in {directory} is whole: it is not compressed, and has no end",
            "Choose another backup. If you know that it is whole, say so by compressing such files with gzip; pg_restore reads both.",
        )


class _Reader:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        start = self._take(9)
        self.minor, self._integer, self._offset, self.format = start[6], start[8], 0, 0
        if not start.startswith(b"PGDMP\x01") or self._integer not in (4, 8):
            raise _Damaged("its table of contents is none")
        self._offset, self.format = self._take(1)[0], self._take(1)[0]
        if self._offset not in (4, 8):
            raise _Damaged("its table of contents is none")
        number = self._take(1)[0] if self.minor >= 15 else int(self.integer() != 0)
        self.compression = COMPRESSIONS[number] if number < len(COMPRESSIONS) else "unknown"
        for _part_of_the_time in range(7):
            self.integer()
        for _database_and_versions in range(3):
            self.text()

    def entries(self) -> list[_Entry]:
        return [self._entry() for _number in range(self._count())]

    def blocks(self) -> dict[int, int]:
        """Where the data of which entry lies."""
        found: dict[int, int] = {}
        while True:
            at = self._file.tell()
            kind = self._file.read(1)
            if not kind:
                return found
            if kind[0] not in (ROWS, LARGE_OBJECTS):
                raise _Damaged("its table of contents does not end where its data begins")
            found[self.integer()] = at
            while kind[0] == LARGE_OBJECTS and self.integer():
                self._skip()
            if kind[0] == ROWS:
                self._skip()

    def integer(self) -> int:
        sign = self._take(1)[0]
        value = int.from_bytes(self._take(self._integer), "little")
        return -value if sign else value

    def text(self) -> str | None:
        length = self.integer()
        if length > LONGEST:
            raise _Damaged("its table of contents cannot be read")
        return None if length < 0 else self._take(length).decode(errors="replace")

    def _entry(self) -> _Entry:
        number, with_data = self.integer(), self.integer()
        _table, _oid, _tag, kind = self.text(), self.text(), self.text(), self.text()
        section = self.integer()
        for _text in range(6 if self.minor >= 14 else 5):  # definition, drop, copy, schema, tablespace, access method
            self.text()
        if self.minor >= 16:
            self.integer()
        _owner, _with_oids = self.text(), self.text()
        while self.text() is not None:  # what it depends on
            pass
        if with_data not in (0, 1):
            raise _Damaged(f"its entry {number} cannot be read")
        if self.format != CUSTOM:
            return _Entry(number, bool(with_data), kind or "", section, self.text())
        state, offset = self._take(1)[0], int.from_bytes(self._take(self._offset), "little")
        return _Entry(number, bool(with_data), kind or "", section, offset if state == POSITION_SET else None, state == NO_DATA)

    def _count(self) -> int:
        count = self.integer()
        if not 0 < count < LONGEST:
            raise _Damaged("its table of contents is empty")
        return count

    def _skip(self) -> None:
        while (length := self.integer()) > 0:
            self._file.seek(length, os.SEEK_CUR)

    def _take(self, count: int) -> bytes:
        taken = self._file.read(count)
        if len(taken) < count:
            raise _Damaged("it is cut off")
        return taken


def _sane(entries: list[_Entry]) -> None:
    """Entries of an unknown section are left out by pg_restore, and so is the data of one that says it has none."""
    section = PRE_DATA
    for entry in entries:
        if entry.section != NONE:
            if not section <= entry.section <= POST_DATA:
                raise _Damaged(f"its entry {entry.id} is not where it belongs")
            section = entry.section
        if (entry.kind in WITH_DATA and not entry.has_data) or (entry.has_data and (entry.dataless or entry.place == "")):
            raise _Damaged(f"the data of its entry {entry.id} is missing")
    places = [entry.place for entry in entries if entry.has_data and entry.place is not None]
    if len(set(places)) < len(places) or len({entry.id for entry in entries}) < len(entries):
        raise _Damaged("two entries have the same data")


def _fitting(entries: list[_Entry], blocks: dict[int, int]) -> None:
    """What the table of contents names is there, and nothing else."""
    wanted = {entry.id: entry.place for entry in entries if entry.has_data}
    if wanted.keys() != blocks.keys() or any(place not in (None, blocks[one]) for one, place in wanted.items()):
        raise _Damaged("its data is not what its table of contents says")
