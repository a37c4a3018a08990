# SPDX-License-Identifier: GPL-3.0-or-later
"""pgBackRest as a program: what its repository holds of a cluster, and the restore of one backup set into a directory of ours."""
from __future__ import annotations

import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/bin", "/usr/local/bin"))
QUIET = ("--log-level-console=off", "--log-level-file=off", "--log-level-stderr=error")
OURS = ("--no-delta", "--no-link-all", "--reset-link-map", "--reset-tablespace-map", "--reset-recovery-option", "--reset-pg1-host")
"""A configuration may say otherwise, and then files of the live cluster would be written."""


@dataclass(frozen=True)
class BackupSet:
    label: str
    repository: int
    start: datetime
    stop: datetime
    """In whole seconds, cut off."""
    bytes: int
    """Of the whole cluster, when it is restored."""
    damaged: bool
    """Whether pgBackRest has found pages in it with a wrong checksum."""

    @property
    def reaches_from(self) -> datetime:
        """The first moment that it can surely be restored to."""
        return self.stop + timedelta(seconds=1)


class PgBackRest:
    """One stanza in the repositories that a configuration names; C(identity) is what C(Popen) takes, such as another user."""

    def __init__(self, stanza: str, config: str | None, identity: dict[str, Any]) -> None:
        found = shutil.which("pgbackrest", path=PLACES)
        if not found:
            raise Refused("there is no pgbackrest on this machine", "Install it, or run this on the host of the database.")
        self.stanza = stanza
        self.identity = identity
        self._command = [found, *([f"--config={config}"] if config else [])]

    def sets(self, system_identifier: str, tell: Tell) -> list[BackupSet]:
        """Those of that very cluster, oldest first; Refused when the stanza is unknown, or is another cluster's."""
        stanza = self._info(tell)
        ours = {(one["repo-key"], one["id"]) for one in stanza["db"] if str(one["system-id"]) == system_identifier}
        if not ours:
            raise Refused(
                f"the stanza {self.stanza} is not of this server: none of its clusters has the system identifier {system_identifier}",
                "Name the stanza of this server with pgbackrest_stanza.",
            )
        rows = [row for row in stanza.get("backup", []) if (row["database"]["repo-key"], row["database"]["id"]) in ours]
        return sorted((_set(row) for row in rows), key=lambda one: one.stop)

    def last_archived(self, tell: Tell) -> str:
        """The newest segment of the write-ahead log in the archive; empty when there is none."""
        return max((one.get("max") or "" for one in self._info(tell).get("archive", [])), default="")

    def databases(self, one: BackupSet, tell: Tell) -> dict[str, int]:
        """The oid of each database in it, by the name that it had then; empty when this version of pgBackRest does not tell."""
        told = self._info(tell, f"--set={one.label}", f"--repo={one.repository}")
        rows = next((row.get("database-ref") or [] for row in told.get("backup", []) if row["label"] == one.label), [])
        return {row["name"]: int(row["oid"]) for row in rows}

    def restore(
        self, one: BackupSet, data: Path, target: datetime, only: str | None, jobs: int, tell: Tell,
        progress: Callable[[], str], watch: Callable[[], None],
    ) -> None:
        """Into C(data), which is empty; with C(only), other databases than that are there in name only."""
        options = [f"--set={one.label}", f"--repo={one.repository}", f"--pg1-path={data}", "--type=time", f"--target={timestamp(target)}"]
        options += ["--target-action=pause", "--archive-mode=off", f"--tablespace-map-all={data.parent / 'tablespaces'}", *OURS]
        options += [f"--process-max={jobs}", f"--lock-path={data.parent / 'lock'}", "--reset-db-exclude"]
        options += [f"--db-include={only}"] if only else ["--reset-db-include"]
        with Child([*self._stanza(), *options, *QUIET, "restore"], {}, **self.identity) as child:
            if child.wait(tell, progress, watch):
                raise BadBackup(f"pgbackrest cannot restore {one.label}: {child.complaint()}", "Remove the cause, or give another moment.")

    def fetching(self, data: Path) -> str:
        """The C(restore_command) of a cluster in C(data): apart from the live one's own queue and locks."""
        options = [f"--pg1-path={data}", "--no-archive-async", f"--lock-path={data.parent / 'lock'}"]
        quoted = shlex.join([*self._stanza(), *options, *QUIET, "archive-get"]).replace("%", "%%")
        return f'{quoted} %f "%p"'

    def _stanza(self) -> list[str]:
        return [*self._command, f"--stanza={self.stanza}"]

    def _info(self, tell: Tell, *options: str) -> dict[str, Any]:
        rows = self._asked([*self._stanza(), *options], tell)
        found: dict[str, Any] = next((row for row in rows if row.get("name") == self.stanza), {})
        if not found.get("db"):
            there = ", ".join(sorted(row["name"] for row in self._asked(self._command, tell) if row.get("db"))) or "none"
            raise Refused(
                f"pgbackrest knows no stanza {self.stanza}: {found.get('status', {}).get('message', 'missing')}; there are: {there}",
                "Name another one with pgbackrest_stanza, or the file that names its repository with pgbackrest_config.",
            )
        return found

    def _asked(self, command: list[str], tell: Tell) -> list[dict[str, Any]]:
        command = [*command, *QUIET, "--output=json", "info"]
        with tempfile.TemporaryFile() as output, Child(command, {}, stdout=output, **self.identity) as child:
            if child.wait(tell, lambda: "asking pgbackrest what there is"):
                raise Refused(
                    f"pgbackrest does not tell what there is: {child.complaint()}",
                    "Run this as the user that pgbackrest runs as on this machine, such as become_user: postgres.",
                )
            output.seek(0)
            try:
                rows: list[dict[str, Any]] = json.loads(output.read() or b"[]")
            except ValueError:
                raise Refused("pgbackrest info says what nobody can read", "Look at what `pgbackrest info` says.") from None
        return rows


def newest(sets: list[BackupSet], stanza: str, target: datetime) -> BackupSet:
    """The newest set that was finished before C(target), one without damage if there is one; Refused, with what there is."""
    fitting = [one for one in sets if one.reaches_from <= target]
    if fitting:
        return max(fitting, key=lambda one: (not one.damaged, one.stop))
    if not sets:
        raise Refused(f"the stanza {stanza} holds no backup of this server", "Name another stanza, or restore from a dump with source.")
    first = sets[0]
    within = next((f" lies inside the backup {one.label}, and" for one in sets if one.start <= target), "")
    raise Refused(
        f"{moment.iso(target)}{within} is before what can be restored from {stanza}: that begins at {moment.iso(first.reaches_from)}",
        f"Give good_at: {moment.iso(first.reaches_from)} or later, or an older backup with source.",
        reachable={"from": moment.iso(first.reaches_from)},
    )


def timestamp(at: datetime) -> str:
    """As both pgBackRest and PostgreSQL read it, with its time zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00"


def _set(row: dict[str, Any]) -> BackupSet:
    times = [datetime.fromtimestamp(row["timestamp"][name], UTC) for name in ("start", "stop")]
    size = int(row.get("info", {}).get("size", 0))
    return BackupSet(row["label"], int(row["database"]["repo-key"]), times[0], times[1], size, bool(row.get("error")))
