# SPDX-License-Identifier: GPL-3.0-or-later
"""Beginning a capture: may there be one now, what is it called, and is a database backup due?"""
from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.gathered import rows
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Manifest, Points, name_of

ALWAYS, WHEN_CHANGED, NEVER = "always", "when_changed", "never"
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "releases": {"type": "dict", "required": True},
    "migrations": {"type": "dict", "default": {}},
    "database": {"type": "str", "choices": [ALWAYS, WHEN_CHANGED, NEVER], "default": ALWAYS},
}


def begin(options: Options, run: Run) -> Result:
    """C(point): its id, its directory, when it began, whether databases are backed up. Refused during a rollback, or without a vault."""
    if run.save is None:
        raise Refused(
            "a recovery point holds secrets, and there is nothing to encrypt them with",
            "Run it on the controller, with --vault-password-file or --vault-id (ANSIBLE_VAULT_PASSWORD_FILE in CI).",
        )
    points, now = Points(options["store"]), datetime.now(UTC)
    holder = Lock(points.store.root, options["environment_name"]).other(run.process)
    if holder:
        raise Refused(
            f"a rollback is going on: {holder['by']} holds the lock for {holder['incident']} since {holder['since']}",
            "Capture again when it is over; playbooks/status.yml says how far it is.",
        )
    before = points.all(options["environment_name"])
    name = name_of(now, secrets.token_hex(2))
    directory = points.root / name
    if not run.check:
        points.sweep()
        for folder in ("variables", "cloudfront", "settings"):
            (directory / folder).mkdir(mode=0o700, parents=True)
    due, why = backup_due(options, before)
    return {
        "point": {"id": name, "directory": str(directory), "began_at": moment.iso(now), "backup": due, "backup_why": why},
        "previous": before[-1]["id"] if before else None,
    }


def backup_due(options: Options, before: list[Manifest]) -> tuple[bool, str]:
    """Whether databases are backed up now, and why not. Without a backup to rest on they always are, but for C(never)."""
    if options["database"] == ALWAYS:
        return True, ""
    if options["database"] == NEVER:
        return False, "database: never"
    last = next((point for point in reversed(before) if _backups(point["targets"])), None)
    if last is None:
        return True, ""
    now, _missing = rows({kind: options[kind] for kind in ("releases", "migrations")}, sorted(options["releases"]), "")
    if _code(now) != _code(last["targets"]):
        return True, ""
    return False, f"releases and migrations are those of {last['id']}, which has a backup"


def _backups(targets: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row["database"] for row in targets.values() if (row.get("database") or {}).get("kind") == "backup"]


def _code(targets: Mapping[str, Any]) -> dict[str, Any]:
    """What a database belongs to."""
    return {
        name: ((row.get("release") or {}).get("artifact"), (row.get("migrations") or {}).get("applied"))
        for name, row in targets.items()
        if row.get("release") or row.get("migrations")
    }


BEGIN = Operation(ARGUMENTS, begin)
