# SPDX-License-Identifier: GPL-3.0-or-later
"""Unwraps a dump as often as needed, into a directory that the caller removes."""
from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import zlib
from pathlib import Path
from typing import IO, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import CUSTOM, DIRECTORY, PLAIN, TAR, DumpFile, kind
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sealing import Keys
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, growing
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

PROGRAMS = {"zstd": ["zstd", "-dcq"], "lz4": ["lz4", "-dcq"]}
OPENERS: dict[str, Any] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
DEEPEST = 4


def opened(path: Path, scratch: Path, keys: Keys, tell: Tell) -> DumpFile:
    """The dump itself, out of whatever it is wrapped in; what is unwrapped lies in C(scratch), which the caller removes."""
    wrapped: list[str] = []
    while (found := kind(path)) not in (CUSTOM, DIRECTORY, TAR, PLAIN):
        if len(wrapped) == DEEPEST:
            raise BadBackup(f"{path} is wrapped more than {DEEPEST} times", "Unwrap it first.")
        target = scratch / f"unwrapped-{len(wrapped)}"
        _unwrap(path, found, target, keys, tell)
        if wrapped:
            path.unlink()
        wrapped.append(found)
        path = target
    return DumpFile(path, found, tuple(wrapped))


def _unwrap(path: Path, found: str, target: Path, keys: Keys, tell: Tell) -> None:
    progress = growing(lambda: bytes_in(target), f"unwrapping {path.name}")
    with target.open("xb") as out, still(progress, tell):
        try:
            if found in ("age", "gpg"):
                keys.unseal(path, found, out)
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
    with Child([*command, "--", str(path)], {}, stdout=out) as child:
        if child.wait(lambda text: None, str):
            raise BadBackup(f"{path} is damaged: {child.complaint()}", "Choose another backup.")
