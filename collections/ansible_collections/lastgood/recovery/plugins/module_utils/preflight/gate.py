# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate before a deployment: everything that must be so, each with what to do where it is not. Changes nothing."""
from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import outside
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import SIGNS, Check, checked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points
from ansible_collections.lastgood.recovery.plugins.module_utils.preflight import commands, saved, standing
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release, is_commit
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction
from ansible_collections.lastgood.recovery.plugins.module_utils.validation import CODES

COMMAND: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "run": {"type": "str", "required": True},
    "directory": {"type": "path"},
    "timeout": {"type": "float", "default": 900},
}
FREEZE: dict[str, Any] = {
    "from": {"type": "str", "required": True},
    "to": {"type": "str", "required": True},
    "reason": {"type": "str"},
}
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "readings": {"type": "dict", "default": {}},
    "backups": {"type": "dict", "default": {}},
    "point_within": {"type": "str", "default": "1 h"},
    "backup_within": {"type": "str", "default": "24 h"},
    "staging": {"type": "list", "elements": "str", "default": []},
    "commit": {"type": "str"},
    "commands": {"type": "list", "elements": "dict", "default": [], "options": COMMAND},
    "freezes": {"type": "list", "elements": "dict", "default": [], "options": FREEZE},
    "secrets": {"type": "dict", "no_log": True, "default": {}},
}


def gate(options: Options, run: Run) -> Result:
    """All lines together; C(exit_code) is 0, 11 when something stands in the way, 12 when something gave no answer."""
    now, store = datetime.now(UTC), Store(options["store"])
    environment = options["environment_name"]
    checks = [
        standing.incidents(store, environment),
        standing.lock(store, environment),
        *standing.pushes(options["readings"]),
        standing.freeze(options["freezes"], now),
        saved.point(Points(options["store"]), environment, _seconds("point_within", options), now),
        *saved.backups(options["backups"], _seconds("backup_within", options), now),
        *_staging(options["staging"], options["commit"]),
        *_commands(options, run),
    ]
    result = found(checks, "checks", "pass")
    headline = f"{SIGNS[result['verdict']]} {result['verdict']}: {result['passed']} of {result['total']} checks before a deployment pass"
    lines = [line for check in checks for line in _lines(check)]
    return {**result, "exit_code": CODES[result["verdict"]], "screen": [*lines, headline]}


def _seconds(name: str, options: Options) -> float:
    try:
        return duration.seconds(options[name])
    except ValueError as error:
        raise Refused(f"preflight.{name}: {error}", "Correct it in the inventory.") from None


def _staging(urls: list[str], commit: str | None) -> list[Check]:
    """Every address of staging shows the commit that is to be deployed."""
    if not urls:
        return []
    if not is_commit(commit or ""):
        got = f"{commit} is no whole commit" if commit else "nobody said which commit that is"
        todo = "Name it: -e commit=$(git rev-parse HEAD)"
        return [checked("staging", "UNKNOWN", expected="the commit that is to be deployed", got=got, todo=todo)]
    at = datetime.now(UTC)
    release = Release(str(commit), str(commit), at, at, True)
    seen = outside.look_at_all([(url, release) for url in urls])
    return [
        checked(f"staging at {url}", verdict, expected=str(release), got=words or f"serves {release}", todo="Deploy it to staging first.")
        for url, (verdict, words) in zip(urls, seen, strict=True)
    ]


def _commands(options: Options, run: Run) -> list[Check]:
    """Not in check mode: nobody knows what they change."""
    if run.check:
        return [checked(f"command {command['name']}", "SKIPPED", got="not run in check mode") for command in options["commands"]]
    hide = Redaction()
    hide.learn(options["secrets"])
    hide.learn_named(dict(os.environ))
    return [commands.perform(command, hide, run.tell) for command in options["commands"]]


def _lines(check: Check) -> list[str]:
    """A line, for what is not well the end of its output and what to do about it."""
    if check["verdict"] in ("OK", "SKIPPED"):
        return [paragraph(f"{SIGNS.get(check['verdict'], '-')} {check['name']}: {check['got']}")]
    shown = [f"    {line}" for line in (check["body"] or "").splitlines()]
    said = paragraph(f"{SIGNS[check['verdict']]} {check['name']}: expected {check['expected']}, got {check['got']}")
    return [*shown, said, paragraph(f"  → {check['todo']}")]


GATE = Operation(ARGUMENTS, gate)
