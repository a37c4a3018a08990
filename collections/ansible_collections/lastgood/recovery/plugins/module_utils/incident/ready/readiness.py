# SPDX-License-Identifier: GPL-3.0-or-later
"""All preconditions of a rollback together: judged, shown, and kept by day. READY only where every single one is known to be met."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import SIGNS as OF_VERDICTS
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import READINESS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready import approvers, data, records, releases
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.finding import asked, bad, fine, unknown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.reading import read_store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, condemned_by, write
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import COULD_NOT_VERIFY, EXIT_CODES, NOT_RESTORED, RESTORED
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

READY, NOT_READY, UNKNOWN = "READY", "NOT READY", "UNKNOWN"
CODES = {READY: EXIT_CODES[RESTORED], NOT_READY: EXIT_CODES[NOT_RESTORED], UNKNOWN: EXIT_CODES[COULD_NOT_VERIFY]}
SIGNS = {**OF_VERDICTS, "SKIPPED": "·"}
DAY = 86400.0
OF_DATABASES = ("backups", "restored", "looked", "dropped", "windows")
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "environment_title": {"type": "str"},
    "readings": {"type": "dict", "default": {}},
    "databases": {"type": "list", "elements": "str", "default": []},
    **{name: {"type": "dict", "default": {}} for name in OF_DATABASES},
    "retention": {"type": "dict", "default": {}},
    "approvals": {"type": "dict", "default": {}},
    "policy": {"type": "raw"},
    "telling": {"type": "dict", "default": {}},
    "telling_secrets": {"type": "dict", "default": {}, "no_log": True},
    "deliver": {"type": "bool", "default": True},
    "restore": {"type": "bool", "default": True},
    "limits": {
        "type": "dict",
        "default": {},
        "options": {name: {"type": "float", "default": DAY} for name in ("backup_within", "point_within", "kept_for")},
        "apply_defaults": True,
    },
    "file": {"type": "path"},
}


def judge(checks: Sequence[Check]) -> str:
    """READY where something was looked at and all of it is OK; NOT READY where anything is BAD; UNKNOWN otherwise."""
    verdicts = {check["verdict"] for check in checks} - {"SKIPPED"}
    if "BAD" in verdicts:
        return NOT_READY
    return READY if verdicts == {"OK"} else UNKNOWN


def assess(options: Options, run: Run) -> Result:
    """Every check, none of which hides another; C(exit_code) is 0, 11 or 12. What could not be looked at at all is UNKNOWN."""
    now = datetime.now(UTC)
    limits = {name: timedelta(seconds=seconds) for name, seconds in options["limits"].items()}
    checks = [
        *_of_incidents(options, limits, now, run),
        *_safely("backups", lambda: data.databases(_of_databases(options), limits["backup_within"], options["restore"], now)),
        *_safely("approvals", lambda: approvers.approvers(options["approvals"], options["policy"], now)),
        *_safely("channels", lambda: records.channels(options["telling"], options["telling_secrets"], options["deliver"])),
    ]
    told = _told(options, checks, now)
    if not run.check:
        checks.append(_kept(Store(options["store"]), told, now))
        told = _told(options, checks, now)
        if options["file"]:
            Path(options["file"]).write_text(_text(told), encoding="utf-8")
    passed, total = (sum(check["verdict"] in which for check in checks) for which in (("OK",), ("OK", "BAD", "UNKNOWN")))
    return {
        "verdict": told["verdict"],
        "exit_code": CODES[told["verdict"]],
        "readiness": told,
        "checks": checks,
        "passed": passed,
        "total": total,
        "summary": f"{told['verdict']}: {passed} of {total} preconditions are met",
        "screen": screen(told, passed, total),
    }


def screen(told: Mapping[str, Any], passed: int, total: int) -> list[str]:
    """A line for each target with what it goes back to and until when; then whatever is wrong, with what to do; the verdict last."""
    at = moment.parse(told["at"])
    lines = [f"{told['environment_title']} · {at:%a %d %b %H:%M} UTC"]
    lines += [paragraph(f"  {SIGNS[row['verdict']]} {_line(row)}") for row in told["checks"] if row["verdict"] in ("OK", "SKIPPED")]
    for row in told["checks"]:
        if row["verdict"] in ("BAD", "UNKNOWN"):
            lines.append(paragraph(f"{SIGNS[row['verdict']]} {row['name']}: expected {row['expected']}, got {row['got']}"))
            lines += [paragraph(f"  → {row['todo']}")] if row.get("todo") else []
    sign = {READY: "✔", NOT_READY: "✘", UNKNOWN: "?"}[told["verdict"]]
    return [*lines, f"{sign} {told['verdict']}: {passed} of {total} preconditions are met"]


def _line(row: Mapping[str, Any]) -> str:
    if not row.get("back_to"):
        return f"{row['name']}: {row['got']}" if row["got"] else row["name"]
    until = f"until {moment.short(moment.parse(row['until']))}" if row.get("until") else ""
    pushes = f"for {row['pushes']} more releases" if row.get("pushes") is not None else ""
    return f"{row['name']}: goes back to {row['back_to']}, kept {' and '.join(filter(None, (until, pushes))) or 'as long as nobody says'}"


def _of_incidents(options: Options, limits: Mapping[str, timedelta], now: datetime, run: Run) -> list[Check]:
    """What needs the incident store, and what is to be seen without it as well."""
    readings, environment = options["readings"], options["environment_name"]
    checks: list[Check] = []
    try:
        store = Store(options["store"])
        found = read_store(store)
        mine = found.of(environment)
        going, held = records.going_on(mine, readings)
        condemned = condemned_by(mine)
        checks += [*records.records(found, mine), *going]
        checks += _safely("lock", lambda: [records.lock(store, environment, run.process)])
        checks += _safely("recovery point", lambda: records.points(store, environment, limits["point_within"], now))
    except (RecoveryError, OSError) as error:
        held, condemned = set(), {}
        todo = getattr(error, "hint", "") or "See whether it can be reached."
        checks.append(bad("incident store", "one that can be read", str(error), todo))
    checks += _safely("releases", lambda: releases.releases(readings, condemned, options["retention"], limits["kept_for"], now))
    return [*checks, *_safely("holds", lambda: releases.holds(readings, held))]


def _safely(name: str, look: Callable[[], list[Check]]) -> list[Check]:
    """What the look finds; one that breaks off is UNKNOWN, and hides no other."""
    try:
        return look()
    except (RecoveryError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = error.message if isinstance(error, RecoveryError) else f"{type(error).__name__}: {error}"
        return [unknown(name, "something that can be looked at", why, getattr(error, "hint", "") or "See what the inventory says of it.")]


def _of_databases(options: Options) -> dict[str, dict[str, Any]]:
    """By target, what was asked of it; one that is a database and was asked for nothing is among them."""
    there = [*options["databases"], *(target for target, result in {**options["windows"], **options["backups"]}.items() if asked(result))]
    return {target: {name: options[name].get(target, {"skipped": True}) for name in OF_DATABASES} for target in dict.fromkeys(there)}


def _told(options: Options, checks: Sequence[Check], now: datetime) -> dict[str, Any]:
    return {
        "environment": options["environment_name"],
        "environment_title": options["environment_title"] or options["environment_name"].upper(),
        "at": moment.iso(now),
        "verdict": judge(checks),
        "checks": [{key: value for key, value in check.items() if value is not None} | {"got": check["got"]} for check in checks],
    }


def _kept(store: Store, told: Mapping[str, Any], now: datetime) -> Check:
    """By day, in the incident store: which shows, too, that something can be written there."""
    try:
        (store.root / READINESS).mkdir(parents=True, exist_ok=True)
        write(store.root / READINESS / f"{now:%Y-%m-%d}-{told['environment']}.json", _text(told))
    except (RecoveryError, OSError) as error:
        todo = getattr(error, "hint", "") or "No rollback could begin there."
        return bad("incident store", "one that can be written to", str(error), todo)
    return fine("incident store", "can be written to")


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


ASSESS = Operation(ARGUMENTS, assess)
