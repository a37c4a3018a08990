# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups in a directory: written under another name until the manifest, the last thing to be written, is on the disk."""
from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils import captured
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import backups, file_hashes
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backups import MANIFEST, VERSION, Backup, Manifest

UNFINISHED = ".unfinished"


class BackupDirectory:
    """Backups in a directory of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = str(path)

    def names(self, database: str | None = None) -> list[str]:
        places = [backups.directory_name(database)] if database else [one.name for one in _listed(self.path)]
        return [f"{place}/{one.name}" for place in places for one in _listed(self.path / place)]

    def manifest(self, name: str) -> str:
        path = self.path / name / MANIFEST
        if name.endswith(UNFINISHED) or not path.is_file():
            raise backups.unfinished(str(path.parent))
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise BadBackup(f"{path} cannot be read", "It is damaged; choose another backup.") from None

    def ready(self) -> None:
        """Found out by writing: until then there may be no such directory."""

    def room(self) -> tuple[str, int]:
        """Free bytes where it is, or will be."""
        directory = self.path
        while not directory.exists() and directory.parent != directory:
            directory = directory.parent
        return self.address, shutil.disk_usage(directory).free

    @contextmanager
    def writing(self, database: str, at: datetime) -> Iterator[Path]:
        """Gone again unless it got its manifest; it gets its name only then."""
        final = self.path / backups.name(database, at)
        fresh = final.with_name(final.name + UNFINISHED)
        try:
            fresh.parent.mkdir(parents=True, exist_ok=True)
            fresh.mkdir(mode=0o700)
        except OSError as error:
            raise Refused(f"{fresh} cannot be made: {error.strerror}", "Give a destination that can be written to.") from None
        try:
            yield fresh
            if not (fresh / MANIFEST).exists():
                raise BadBackup(f"{fresh} got no manifest", "Run the same command again.")
            flush(fresh)
            fresh.rename(final)
            flush(final.parent)
        except OSError as error:
            raise Refused(f"the backup cannot be written: {error.strerror}", "Make room at the destination, or give another.") from None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)  # a backup has another name by now

    def here(self, backup: Backup, scratch: Path) -> Path:  # pylint: disable=unused-argument # it is there already
        return self.path / backup.name


def read(path: Path) -> Backup:
    """The backup in that directory; BadBackup, with what is wrong with it, when it is none."""
    path = path.absolute()
    return backups.read(BackupDirectory(path.parent), path.name)


def write(directory: Path, manifest: Manifest) -> str:
    """The manifest, with the SHA-256 of every file that is there by now, and its own; the last thing to be written, returned as text."""
    manifest = {**manifest, "version": VERSION, "files": file_hashes.of(directory)}
    manifest["sum"] = backups.own_sum(manifest)
    text = json.dumps(manifest, indent=1, sort_keys=True)
    captured.write(str(directory / MANIFEST), text)
    return text


def flush(directory: Path) -> None:
    """To the disk: the names in it, which a rename of ours may otherwise outrun."""
    with suppress(OSError):  # not every file system can
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _listed(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.is_dir())
    except OSError:
        return []
