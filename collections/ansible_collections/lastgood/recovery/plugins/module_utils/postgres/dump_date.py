# SPDX-License-Identifier: GPL-3.0-or-later
"""When a dump without a manifest was taken: as it says itself, or else as its file does."""
from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import DIRECTORY, PLAIN, TAR, DumpFile

MANIFEST, COMMENT, FILE = "the manifest", "the comment in it", "the file's time"
HEADER = "the archive's header, in this machine's time zone"
"""Where a date can be from."""
CLOCK = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (\S+)")
OFFSET = re.compile(r"[+-]\d\d(?::?\d\d)?")
COMPRESSION_LEVEL, COMPRESSION_NAME = 4, 15
"""The archive versions 1.x since which the header holds a number, and since which a byte."""


def of(dump: DumpFile, started: str, file: Path) -> tuple[datetime, str]:
    """The moment and where it is from. C(started) is as in C(sql_text.Contents), C(file) the dump as it was given.

    A copy of a file is often younger than what it holds, and never older: a date after the file's is no date of it.
    """
    written = file.stat().st_mtime
    told = _clock(started) if dump.kind == PLAIN else _header(dump)
    if told is None or told > written:
        return datetime.fromtimestamp(written, UTC), FILE
    return datetime.fromtimestamp(told, UTC), COMMENT if dump.kind == PLAIN else HEADER


def _clock(text: str) -> float | None:
    """C(2026-11-22 02:30:00 UTC); None for the abbreviation of a zone that could be one of several."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    clock, zone = found.groups()
    try:
        if zone in ("UTC", "GMT"):
            return datetime.fromisoformat(f"{clock}+00:00").timestamp()
        if OFFSET.fullmatch(zone):
            return datetime.fromisoformat(f"{clock}{zone}").timestamp()
        if zone in time.tzname:
            return _here(datetime.fromisoformat(clock), time.tzname.index(zone))
    except ValueError:
        pass
    return None


def _header(dump: DumpFile) -> float | None:
    """Seconds, minutes, hours … behind what is in front of them; it holds no zone, and pg_restore takes it for its own too."""
    place = dump.path / "toc.dat" if dump.kind == DIRECTORY else dump.path
    with place.open("rb") as header:
        header.seek(512 if dump.kind == TAR else 0)
        start = header.read(11)  # PGDMP, three bytes of version, the sizes of numbers and offsets, the form
        if len(start) < 11 or start[5] != 1 or start[6] < COMPRESSION_LEVEL:
            return None
        try:
            if start[6] >= COMPRESSION_NAME:
                header.read(1)
            else:
                _number(header, start[8])
            second, minute, hour, day, month, year, summer = (_number(header, start[8]) for _part in range(7))
            return _here(datetime(1900 + year, 1 + month, day, hour, minute, min(second, 59)), summer)
        except (ValueError, OverflowError, IndexError):
            return None


def _number(header: IO[bytes], size: int) -> int:
    sign = header.read(1)[0]
    value = int.from_bytes(header.read(size), "little")
    return -value if sign else value


def _here(clock: datetime, summer: int) -> float:
    """By this machine's clock, in summer time or not."""
    return time.mktime((*clock.timetuple()[:8], summer))
