# SPDX-License-Identifier: GPL-3.0-or-later
"""Beginning a drill: what breaks, whether it may, and what an earlier one has left behind."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.failure import FAILURE, LIST, Failure, chosen, distinct, new_seed
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.listed import BEGUN, GIVEN_UP
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drills
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import user
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "environment_title": {"type": "str"},
    "failures": {"type": "list", "elements": "dict", "required": True, "options": FAILURE},
    "failure": {"type": "str", "required": True},
    "seed": {"type": "str"},
    "allowed": {"type": "bool", "default": False},
}


def begin(options: Options, run: Run) -> Result:
    """The drill, written down as begun before anything is broken. With C(list) only what there is."""
    failures, environment = options["failures"], options["environment_name"]
    title = options["environment_title"] or environment.upper()
    if options["failure"] == LIST:
        distinct(failures)
        return {"listed": True, "screen": listed(title, failures), "summary": f"{len(failures)} failures"}
    if not options["allowed"]:
        raise Refused(
            f"{environment} is no place for drills: its inventory does not allow any",
            "Drill in the sandbox or in staging; drills: {allowed: true} in the inventory allows it.",
        )
    distinct(failures)
    seed = options["seed"] or new_seed()
    failure = chosen(failures, options["failure"], seed)
    store = Store(options["store"])
    drills = Drills(store, environment)
    left = left_by_drills(store, environment, run)
    now = datetime.now(UTC)
    drill = {
        "id": f"{now:%Y-%m-%dT%H%M%S}-{failure['name']}",
        "environment": environment,
        **{key: failure[key] for key in ("says", "scenario", "tier", "playbook", "repair")},
        "failure": failure["name"],
        "seed": seed,
        "by": user(),
        "began_at": moment.iso(now),
        "state": BEGUN,
    }
    unfinished = [row for row in drills.read() if row["state"] == BEGUN]
    if not run.check:
        drills.lock.take({"by": drill["by"], "environment": environment, "incident": drill["id"], "reason": failure["says"]}, run.process)
        rows = drills.read()
        unfinished = [row for row in rows if row["state"] == BEGUN]
        for row in unfinished:
            row["state"] = GIVEN_UP
        drills.write([*rows, drill])
    repair = [one for row in unfinished for one in row.get("repair") or []]
    screen = [
        f"DRILL · {title} · {failure['name']} (seed {seed})",
        paragraph(f"{failure['says']}. {failure['playbook']} answers it."),
        *(paragraph(f"The drill {row['id']} did not come to its end; what it broke is repaired first.") for row in unfinished),
    ]
    return {
        "changed": True,
        "listed": False,
        "drill": drill,
        "failure": failure,
        "left": left,
        "repair": list(dict.fromkeys(repair)),
        "screen": screen,
        "summary": f"{failure['name']} is drilled",
    }


def left_by_drills(store: Store, environment: str, run: Run) -> list[str]:
    """The scenarios of earlier drills' incidents that nobody has ended; Refused when an incident is no drill's, or somebody is at it."""
    holder = Lock(store.root, environment).other(run.process)
    if holder:
        raise Refused(
            f"{environment} is being rolled back by {holder['by']} since {holder['since']} ({holder['incident']})",
            "Begin the drill when that is over.",
        )
    going = [incident for incident in store.incidents(environment) if incident.fields["state"] in GOING_ON]
    for incident in going:
        if incident.fields.get("drill") is not True:
            facts = {**incident.fields, "id": incident.directory.name}
            raise Refused(
                f"incident {facts['id']} is going on in {environment}, and it is no drill",
                f"End it first: {command(facts, 'commit')} (keep it) or {command(facts, 'undo')}.",
            )
    return sorted({str(incident.fields["scenario"]) for incident in going})


def listed(title: str, failures: Sequence[Failure]) -> list[str]:
    """Each with what it does and what answers it."""
    wide = max(len(failure["name"]) for failure in failures)
    lines = [f"{title}: what a drill can break (-e failure=NAME, or any)"]
    lines += [f"  {failure['name']:<{wide}}  {failure['says']}{'' if failure['by_chance'] else ' *'}" for failure in failures]
    if not all(failure["by_chance"] for failure in failures):
        lines.append("  * only by name, never by chance")
    return lines


BEGIN = Operation(ARGUMENTS, begin)
