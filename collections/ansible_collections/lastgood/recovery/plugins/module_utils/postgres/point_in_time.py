# SPDX-License-Identifier: GPL-3.0-or-later
"""One database as it was at a moment: its cluster is restored beside by pgBackRest and stopped then, and the database dumped from it."""
from __future__ import annotations

import hashlib
import os
import pwd
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError, Incomplete, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    backup,
    backup_places,
    backups,
    scratch_cluster,
    sealing,
    source,
    wal_archive,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import DIRECTORY, DumpFile
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.pgbackrest import PgBackRest, newest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, growing, size
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.source import Source

ARGUMENTS: dict[str, Any] = {"pgbackrest_stanza": {"type": "str"}, "pgbackrest_config": {"type": "path"}}
MODES = ("beside", "ready_copy")
ABOUT = """
SELECT now(), (SELECT rolname FROM pg_roles WHERE oid = 10),
       coalesce((SELECT pg_database_size(oid) FROM pg_database WHERE datname = %s), 0),
       current_setting('full_page_writes')
"""
OIDS = "SELECT datname, oid::int8 FROM pg_database"
AROUND = 100_000_000
"""Bytes of a cluster besides the database that is wanted: catalogues, write-ahead log."""
DUMP_SHARE = 0.5
"""Of the database's size, for its dump."""
FLOOR = 0.1
"""Of the room that was needed: with less left the restore is broken off, before a live server on that disk finds no room."""


def planned(options: Options, live: Server, directory: Path, run: Run) -> Source:
    """The moment and the backup set that it will be restored from; it is fetched when it is known to be needed."""
    if options["mode"] not in MODES:
        raise Refused(f"a moment is not restored with mode {options['mode']}", "Leave mode out: it is restored beside, and swapped.")
    return PointInTime(options, live, directory, run).planned()


