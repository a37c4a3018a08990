# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists backups, and says of each whether it is one: by its content when asked to."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import backup_directory, scratch, sealing
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_directory import Backup
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import read_through
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import several, size
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

ARGUMENTS: dict[str, Any] = {
    "destination": {"type": "path", "required": True},
    "database": {"type": "str"},
    "good_at": {"type": "str"},
    "verify": {"type": "bool", "default": False},
    "age_identity": {"type": "path"},
    "bin_dir": {"type": "path"},
}
FINISHED, WHOLE, DAMAGED, UNFINISHED = "finished", "whole", "damaged", "unfinished"


def perform(options: Options, run: Run) -> Result:
    """All backups below the destination, oldest first; C(newest) is the one that a restore to C(good_at) would take."""
    destination = Path(options["destination"])
    backups, others = backup_directory.found(destination, options["database"])
    until = moment.parse(options["good_at"]) if options["good_at"] else None
    rows = [_row(backup, options, run.tell) for backup in backups]
    good = [row for row, one in zip(rows, backups, strict=True) if row["state"] != DAMAGED and (until is None or one.taken_at <= until)]
    for path, problem in others:
        state = UNFINISHED if "unfinished" in problem else DAMAGED
        rows.append({"path": str(path), "state": state, "problems": [problem], "looked_at": "the manifest"})
    bad = len(rows) - len([row for row in rows if row["state"] in (FINISHED, WHOLE)])
    summary = f"{several(len(rows), 'backup')}, {bad} of them damaged or unfinished" if bad else several(len(rows), "backup")
    return {"changed": False, "summary": summary, "backups": rows, "newest": good[-1] if good else None}


def _row(backup: Backup, options: Options, tell: Tell) -> dict[str, Any]:
    row = {**backup.facts(), "state": FINISHED, "problems": [], "looked_at": "the manifest"}
    if not options["verify"]:
        return row
    problems, looked_at = inspected(backup, options["age_identity"], options["bin_dir"], tell)
    return {**row, "state": DAMAGED if problems else WHOLE, "problems": problems, "looked_at": looked_at}


def inspected(backup: Backup, age_identity: str | None, bin_dir: str | None, tell: Tell) -> tuple[list[str], str]:
    """What is wrong with it, and how closely was looked."""
    tell(f"reading {backup.path.name} of {backup.database}, {size(backup.facts()['size'])}")
    problems = backup_directory.damage(backup)
    looked_at = "the SHA-256 of every file"
    if problems or (backup.encrypted and not age_identity):
        return problems, f"{looked_at}; without its key the dump cannot be read" if backup.encrypted else looked_at
    try:
        pg_restore = program("pg_restore", backup.manifest["server"]["version_num"] // 10000, bin_dir)
    except Refused as missing:
        return problems, f"{looked_at}; {missing.message}"
    try:
        if backup.encrypted:
            with scratch.directory(None) as unwrapped, (unwrapped / "dump").open("xb") as clear:
                sealing.unseal(backup.dump, clear, sealing.identities(age_identity))
                clear.flush()
                read_through(Path(clear.name), pg_restore, tell)
        else:
            read_through(backup.dump, pg_restore, tell)
    except BadBackup as damage:
        problems = [damage.message]
    return problems, f"{looked_at}, and every block of the dump"


INFO = Operation(arguments=ARGUMENTS, perform=perform)
