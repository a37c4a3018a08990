# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists backups, and says of each whether it is one: by its content when asked to."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    backup_places,
    backups,
    file_hashes,
    scratch,
    sealing,
    unwrapping,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backups import MANIFEST, Backup
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_reading import read_through
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import several, size
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

ARGUMENTS: dict[str, Any] = {
    "destination": {"type": "path", "required": True},
    "database": {"type": "str"},
    "good_at": {"type": "str"},
    "verify": {"type": "bool", "default": False},
    **sealing.OPENING,
    **backup_places.ARGUMENTS,
    "bin_dir": {"type": "path"},
}
FINISHED, WHOLE, DAMAGED, UNFINISHED = "finished", "whole", "damaged", "unfinished"


def perform(options: Options, run: Run) -> Result:
    """All backups below the destination, oldest first; C(newest) is the one that a restore to C(good_at) would take."""
    there, others = backups.found(backup_places.at(options["destination"], options, run), options["database"])
    until = moment.parse(options["good_at"]) if options["good_at"] else None
    rows = [_row(backup, options, run.tell) for backup in there]
    good = [row for row, one in zip(rows, there, strict=True) if row["state"] != DAMAGED and (until is None or one.taken_at <= until)]
    for address, problem in others:
        state = UNFINISHED if "unfinished" in problem else DAMAGED
        rows.append({"path": address, "state": state, "problems": [problem], "looked_at": "the manifest"})
    bad = len(rows) - len([row for row in rows if row["state"] in (FINISHED, WHOLE)])
    summary = f"{several(len(rows), 'backup')}, {bad} of them damaged or unfinished" if bad else several(len(rows), "backup")
    return {"changed": False, "summary": summary, "backups": rows, "newest": good[-1] if good else None}


def _row(backup: Backup, options: Options, tell: Tell) -> dict[str, Any]:
    row = {**backup.facts(), "state": FINISHED, "problems": [], "looked_at": "the manifest"}
    if not options["verify"]:
        return row
    problems, looked_at = inspected(backup, options, tell)
    return {**row, "state": DAMAGED if problems else WHOLE, "problems": problems, "looked_at": looked_at}


def inspected(backup: Backup, options: Options, tell: Tell) -> tuple[list[str], str]:
    """What is wrong with it, and how closely was looked."""
    tell(f"reading {backup.time} of {backup.database}, {size(backup.size)}")
    with scratch.directory(options["scratch"]) as place:
        files = backup.store.here(backup, place)
        problems = file_hashes.damage(files, backup.manifest["files"], MANIFEST)
        looked_at = "the SHA-256 of every file"
        if problems:
            return problems, looked_at
        try:
            pg_restore = program("pg_restore", backup.manifest["server"]["version_num"] // 10000, options["bin_dir"])
            dump = unwrapping.opened(files / backup.dump, place, sealing.Keys.of(options), tell)
            read_through(dump.path, pg_restore, tell)
        except BadBackup as damage:
            problems = [damage.message]
        except Refused as missing:
            reason = "without its key the dump cannot be read" if backup.encrypted else missing.message
            return problems, f"{looked_at}; {reason}: {missing.message}" if backup.encrypted else f"{looked_at}; {reason}"
    return problems, f"{looked_at}, and every block of the dump"


INFO = Operation(arguments=ARGUMENTS, perform=perform)
