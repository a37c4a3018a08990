# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups wherever they are kept: C(DATABASE/TIME) with a dump and the manifest that makes it one; which there are, and the newest."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sealing import SEALED

Manifest = dict[str, Any]
MANIFEST = "manifest.json"
DUMP = "dump"
"""The directory that C(pg_dump -Fd) has written."""
VERSION = 1
NEEDED = ("database", "taken_at", "snapshot", "server", "tables", "sequences", "catalogue", "files", "sum")
TIME = "%Y%m%dT%H%M%S.%fZ"
AT_ONCE = 8
"""Manifests that are read at the same time."""


class Store(Protocol):
    """A place that backups are kept in."""

    address: str

    def names(self, database: str | None = None) -> list[str]:
        """C(shop/20261122T023000.120000Z) of all that may be backups, of all databases or one."""

    def manifest(self, name: str) -> str:
        """Its text; BadBackup when it has none, or none that can be read."""

    def ready(self) -> None:
        """Refused, or an error of the place, when nothing can be written there."""

    def room(self) -> tuple[str, int]:
        """Where a backup is written at first, and the bytes that are free there."""

    def writing(self, database: str, at: datetime) -> AbstractContextManager[Path]:
        """An empty directory; what is in it at the end, with its manifest, is a backup from then on. Otherwise nothing is left."""

    def here(self, backup: Backup, scratch: Path) -> Path:
        """A directory of this machine with its files: where it is kept, or a copy in C(scratch)."""


@dataclass(frozen=True)
class Backup:
    """One backup that has a manifest of ours."""

    store: Store
    name: str
    manifest: Manifest
    identity: str
    """The same for the same manifest, wherever it is kept."""

    @property
    def address(self) -> str:
        return f"{self.store.address}/{self.name}"

    @property
    def time(self) -> str:
        """Its own part of the name."""
        return self.name.rpartition("/")[2]

    @property
    def database(self) -> str:
        return str(self.manifest["database"])

    @property
    def taken_at(self) -> datetime:
        return moment.parse(self.manifest["taken_at"])

    @property
    def encrypted(self) -> bool:
        return self.dump != DUMP

    @property
    def dump(self) -> str:
        """The name of the dump, a directory or a file, among its files."""
        return next((name for name in SEALED if name in self.manifest["files"]), DUMP)

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.manifest["tables"].values())

    @property
    def size(self) -> int:
        return sum(int(one["size"]) for one in self.manifest["files"].values())

    def facts(self) -> dict[str, Any]:
        """What a result says about it."""
        return {
            "path": self.address,
            "database": self.database,
            "taken_at": self.manifest["taken_at"],
            "server_version": self.manifest["server"]["version"],
            "size": self.size,
            "tables": len(self.manifest["tables"]),
            "rows": self.rows,
            "encrypted": self.encrypted,
        }


def read(store: Store, name: str) -> Backup:
    """The backup of that name; BadBackup, with what is wrong with it, when it is none."""
    return parsed(store, name, store.manifest(name))


def parsed(store: Store, name: str, text: str) -> Backup:
    """The backup whose manifest says that."""
    place = f"{store.address}/{name}/{MANIFEST}"
    try:
        manifest = json.loads(text)
        backup = Backup(store, name, manifest, hashlib.sha256(text.encode()).hexdigest())
        missing = [one for one in NEEDED if one not in manifest]
        if missing or manifest["version"] != VERSION or not isinstance(backup.facts(), dict) or not backup.taken_at:
            raise BadBackup(f"{place} is not a manifest of ours", f"It lacks {', '.join(missing) or 'a known version'}.")
        if manifest["sum"] != own_sum(manifest):
            raise BadBackup(f"{place} is damaged: it is not what was written", "Choose another backup.")
        if any(PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts for file in manifest["files"]):
            raise BadBackup(f"{place} names files that lie elsewhere", "Nobody here wrote it; choose another backup.")
    except (ValueError, TypeError, LookupError, AttributeError, Refused) as error:
        if isinstance(error, BadBackup):
            raise
        raise BadBackup(f"{place} cannot be read", "It is damaged; choose another backup.") from None
    return backup


def own_sum(manifest: Manifest) -> str:
    """The SHA-256 of all that it says but this."""
    said = {name: value for name, value in manifest.items() if name != "sum"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def found(store: Store, database: str | None = None) -> tuple[list[Backup], list[tuple[str, str]]]:
    """All backups there, oldest first; and the address of what looks like one and is none, with the reason."""
    backups, others = [], []
    names = store.names(database)
    for name, one in zip(names, _read(store, names), strict=True):
        if isinstance(one, Backup):
            backups.append(one)
        else:
            others.append((f"{store.address}/{name}", one.message))
    return sorted(backups, key=lambda backup: backup.taken_at), others


def newest(store: Store, database: str, good_at: str | None) -> Backup:
    """The newest backup, taken at C(good_at) or before when that is given; Refused, saying what there is, when there is none."""
    until = moment.parse(good_at) if good_at else datetime.now(UTC)
    dated = {name: at for name in store.names(database) if (at := _time(name)) is None or at <= until}
    renamed = [name for name, at in dated.items() if at is None]
    fitting = [one for one in _read(store, renamed) if isinstance(one, Backup) and one.taken_at <= until]
    # There may be thousands, each an answer away: no more are read than it takes to find a whole one.
    for name in sorted(set(dated) - set(renamed), reverse=True):
        one = next(iter(_read(store, [name])))
        if isinstance(one, Backup) and one.taken_at <= until:
            fitting.append(one)
            break
    if fitting:
        return max(fitting, key=lambda backup: backup.taken_at)
    backups, others = found(store, database)
    there = ", ".join(moment.iso(backup.taken_at) for backup in backups[:5]) or "none"
    broken = f"; {len(others)} more are unfinished or damaged" if others else ""
    raise Refused(
        f"no backup of {database} in {store.address} was taken before {moment.iso(until)}: there are {there}{broken}",
        "Give another destination or moment, or name the file of a backup with source.",
    )


def name(database: str, at: datetime) -> str:
    """That of a backup taken then."""
    return f"{directory_name(database)}/{at.strftime(TIME)}"


def directory_name(database: str) -> str:
    """A database may be called anything, such as C(..) or C(a/b)."""
    plain = "".join(sign if sign.isalnum() or sign in "-_" else f"%{ord(sign):02x}" for sign in database)
    return plain or "%"


def unfinished(address: str) -> BadBackup:
    """What has no manifest is none."""
    return BadBackup(f"{address} is unfinished: it has no {MANIFEST}", "Take another backup; this one cannot be proved to be whole.")


def _read(store: Store, names: Iterable[str]) -> list[Backup | BadBackup]:
    def one(name: str) -> Backup | BadBackup:
        try:
            return read(store, name)
        except BadBackup as problem:
            return problem

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, names))


def _time(name: str) -> datetime | None:
    try:
        return datetime.strptime(name.rpartition("/")[2], TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
