# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening an incident, or taking the one up again that the same command opened before."""
from __future__ import annotations

import getpass
import os
import secrets
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import checklist_files, contacts, requirements
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.awx_workflow import in_awx
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, short
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points

ARGUMENTS: dict[str, Any] = {
    "store": {"type": "path", "default": "incidents", "fallback": (env_fallback, ["LASTGOOD_INCIDENTS"])},
    "environment_name": {"type": "str", "required": True},
    "environment_title": {"type": "str"},
    "scenario": {"type": "str", "required": True},
    "severity": {"type": "str", "choices": ["P0", "P1", "P2", "P3"]},
    "reason": {"type": "str", "default": ""},
    "lead": {"type": "str"},
    "bad_at": {"type": "str"},
    "good_at": {"type": "str"},
    "since": {"type": "str"},
    "point": {"type": "str"},
    "rto": {"type": "float"},
    "drill": {"type": "bool", "default": False},
    "inventory": {"type": "path"},
    "anchor": {"type": "str", "fallback": (env_fallback, ["LASTGOOD_ANCHOR"])},
    "decision": {"type": "dict"},
    "objectives": {"type": "dict", "default": {}},
    "checklists": {"type": "list", "elements": "raw", "default": [checklist_files.DEFAULT]},
    **contacts.ARGUMENTS,
}
RULES = {"mutually_exclusive": [["bad_at", "good_at", "point"]]}


def open_incident(options: Options, run: Run) -> Result:
    """The incident as facts. Times are settled here once, so that every later run of the incident goes back to the same moment."""
    store, now = Store(options["store"]), datetime.now(UTC)
    lead = options["lead"] or user()
    read = {"bad_at": moment.last_of, "good_at": moment.parse}
    wanted = {key: moment.iso(as_moment(options[key], now)) for key, as_moment in read.items() if options[key]}
    if options["point"]:  # its backup is taken while it is read, and nothing was deployed until the end of that
        wanted["good_at"] = Points(options["store"]).find(options["point"], options["environment_name"])["read_until"]
    incident = store.active(options["environment_name"], options["scenario"])
    resumed = incident is not None  # as opposed to one that has waited for an approval, and has changed nothing
    incident = incident or store.awaiting(options["environment_name"], options["scenario"], wanted, moment.iso(now))
    known = incident is not None
    fields = dict(incident.fields) if incident else _new_fields(options, wanted, lead, now)
    if incident:
        _same_moment(fields, wanted)
    requirements.decided(options["decision"])
    newer = {key: options[key] for key in ("severity", "decision") if options[key] not in (None, fields.get(key))}
    fields |= newer
    this_run = secrets.token_hex(3)
    if not run.check:
        incident = incident or store.create(now, options["scenario"], fields)
        incident.run = this_run
        if known and newer:
            incident.update(**newer)
        fields = incident.fields
        incident.journal.append("resumed" if known else "opened", by=lead)
    facts = {
        **fields,
        "id": fields.get("id", "check mode, no incident"),
        "store": store.address,
        "directory": str(incident.directory) if incident and not run.check else "",
        "journal": str(incident.journal.path) if incident and not run.check else "",
        "run": this_run,
        "resumed": resumed,
        "touched": sorted(incident.touched()) if incident and resumed else [],
        "measured": sorted(incident.touched(measures=True)) if incident and resumed else [],
        "condemned": store.condemned(options["environment_name"]),
        "by": lead,
        "user": user(),
    }
    result: Result = {"ansible_facts": {"incident": facts}}
    return {**result, "summary": f"{facts['id']} is taken up again"} if known else result


def user() -> str:
    """Who runs this; in a container the number may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _new_fields(options: Options, wanted: dict[str, str], lead: str, now: datetime) -> dict[str, Any]:
    since = moment.iso(moment.parse(options["since"])) if options["since"] else None
    return {
        "environment": options["environment_name"],
        "environment_title": options["environment_title"] or options["environment_name"].upper(),
        "scenario": options["scenario"],
        "severity": options["severity"] or "P1",
        "reason": options["reason"],
        "lead": lead,
        "opened_at": moment.iso(now),
        "bad_at": wanted.get("bad_at") or since or wanted.get("good_at") or moment.iso(now),
        "good_at": wanted.get("good_at"),
        "moment_given": bool(wanted),
        "rto": options["rto"],
        "inventory": _inventory(options["inventory"], options["environment_name"]),
        **({"anchor": options["anchor"]} if options["anchor"] else {}),
        "objectives": options["objectives"],
        "checklists": checklist_files.settled(options["checklists"]),
        **{name: options[name] for name in contacts.ARGUMENTS if options.get(name)},
        **({"drill": True} if options["drill"] else {}),
        "state": "open",
    }


def _inventory(given: str | None, environment: str) -> str | None:
    """As it is typed; in AWX the one that C(awx/) has made AWX's copy of, as the copy is gone after the job."""
    if given and in_awx():
        return f"inventories/{environment}"
    return short(given) if given else None


def _same_moment(fields: dict[str, Any], wanted: dict[str, str]) -> None:
    for key, value in wanted.items():
        if fields.get(key) != value:
            raise Refused(
                f"incident {fields['id']} is open since {fields['opened_at']} with {key} {fields.get(key)}, not {value}",
                f"Leave {key} out to go on with it, or end it first: {command(fields, 'commit')}",
            )


OPEN = Operation(ARGUMENTS, open_incident, RULES)
