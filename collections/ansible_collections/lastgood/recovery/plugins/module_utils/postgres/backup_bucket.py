# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups in S3: put together here, sent with checksums, compared with what S3 holds; the manifest comes last and makes it one."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.objects import Count, Object, Objects
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import backups, scratch
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_directory import BackupDirectory
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backups import MANIFEST, Backup
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import growing, size

AT_ONCE = 4
"""Files on their way at the same time, each in several parts."""


class BackupBucket:
    """Backups below C(s3://bucket/prefix)."""

    def __init__(self, address: str, options: Options, run: Run) -> None:
        self.objects = Objects(address, options, run)
        self.address = self.objects.address
        self._run = run
        self._scratch: str | None = options.get("scratch")
        self._verify: bool = options.get("verify", True)

    def names(self, database: str | None = None) -> list[str]:
        places = [backups.directory_name(database)] if database else self.objects.folders()
        return [f"{place}/{time}" for place in places for time in self.objects.folders(place)]

    def manifest(self, name: str) -> str:
        try:
            return self.objects.read(f"{name}/{MANIFEST}").decode()
        except errors.NotFound as missing:
            if "NoSuchKey" not in missing.message and "404" not in missing.message:
                raise
            raise backups.unfinished(f"{self.address}/{name}") from None
        except UnicodeDecodeError:
            raise errors.BadBackup(f"{self.address}/{name}/{MANIFEST} cannot be read", "It is damaged; choose another backup.") from None

    def ready(self) -> None:
        """Asked before anything is dumped, which may take hours."""
        self.objects.may_write(MANIFEST)

    def room(self) -> tuple[str, int]:
        place = self._scratch or tempfile.gettempdir()
        try:
            return place, shutil.disk_usage(place).free
        except OSError as error:
            raise errors.Refused(f"{place} cannot be looked at: {error.strerror}", "Give another directory with scratch.") from None

    @contextmanager
    def writing(self, database: str, at: datetime) -> Iterator[Path]:
        """Put together in the scratch directory: only what is on a disk can be read back before it is sent."""
        name = backups.name(database, at)
        with scratch.directory(self._scratch) as place:
            with BackupDirectory(place).writing(database, at) as directory:
                yield directory
            self._send(place / name, name)

    def _send(self, directory: Path, name: str) -> None:
        files = {path.relative_to(directory).as_posix(): path for path in sorted(directory.rglob("*")) if path.is_file()}
        manifest = files.pop(MANIFEST)
        self._run.record("call", method="PUT", path=f"{self.address}/{name}")
        started: list[str] = []
        count = Count()

        def sent(file: str) -> str | None:
            started.append(f"{name}/{file}")
            self.objects.send(files[file], f"{name}/{file}", count.add)
            return None if not self._verify or self.objects.same(files[file], f"{name}/{file}") else file

        try:
            total = size(sum(path.stat().st_size for path in files.values()))
            progress = growing(lambda: count.bytes, f"sending {total} to {self.address}")
            with still(progress, self._run.tell), ThreadPoolExecutor(AT_ONCE) as pool:
                others = [file for file in pool.map(sent, files) if file]
            if others:
                raise errors.BadBackup(f"S3 holds other bytes than were sent of {others[0]}", "Run the same command again.")
            self.objects.create(f"{name}/{MANIFEST}", manifest.read_bytes())
        except BaseException as error:
            # With a manifest whose answer was lost it is whole. Without one it is no backup, whether or not this works.
            if not isinstance(error, errors.Unanswered) and not self.objects.remove(started) and isinstance(error, errors.RecoveryError):
                error.message += f"; what had been sent is still at {self.address}/{name}, and is no backup"
            raise
        self._run.record("answer", status="sent")

    def here(self, backup: Backup, scratch: Path) -> Path:
        return self.fetched(backup.name, self.objects.below(backup.name), scratch)

    def fetched(self, name: str, found: list[Object], scratch: Path) -> Path:
        """A directory with those objects below C(name), which may be empty."""
        total, free = sum(one.size for one in found), shutil.disk_usage(scratch).free
        if free < total:
            words = f"{scratch} has {size(free)} left, and {self.address}/{name} is {size(total)}"
            raise errors.Refused(words, "Make room there, or give another directory with scratch.")
        place, count = scratch / "fetched", Count()
        place.mkdir(mode=0o700)

        def fetch(one: Object) -> None:
            if PurePosixPath(one.name).is_absolute() or ".." in PurePosixPath(one.name).parts:
                raise errors.BadBackup(f"{self.address}/{name} holds an object called {one.name}", "Nobody here wrote it.")
            target = place / one.name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self.objects.fetch(f"{name}/{one.name}".lstrip("/"), target, count.add)
            except OSError as error:
                hint = "Make room, or give another scratch directory."
                raise errors.Refused(f"{target} cannot be written: {error.strerror}", hint) from None

        progress = growing(lambda: count.bytes, f"fetching {size(total)} from {self.address}/{name}")
        with still(progress, self._run.tell), ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(fetch, found))
        return place
