# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending an incident: keep what was rolled back and let pushes go live again, or undo all of it."""
from __future__ import annotations

import secrets
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor import keep_head
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.losing import schema_only
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import ARGUMENTS as ONE_INCIDENT
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened, write_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "scenario": {"type": "str", "required": True},
    "ending": {"type": "str", "required": True, "choices": ["committed", "undone"]},
    "lead": {"type": "str"},
}


def resume(options: Options, run: Run) -> Result:
    """The incident going on, as facts; C(ending) says for each target it touched which release to serve and whether to hold,
    C(measures) for each that it changed otherwise whether that is put back."""
    store = Store(options["store"])
    incident = store.active(options["environment_name"], options["scenario"])
    if incident is None:
        raise Refused(
            f"no {options['scenario']} incident is going on in {options['environment_name']}",
            f"Look into {store.address}: an incident that was committed or undone is over.",
        )
    undo = options["ending"] == "undone"
    touched = incident.touched()
    rows = [row for row in incident.planned() if row["target"] in touched]
    measured = incident.touched(measures=True)
    measures = [row for row in incident.measures() if row["target"] in measured]
    facts = {
        **incident.fields,
        "store": store.address,
        "directory": str(incident.directory),
        "journal": "" if run.check else str(incident.journal.path),
        "run": secrets.token_hex(3),
        "by": options["lead"] or incident.fields["lead"],
        "ending": {
            row["target"]: {"release": _release(row, undo), "hold": row["held"], "trigger": "" if row["held"] else row.get("trigger", "")}
            for row in rows
            if row["from"]
        },
        "measures": {row["target"]: {"put_back": undo, "of": row.get("of", "")} for row in measures},
        "plan": {
            "changes": undo,
            "p0_skips": False,
            "phrase": f"UNDO {incident.fields['environment'].upper()} {incident.fields['scenario']}",
        },
    }
    screen = _screen(incident, rows, measures, undo)
    return {"ansible_facts": {"incident": facts}, "screen": screen, "summary": f"{incident.fields['id']} found"}


def end(options: Options, run: Run) -> Result:
    """Close the incident for good: the next run of the same command opens a new one."""
    incident, state = opened(options), options["state"]
    if not run.check:
        incident.journal.append(state)
        keep_head(incident.journal, incident.fields.get("anchor"))
        incident.update(state=state)
        write_report(incident, [])
        still = Lock(incident.directory.parent, incident.fields["environment"]).release(run.process)
        if still:
            return {"summary": f"{incident.fields['id']} {state}", "warnings": [still]}
    return {"summary": f"{incident.fields['id']} {state}"}


def _release(row: dict[str, Any], undo: bool) -> str:
    """The release to go forward to again; empty where what is serving now stays."""
    return row["from"]["id"] if undo and row["changes"] and not schema_only(row.get("way")) else ""


def _screen(incident: Incident, rows: list[dict[str, Any]], measures: list[dict[str, Any]], undo: bool) -> list[str]:
    title = f"{incident.fields['environment_title']} · {incident.fields['id']} · {incident.fields.get('verdict', 'unfinished')}"
    lines = [title, ""]
    for row in rows:
        release = f"goes forward again to {Release.from_dict(row['from'])}" if _release(row, undo) else "keeps what it serves"
        lines.append(f"  {row['target']:<12} {release}, new pushes {'stay held' if row['held'] else 'go live'}")
    verb, side = ("is put back to", "from") if undo else ("keeps", "to")
    return [*lines, *(f"  {row['target']:<12} {verb} {row[side]['id']}" for row in measures), ""]


RESUME = Operation(ARGUMENTS, resume)
END = Operation({**ONE_INCIDENT, "state": {"type": "str", "required": True, "choices": ["committed", "undone"]}}, end)
