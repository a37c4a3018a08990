# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups as they lie in a directory: C(<destination>/<database>/<time>/) with a dump and, written last, the manifest that makes it one."""
from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, size

Manifest = dict[str, Any]
MANIFEST = "manifest.json"
DUMP = "dump"
"""The directory that C(pg_dump -Fd) has written."""
SEALED = "dump.age"
"""An encrypted C(pg_dump -Fc)."""
UNFINISHED = ".unfinished"
VERSION = 1
BLOCK = 1 << 20
NEEDED = ("database", "taken_at", "snapshot", "server", "tables", "sequences", "catalogue", "files", "sum")


@dataclass(frozen=True)
class Backup:
    """One backup that has a manifest of ours."""

    path: Path
    manifest: Manifest

    @property
    def database(self) -> str:
        return str(self.manifest["database"])

    @property
    def taken_at(self) -> datetime:
        return moment.parse(self.manifest["taken_at"])

    @property
    def encrypted(self) -> bool:
        return SEALED in self.manifest["files"]

    @property
    def dump(self) -> Path:
        return self.path / (SEALED if self.encrypted else DUMP)

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.manifest["tables"].values())

    def facts(self) -> dict[str, Any]:
        """What a result says about it."""
        return {
            "path": str(self.path),
            "database": self.database,
            "taken_at": self.manifest["taken_at"],
            "server_version": self.manifest["server"]["version"],
            "size": sum(one["size"] for one in self.manifest["files"].values()),
            "tables": len(self.manifest["tables"]),
            "rows": self.rows,
            "encrypted": self.encrypted,
        }


@contextmanager
def unfinished(destination: Path, database: str, at: datetime) -> Iterator[Path]:
    """A directory to write a backup into; it is gone again unless it got its manifest, and gets its name only then."""
    final = destination / directory_name(database) / at.strftime("%Y%m%dT%H%M%S.%fZ")
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
        shutil.rmtree(fresh, ignore_errors=True)
        raise Refused(f"the backup cannot be written: {error.strerror}", "Make room at the destination, or give another.") from None
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def directory_name(database: str) -> str:
    """A database may be called anything, such as C(..) or C(a/b)."""
    plain = "".join(sign if sign.isalnum() or sign in "-_" else f"%{ord(sign):02x}" for sign in database)
    return plain or "%"


def write(directory: Path, manifest: Manifest) -> None:
    """The manifest, with the SHA-256 of every file that is there by now, and its own; the last thing to be written."""
    manifest = {**manifest, "version": VERSION, "files": hashes(directory)}
    manifest["sum"] = own_sum(manifest)
    captured.write(str(directory / MANIFEST), json.dumps(manifest, indent=1, sort_keys=True))


def own_sum(manifest: Manifest) -> str:
    """The SHA-256 of all that it says but this."""
    said = {name: value for name, value in manifest.items() if name != "sum"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def hashes(directory: Path) -> dict[str, dict[str, Any]]:
    """C(size) and C(sha256) of each file below it, by its relative path."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and path != directory / MANIFEST)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        found = list(pool.map(_hash, files))
    return {str(path.relative_to(directory)): one for path, one in zip(files, found, strict=True)}


def read(path: Path) -> Backup:
    """The backup in that directory; BadBackup, with what is wrong with it, when it is none."""
    manifest_path = path / MANIFEST
    if path.name.endswith(UNFINISHED) or not manifest_path.is_file():
        raise BadBackup(f"{path} is unfinished: it has no {MANIFEST}", "Take another backup; this one cannot be proved to be whole.")
    try:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        backup = Backup(path, manifest)
        missing = [name for name in NEEDED if name not in manifest]
        if missing or manifest["version"] != VERSION or not isinstance(backup.facts(), dict) or not backup.taken_at:
            raise BadBackup(f"{manifest_path} is not a manifest of ours", f"It lacks {', '.join(missing) or 'a known version'}.")
        if manifest["sum"] != own_sum(manifest):
            raise BadBackup(f"{manifest_path} is damaged: it is not what was written", "Choose another backup.")
    except (ValueError, TypeError, LookupError, AttributeError, OSError, Refused) as error:
        if isinstance(error, BadBackup):
            raise
        raise BadBackup(f"{manifest_path} cannot be read", "It is damaged; choose another backup.") from None
    return backup


def found(destination: Path, database: str | None = None) -> tuple[list[Backup], list[tuple[Path, str]]]:
    """The backups below it, oldest first; and what looks like one and is none, with the reason."""
    places = [destination / directory_name(database)] if database else [one for one in _listed(destination) if one.is_dir()]
    backups, others = [], []
    for path in (one for place in places for one in _listed(place) if one.is_dir()):
        try:
            backups.append(read(path))
        except BadBackup as problem:
            others.append((path, problem.message))
    return sorted(backups, key=lambda backup: backup.taken_at), others


def newest(destination: Path, database: str, good_at: str | None) -> Backup:
    """The newest backup, taken at C(good_at) or before when that is given; Refused, saying what there is, when there is none."""
    backups, others = found(destination, database)
    until = moment.parse(good_at) if good_at else datetime.now(UTC)
    fitting = [backup for backup in backups if backup.taken_at <= until]
    if fitting:
        return fitting[-1]
    there = ", ".join(moment.iso(backup.taken_at) for backup in backups[:5]) or "none"
    broken = f"; {len(others)} more are unfinished or damaged" if others else ""
    raise Refused(
        f"no backup of {database} in {destination} was taken before {moment.iso(until)}: there are {there}{broken}",
        "Give another destination or moment, or name the file of a backup with source.",
    )


def damage(backup: Backup, progress: Callable[[int], None] = lambda count: None) -> list[str]:
    """Every file that is not what the manifest says, in words; C(progress) gets the bytes read by each."""
    problems = []
    expected = backup.manifest["files"]
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for name, file in zip(expected, pool.map(partial(_seen, backup.path), expected), strict=True):
            progress(file["size"] if file else 0)
            if file is None:
                problems.append(f"{name} is missing")
            elif file["size"] != expected[name]["size"]:
                problems.append(f"{name} has {size(file['size'])} instead of {size(expected[name]['size'])}")
            elif file != expected[name]:
                problems.append(f"{name} has as many bytes as it should, but others")
    present = {str(path.relative_to(backup.path)) for path in backup.path.rglob("*") if path.is_file()} - {MANIFEST}
    return problems + [f"{name} does not belong to it" for name in sorted(present - set(expected))]


def room(directory: Path) -> int:
    """Free bytes where it is, or will be."""
    while not directory.exists() and directory.parent != directory:
        directory = directory.parent
    return shutil.disk_usage(directory).free


def flush(directory: Path) -> None:
    """To the disk: the names in it, which a rename of ours may otherwise outrun."""
    with suppress(OSError):  # not every file system can
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _seen(directory: Path, name: str) -> dict[str, Any] | None:
    path = directory / name
    return _hash(path) if path.is_file() else None


def _hash(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return {"size": bytes_in(path), "sha256": digest.hexdigest()}


def _listed(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []
