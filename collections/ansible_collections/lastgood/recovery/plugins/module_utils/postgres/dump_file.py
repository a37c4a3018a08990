# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that hold a dump: what they are by content, never by name, unwrapped as often as needed."""
from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import sealing, sql_text
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, growing, size
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

CUSTOM, DIRECTORY, TAR, PLAIN = "custom", "directory", "tar", "plain"
PROGRAMS = {"zstd": ["zstd", "-dcq"], "lz4": ["lz4", "-dcq"], "gpg": ["gpg", "--batch", "--quiet", "--decrypt"]}
OPENERS: dict[str, Any] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
SIGNS = (
    (b"PGDMP", CUSTOM),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"age-encryption.org/", "age"),
    (b"-----BEGIN PGP MESSAGE", "gpg"),
    (b"-----BEGIN AGE ENCRYPTED FILE", "an age file in letters; decrypt it first"),
    (b"Salted__", "encrypted by openssl; decrypt it first"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "UTF-16 text, as PowerShell's > makes of a dump; take the dump again with pg_dump -f"),
)
GPG = re.compile(rb"[\x84\x85\x8c\xc1\xc3]")
DEEPEST = 4
PATIENCE = 12
"""As many looks, ten seconds apart, may pass without a byte from pg_restore."""
BLOCK = 512
"""Bytes; a tar consists of such blocks."""
NEWEST_ARCHIVE = {12: 14, 13: 14, 14: 14, 15: 14, 16: 15}
"""The newest archive version 1.x that the clients of a major version can read; 16 for later ones."""


@dataclass(frozen=True)
class DumpFile:
    """What pg_restore (or, for plain SQL, psql) can be given."""

    path: Path
    kind: str
    wrapped: tuple[str, ...] = ()
    """What it was wrapped in, outermost first."""

    @property
    def form(self) -> str:
        """C(custom), or C(plain in gzip)."""
        return " in ".join([self.kind, *reversed(self.wrapped)])


def kind(path: Path) -> str:
    """What it is by its first bytes; BadBackup when that is nothing to restore from."""
    if path.is_dir():
        if (path / "toc.dat").is_file():
            return DIRECTORY
        raise BadBackup(f"{path} holds no dump: there is no toc.dat in it", "Name the directory that pg_dump -Fd has written.")
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}", "Name the file or directory of a dump.") from None
    if not start:
        raise BadBackup(f"{path} is empty", "Choose another backup.")
    found = next((name for sign, name in SIGNS if start.startswith(sign)), None)
    if found is None and start[257:262] == b"ustar":
        found = TAR if start.startswith(b"toc.dat\x00") else "a tar archive that pg_dump did not write; unpack it first"
    if found is None and GPG.match(start) and b"\x00" in start:
        found = "gpg"
    if found is None:
        found = PLAIN if b"\x00" not in start else "no dump of PostgreSQL"
    if found not in (CUSTOM, TAR, PLAIN, "age", *PROGRAMS, *OPENERS):
        raise BadBackup(f"{path} is {found}", "Name the file of a dump by pg_dump, as it is or compressed.")
    return found


def opened(path: Path, scratch: Path, age_identity: str | None, tell: Tell) -> DumpFile:
    """The dump itself, out of whatever it is wrapped in; what is unwrapped lies in C(scratch), which the caller removes."""
    wrapped: list[str] = []
    while (found := kind(path)) not in (CUSTOM, DIRECTORY, TAR, PLAIN):
        if len(wrapped) == DEEPEST:
            raise BadBackup(f"{path} is wrapped more than {DEEPEST} times", "Unwrap it first.")
        target = scratch / f"unwrapped-{len(wrapped)}"
        _unwrap(path, found, target, age_identity, tell)
        if wrapped:
            path.unlink()
        wrapped.append(found)
        path = target
    return DumpFile(path, found, tuple(wrapped))


def _unwrap(path: Path, found: str, target: Path, age_identity: str | None, tell: Tell) -> None:
    progress = growing(lambda: bytes_in(target), f"unwrapping {path.name}")
    with target.open("xb") as out, still(progress, tell):
        try:
            if found == "age":
                sealing.unseal(path, out, sealing.identities(age_identity))
            elif found in OPENERS:
                with OPENERS[found](path, "rb") as file:
                    shutil.copyfileobj(file, out, 1 << 20)
            else:
                _by_program(PROGRAMS[found], path, out)
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
            raise BadBackup(f"{path} is damaged: {error}", "Choose another backup.") from None
        except OSError as error:  # bz2 has no error of its own
            if error.errno is None:
                raise BadBackup(f"{path} is damaged: {error}", "Choose another backup.") from None
            raise Refused(f"{path} cannot be unwrapped: {error.strerror}", "Make room, or give another scratch directory.") from None


def _by_program(command: list[str], path: Path, out: IO[bytes]) -> None:
    if shutil.which(command[0]) is None:
        raise Refused(f"{command[0]} is needed to read {path}", f"Install {command[0]} where this module runs, or unwrap the file first.")
    with Child([*command, str(path)], {}, stdout=out) as child:
        if child.wait(lambda text: None, str):
            raise BadBackup(f"{path} is damaged, or cannot be decrypted here: {child.complaint()}", "Choose another backup.")


def archive_version(dump: DumpFile) -> int:
    """The x of an archive's version 1.x."""
    place = dump.path / "toc.dat" if dump.kind == DIRECTORY else dump.path
    with place.open("rb") as file:
        file.seek(512 if dump.kind == TAR else 0)
        start = file.read(8)
    if len(start) < 8 or not start.startswith(b"PGDMP"):
        raise BadBackup(f"{dump.path} is damaged: its table of contents is none", "Choose another backup.")
    return start[6] if start[5] == 1 else 99


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
            return sql_text.contents(file.read)
    if dump.kind == TAR:
        _whole_tar(dump.path)
    with Child([pg_restore, "-f", "-", str(dump.path)], {}, stdout=subprocess.PIPE) as child:
        reading = _Reading(child)
        with still(lambda: reading.watched(doing), tell):
            found = sql_text.contents(reading.read)
        if child.process.wait():
            raise _damaged(dump.path, child)
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


def _whole_tar(path: Path) -> None:
    """Up to the empty block at its end: pg_restore looks for more of a tar that is cut off, and never stops."""
    at, length = 0, bytes_in(path)
    with path.open("rb") as file:
        while at + BLOCK <= length:
            file.seek(at)
            header = file.read(BLOCK)
            if not header.strip(b"\x00"):
                return
            size_field = header[124:136].strip(b" \x00")
            if header[257:262] != b"ustar" or not re.fullmatch(rb"[0-7]+", size_field):
                break
            at += BLOCK + -(-int(size_field, 8) // BLOCK) * BLOCK
    raise BadBackup(f"{path} is cut off or damaged: its end is missing", "Choose another backup.")


def _damaged(path: Path, child: Child) -> BadBackup:
    return BadBackup(f"{path} is damaged, pg_restore cannot read all of it: {child.complaint()}", "Choose another backup.")
