# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping the logs of the release that an incident took out of service, as long as the vendor has them."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import logs
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import ARGUMENTS as ONE_INCIDENT
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened, taken_out
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import keep as keep_file
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

ARGUMENTS: dict[str, Any] = {
    **ONE_INCIDENT,
    **ANY.arguments_of("logs"),
    "target": {"type": "str", "required": True},
    "secrets": {"type": "dict", "no_log": True, "default": {}},
    "lines": logs.ARGUMENTS["lines"],
    "timeout": {"type": "float", "default": 8},
    "quiet": {"type": "float", "default": 0.5},
}


def keep(options: Options, run: Run) -> Result:
    """Once for each target that went back; never an error, because a rollback that worked must not end with one."""
    if run.check:
        return {}
    incident, target = opened(options), options["target"]
    directory = incident.directory / "logs"
    row = next((row for row in incident.planned() if row["target"] == target and row["from"]), None)
    if row is None or target not in taken_out(incident, incident.journal.events()) or _kept(directory, target):
        return {}
    wish = {
        **dict.fromkeys(("at", "since", "until")),
        **{name: options[name] for name in ("lines", "timeout", "quiet")},
        "release": row["from"]["id"],
        "dest": str(directory),
        "name": target,
        "redact": [str(value) for value in options["secrets"].values()],
    }
    try:
        result = {**logs.collect(ANY.connect("logs", options, run), wish, run), "changed": False}
        for path in directory.glob(f"{target}.*"):
            keep_file(path)
        return result
    except Exception as error:  # whatever it is
        why = error.message if isinstance(error, RecoveryError) else type(error).__name__
        return {"summary": f"! no logs of {Release.from_dict(row['from'])}: {why}", "files": {}, "missing": {"all": why}}


def _kept(directory: Path, target: str) -> bool:
    return any((directory / f"{target}.{file}").exists() for file in logs.FILES.values())


KEEP = Operation(ARGUMENTS, keep)
