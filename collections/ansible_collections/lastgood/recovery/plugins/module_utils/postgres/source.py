# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be restored: a backup of ours with its manifest, or any dump, all of it read before anything else happens."""
from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    backup_places,
    backups,
    dump_date,
    dump_file,
    dump_reading,
    file_hashes,
    sealing,
    sql_text,
    unwrapping,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backups import MANIFEST, Backup
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import PLAIN, DumpFile
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sealing import Keys
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import size
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell


@dataclass(frozen=True)
class Source:
    """A dump that was read to its end, and what is known of it."""

    dump: DumpFile
    identity: str
    """The same for the same content, wherever it lies."""
    at: datetime
    """When it was taken."""
    dated_by: str
    """Where that is known from."""
    backup: Backup | None = None
    contents: sql_text.Contents | None = None
    fetch: Callable[[Source], Source] | None = None
    """Gets the dump, where that takes long and is left until it is known to be needed."""
    words: str = ""
    expected_bytes: int = 0
    point_in_time: dict[str, Any] | None = None
    """C(stanza), C(set), C(target) and C(reached), the last commit."""

    @property
    def name(self) -> str:
        """As people are told of it."""
        if self.words:
            return self.words
        if self.backup:
            return f"the backup {self.backup.time} of {self.backup.database}"
        return f"a {self.dump.form} dump"

    @property
    def roles(self) -> set[str]:
        return set(self.backup.manifest["roles"]) if self.backup else self.contents.roles if self.contents else set()

    @property
    def extensions(self) -> set[str]:
        return set(self.backup.manifest["extensions"]) if self.backup else self.contents.extensions if self.contents else set()

    @property
    def major(self) -> int:
        """Of the server that it was dumped from; 0 when it does not say."""
        if self.backup:
            return int(self.backup.manifest["server"]["version_num"]) // 10000
        return self.contents.dumped_from if self.contents else 0

    @property
    def bytes(self) -> int:
        """About as many will be on the server."""
        if self.backup:
            return int(self.backup.manifest["size"])
        return 2 * self.contents.bytes if self.contents else self.expected_bytes


def chosen(options: Options, database: str, major: int, scratch: Path, tell: Tell) -> Source:
    """The backup or dump that the options name, proved to be whole; BadBackup when it is not."""
    wanted = options["from_database"] or database
    run, keys = Run(tell=tell), sealing.Keys.of(options)
    if options["source"]:
        backup = backup_places.one(options["source"], options, run)
        if backup is None:
            return _foreign(backup_places.file(options["source"], options, run, scratch), keys, options, major, scratch, tell)
    else:
        backup = backups.newest(backup_places.at(options["destination"], options, run), wanted, options["good_at"])
    if backup.database != wanted:
        raise Refused(
            f"{backup.address} is a backup of {backup.database}, not of {wanted}",
            f"If it is the right one all the same, say so with from_database: {backup.database}.",
        )
    tell(f"reading {backup.time}, {size(backup.size)}")
    files = backup.store.here(backup, scratch)
    damage = file_hashes.damage(files, backup.manifest["files"], MANIFEST)
    if damage:
        raise BadBackup(f"{backup.address} is damaged: {'; '.join(damage[:3])}", "Choose another backup.")
    dump = unwrapping.opened(files / backup.dump, scratch, keys, tell)
    _readable(dump, major)
    return Source(dump, backup.identity, backup.taken_at, dump_date.MANIFEST, backup=backup)


def _foreign(path: Path, keys: Keys, options: Options, major: int, scratch: Path, tell: Tell) -> Source:
    """A dump that somebody else has made: what it holds is counted in it."""
    dump = unwrapping.opened(path, scratch, keys, tell)
    _readable(dump, major)
    pg_restore = "" if dump.kind == PLAIN else program("pg_restore", major, options["bin_dir"])
    contents = dump_reading.contents(dump, pg_restore, tell)
    problems = list(contents.problems)
    if not contents.complete and not problems:
        problems = ["its last line is missing, so that it is cut off" if contents.statements else "it is no dump of a database"]
    if problems:
        raise BadBackup(f"{options['source']} cannot be restored: {problems[0]}", "Choose another backup.")
    newer = max(contents.dumped_from if dump.kind != PLAIN else 0, contents.dumped_by)
    if newer > major:
        raise Refused(
            f"{options['source']} was dumped for PostgreSQL {newer}, and this server is {major}",
            f"Restore it on a server of version {newer} or later, or dump it again with pg_dump {major}.",
        )
    at, dated_by = dump_date.of(dump, contents.started, path)
    if options["good_at"] and at > moment.last_of(options["good_at"]):
        raise Refused(
            f"{options['source']} was taken at {moment.iso(at)} (by {dated_by}), after {options['good_at']}",
            "Name an older dump, or leave good_at out.",
        )
    return Source(dump, _digest(path), at, dated_by, contents=contents)


def _readable(dump: DumpFile, major: int) -> None:
    """Refused when the clients of the server's version cannot read it; newer ones would write what the server does not know."""
    if dump.kind == PLAIN:
        return
    version, newest = dump_file.archive_version(dump), dump_file.NEWEST_ARCHIVE.get(major, 16)
    if version > newest:
        raise Refused(
            f"{dump.path} is an archive of version 1.{version}, and PostgreSQL {major} reads them up to 1.{newest}",
            f"It was dumped by a newer pg_dump: restore it on a newer server, or dump it again with pg_dump {major}.",
        )


def _digest(path: Path) -> str:
    files = file_hashes.of(path) if path.is_dir() else {path.name: file_hashes.one(path)}
    return hashlib.sha256("".join(sorted(one["sha256"] for one in files.values())).encode()).hexdigest()
