# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that hold a dump: what they are by content, never by name, and what they say of themselves."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused

CUSTOM, DIRECTORY, TAR, PLAIN = "custom", "directory", "tar", "plain"
WRAPPINGS = ("gzip", "zstd", "lz4", "bzip2", "xz", "age", "gpg")
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
LENGTH = rb"(?:[\x00-\xbf]|[\xc0-\xdf].|[\xe0-\xfe]|\xff.{4})"
GPG = re.compile(rb"(?s)(?:\x84.|\x85..|\xc1" + LENGTH + rb")[\x03\x06]|(?:\x8c.|\xc3" + LENGTH + rb")[\x04-\x06]")
"""How a message of OpenPGP starts: a key encrypted for a public key or by a passphrase, with its length and its version."""
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
    if found is None and GPG.match(start):
        found = "gpg"
    if found is None:
        found = PLAIN if b"\x00" not in start else "no dump of PostgreSQL"
    if found not in (CUSTOM, TAR, PLAIN, *WRAPPINGS):
        raise BadBackup(f"{path} is {found}", "Name the file of a dump by pg_dump, as it is or compressed.")
    return found


def archive_version(dump: DumpFile) -> int:
    """The x of an archive's version 1.x."""
    place = dump.path / "toc.dat" if dump.kind == DIRECTORY else dump.path
    with place.open("rb") as file:
        file.seek(512 if dump.kind == TAR else 0)
        start = file.read(8)
    if len(start) < 8 or not start.startswith(b"PGDMP"):
        raise BadBackup(f"{dump.path} is damaged: its table of contents is none", "Choose another backup.")
    return start[6] if start[5] == 1 else 99
