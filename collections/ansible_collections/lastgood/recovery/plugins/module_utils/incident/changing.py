# SPDX-License-Identifier: GPL-3.0-or-later
"""When an incident changed something last, which what is cached has to be newer than."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import ARGUMENTS as ONE_INCIDENT
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

FORGETTING = ("CreateInvalidation",)
"""What changes nothing that could be cached."""


def changed(options: Options, run: Run) -> Result:
    """C(at): the time of the last call that changed something, in any run of the incident; nothing when there was none."""
    if run.check or not options["incident"].get("directory"):
        return {"at": None}
    events = opened(options).journal.events()
    calls = [event for event in events if event["event"] in ("call", "answer") and event.get("method") not in FORGETTING]
    return {"at": calls[-1]["at"] if calls else None}


CHANGED = Operation(ONE_INCIDENT, changed)
