# SPDX-License-Identifier: GPL-3.0-or-later
"""Where backups are kept, by the address: a directory of this machine, or S3."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws import access
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.objects import SCHEME
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import backups
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_bucket import BackupBucket
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_directory import UNFINISHED, BackupDirectory
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backups import MANIFEST, Backup, Store

ARGUMENTS: dict[str, Any] = {**access.OPTIONS, "scratch": {"type": "path"}}


def at(address: str, options: Options, run: Run) -> Store:
    """The place with that address."""
    return BackupBucket(address, options, run) if address.startswith(SCHEME) else BackupDirectory(Path(address))


def one(address: str, options: Options, run: Run) -> Backup | None:
    """The backup with that address; None when something else lies there, BadBackup when it is none."""
    parent, _slash, name = address.rstrip("/").rpartition("/")
    if address.startswith(SCHEME):
        if parent + "/" == SCHEME:
            return None
        bucket = BackupBucket(parent, options, run)
        return backups.read(bucket, name) if bucket.objects.one(f"{name}/{MANIFEST}") else None
    path = Path(address).absolute()
    if not (path / MANIFEST).exists() and not path.name.endswith(UNFINISHED):
        return None
    return backups.read(BackupDirectory(path.parent), path.name)


def file(address: str, options: Options, run: Run, scratch: Path) -> Path:
    """Any other dump, with the time that it was written: where it is, or a copy of it in C(scratch)."""
    if not address.startswith(SCHEME):
        return Path(address)
    parent, _slash, name = address.rstrip("/").rpartition("/")
    bucket = BackupBucket(parent, options, run)
    single = bucket.objects.one(name)
    found = [single] if single else bucket.objects.below(name)
    if not found:
        raise errors.Refused(f"there is nothing at {address}", "Name the object of a dump, or the prefix of a backup.")
    if not single and "toc.dat" not in [each.name for each in found]:
        hint = "A backup without its manifest is unfinished; choose another."
        raise errors.BadBackup(f"{address} is neither a backup nor the directory of a dump", hint)
    place = bucket.fetched("", found, scratch) / name if single else bucket.fetched(name, found, scratch)
    written = max(each.modified for each in found).timestamp()
    os.utime(place, (written, written))
    return place