class PointInTime:
    """C(directory) is ours, for as long as the module runs."""

    def __init__(self, options: Options, live: Server, directory: Path, run: Run) -> None:
        self.options, self.live, self.directory, self.run = options, live, directory, run
        self.database = options["from_database"] or live.database
        self.target = moment.parse(options["good_at"])
        with live.connect(live.maintenance_database) as connection, understood("looking at the server"):
            row: Any = connection.execute(ABOUT, [live.database]).fetchone()
        now, self.superuser, self.bytes, whole_pages = row
        if self.target > now:
            raise Refused(f"{moment.iso(self.target)} lies ahead: the server's clock shows {moment.iso(now)}", "Give an earlier moment.")
        self.postgres = program("postgres", live.major, options["bin_dir"])
        self.identity = _identity(live)
        self.pgbackrest = PgBackRest(options["pgbackrest_stanza"], options["pgbackrest_config"], self.identity)
        self.set = newest(
            self.pgbackrest.sets(live.identity["system_identifier"], run.tell),
            self.pgbackrest.stanza,
            self.target,
        )
        # Replay stops at a page that was left out, unless the log holds all of it.
        known = self.pgbackrest.databases(self.set, run.tell) if whole_pages == "on" else {}
        self.oid = known.get(self.database)
        self.facts = {"stanza": self.pgbackrest.stanza, "set": self.set.label, "target": moment.iso(self.target), "reached": None}
        self.bytes = self.bytes or self.set.bytes  # the database may be gone
        whole = min(self.bytes + AROUND, self.set.bytes) if self.oid else self.set.bytes
        self.need = int(1.1 * whole + DUMP_SHARE * self.bytes)

    def planned(self) -> Source:
        free = shutil.disk_usage(self.directory).free
        if free < self.need:
            raise Refused(
                f"{self.directory.parent} has {size(free)} left, and the cluster beside and the dump need {size(self.need)}",
                "Make room there, or name a directory on another disk with scratch.",
            )
        told = f"{self.live.identity['system_identifier']} {self.database} {self.target.isoformat()}"
        return Source(
            DumpFile(self.directory / backups.DUMP, DIRECTORY),
            hashlib.sha256(told.encode()).hexdigest(),
            self.target,
            "pgBackRest",
            words=f"{self.database} as it was at {moment.iso(self.target)} (pgBackRest {self.pgbackrest.stanza}, {self.set.label})",
            expected_bytes=self.bytes,
            point_in_time=self.facts,
            fetch=self._fetched,
        )

    def _fetched(self, wanted: Source) -> Source:
        """Dumped, and read back. With a destination it stays there, and is not fetched a second time."""
        home = self.options["destination"] or str(self.directory)
        address = f"{home}/{backups.name(self.database, self.target)}"
        if backup_places.one(address, self.options, self.run) is None:
            wal_archive.closed(self.live, self.run.tell)
            if not self._dumped(home, self.database if self.oid else None):
                self.run.tell(f"{self.database} was another database when {self.set.label} was taken: restoring all of the cluster")
                self._dumped(home, None)
        options = {**self.options, "source": address, "from_database": self.database}
        found = source.chosen(options, self.database, self.live.major, self.directory, self.run.tell)
        return replace(wanted, dump=found.dump, backup=found.backup, point_in_time=self.facts, fetch=None)

    def _dumped(self, destination: str, only: str | None) -> bool:
        """Whether it could be: with C(only), what pgBackRest leaves empty may by now have that name."""
        home = self.directory / "cluster"
        shutil.rmtree(home, ignore_errors=True)
        for path in (home, home / "data", home / "tablespaces", home / "log", home / "lock"):
            path.mkdir(mode=0o700)
            scratch_cluster.given(path, self.identity)
        self.directory.chmod(0o711)  # the user that the programs run as goes through it
        jobs = self.options["jobs"] or min(os.cpu_count() or 1, 8)
        told = growing(lambda: bytes_in(home), f"restoring {self.set.label}")
        self.pgbackrest.restore(self.set, home / "data", self.target, only, jobs, self.run.tell, told, self._watch)
        options = {**self.options, "login_user": self.superuser, "login_db": self.database, "maintenance_db": "template1"}
        try:
            with scratch_cluster.at_moment(
                home, self.postgres, self.target, self.pgbackrest.fetching(home / "data"), self._settings(home), options, self.identity,
                self.run.tell, self._watch,
            ) as (server, reached, snapshot):  # fmt: skip
                with server.connect(server.maintenance_database) as connection, understood("looking which databases there were"):
                    there = dict(connection.execute(OIDS).fetchall())
                if self.database not in there:
                    others = ", ".join(sorted(there))
                    raise Refused(f"there was no database {self.database} then: there were {others}", "Give its name with from_database.")
                if only and there[self.database] != self.oid:
                    return False
                last = moment.iso(reached) if reached else None
                self.facts = {**self.facts, "reached": last}
                self.run.tell(f"{moment.iso(self.target)} is reached; the last commit until then: {last or 'before the backup'}")
                self._backed_up(server, destination, snapshot)
        except scratch_cluster.EndedEarly as early:
            raise self._too_late(early) from None
        finally:
            shutil.rmtree(home, ignore_errors=True)
        return True

    def _backed_up(self, server: Server, destination: str, snapshot: str | None) -> None:
        options = {
            **self.options,
            "destination": destination,
            **{name: argument.get("default") for name, argument in sealing.SEALING.items()},
            "verify": bool(self.options["destination"]),
        }
        backup.taken(server, options, replace(self.run, record=lambda event, **fields: None), of=backup.Moment(self.target, snapshot))

    def _settings(self, home: Path) -> dict[str, int]:
        """The greater of what the live server has now, and what this one had when the backup was taken."""
        names = list(scratch_cluster.AT_LEAST)
        with self.live.connect(self.live.maintenance_database) as connection, understood("reading the server's settings"):
            now = dict(connection.execute("SELECT name, setting::int FROM pg_settings WHERE name = ANY(%s)", [names]).fetchall())
        then = scratch_cluster.controlled(home, program("pg_controldata", self.live.major, self.options["bin_dir"]), self.identity)
        return {name: max(now.get(name, 0), then.get(name, 0)) for name in names}

    def _watch(self) -> None:
        if shutil.disk_usage(self.directory).free < FLOOR * self.need:
            words = f"the disk of {self.directory.parent} is nearly full, so that the restore was broken off"
            raise Incomplete(words, "Make room there first, or name another directory with scratch.")

    def _too_late(self, early: scratch_cluster.EndedEarly) -> Refused:
        last, here = self.pgbackrest.last_archived(self.run.tell), early.segment or "the backup's own"
        gap = last[8:] > early.segment[8:]
        why = f"the segment after {here} is missing, although {last} is there" if gap else f"nothing after {here} is archived"
        reachable = moment.iso(early.reachable) if early.reachable else None
        return Refused(
            f"{moment.iso(self.target)} cannot be reached: in the archive of {self.pgbackrest.stanza} "
            f"{f'the last commit is of {moment.iso(early.last)}' if early.last else 'there is no commit after the backup'}; {why}",
            (f"Give good_at: {reachable} or earlier" if reachable else "Restore from a dump with source")
            + ("." if gap else "; or have the server archive the rest, by SELECT pg_switch_wal(), and run the same command again."),
            reachable={"to": reachable},
        )


def _identity(live: Server) -> dict[str, Any]:
    """As C(Popen) takes it. Neither PostgreSQL nor what it calls runs as root: then they run as the owner of the live cluster."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    try:
        with live.connect(live.maintenance_database) as connection, understood("asking where the server's data is"):
            (directory,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        owner = os.stat(directory)
        account = pwd.getpwuid(owner.st_uid)
    except (DatabaseError, OSError, KeyError):
        owner = None
    if owner is None or owner.st_uid == 0:
        raise Refused("PostgreSQL does not run as root, and whose the cluster is cannot be seen", "Run this with become_user: postgres.")
    return {"cwd": "/", "user": owner.st_uid, "group": owner.st_gid, "extra_groups": os.getgrouplist(account.pw_name, owner.st_gid)}
