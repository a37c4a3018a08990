# SPDX-License-Identifier: GPL-3.0-or-later
"""What the evidence says of one incident: its files as they are, the head of its journal, and what was planned, approved, lost and told."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.told import read_told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.evidence import find_evidence
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import read_entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import verify

FROM_ENTRY = ("id", "scenario", "severity", "state", "verdict", "opened_at", "seconds", "rto", "services", "method", "data_loss", "by",
              "approved_by")
OF_A_CHECK = ("name", "verdict", "expected", "got")
OF_A_LOSS = ("target", "how", "seconds", "rows", "newest", "rpo", "judged")


def read_incident(incident: Incident) -> dict[str, Any]:
    """Plain JSON data out of what is stored, and out of nothing else."""
    name, events = incident.directory.name, incident.journal.events()
    entry = read_entry(name, incident.fields, events)
    report = read_report(incident.fields, events, moment.parse(str(events[-1]["at"] if events else incident.fields["opened_at"])))
    plans = [event["plan"] for event in events if event.get("event") == "plan" and event.get("plan")]
    chained = verify(incident.journal.content(), name)
    return {
        **{key: entry[key] for key in FROM_ENTRY},
        "plan": plans[-1] if plans else None,
        "checks": [{**{key: look[key] for key in ("phase", "verdict", "at")},
                    "checks": [{key: check[key] for key in OF_A_CHECK} for check in look["checks"]]}
                   for look in report["looks"]],
        "losses": [{key: loss[key] for key in OF_A_LOSS} for loss in report["losses"]],
        "overridden": report["overridden"],
        "told": read_told(events),
        "journal": {"lines": chained.lines, "head": chained.head, "state": chained.state},
        "files": {one["file"]: one["sha256"] for one in find_evidence(incident)},
    }
