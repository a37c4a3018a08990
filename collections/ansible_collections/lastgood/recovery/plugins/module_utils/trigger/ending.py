# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of an alert that was acted upon, or put to people, and what serves then."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import APPROVAL_MISSING
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.deciding import serves
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.record import (
    ACTED,
    ACTING,
    ASKED,
    NOTHING,
    Row,
    State,
    Triggers,
    row_of,
)

ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "trigger": {"type": "dict", "required": True},
    "answer": {"type": "dict", "default": {}},
    "outcome": {"type": "str", "default": NOTHING, "choices": [NOTHING, ACTING, ASKED]},
    "bad_at": {"type": "str"},
    "played": {"type": "dict", "default": {}},
    "readings": {"type": "dict", "default": {}},
}


def end(options: Options, run: Run) -> Result:
    """C(exit_code) is 0 where nothing was set off, 13 where people are asked, and otherwise that of the playbook that acted."""
    played, outcome = options["played"], options["outcome"]
    incident = played.get("incident") or {}
    code = {NOTHING: 0, ASKED: APPROVAL_MISSING}.get(outcome, played.get("code", 2))
    if outcome == ASKED and played.get("code") not in (None, APPROVAL_MISSING):
        code = played["code"] or APPROVAL_MISSING
    serving = serves(options["readings"])
    now = datetime.now(UTC)

    def write_down(state: State) -> Row:
        row = row_of(state, options["trigger"]["id"])
        if outcome == ACTING:
            row.update(outcome=ACTED, served_then=serving)
        if outcome != NOTHING:
            row.update(incident=incident.get("id"), verdict=incident.get("verdict"), code=code, ended_at=moment.iso(now))
        return row

    if not run.check and outcome != NOTHING:
        Triggers(Store(options["store"]), options["environment_name"]).change(write_down)
    return {
        "changed": outcome != NOTHING,
        "exit_code": 0 if run.check else code,
        "screen": [paragraph(line) for line in _told(options, incident, code, now)] if not run.check else [],
        "summary": f"{', '.join(options['trigger']['alerts'])}: {outcome}, exit code {code}",
    }


def _told(options: Options, incident: dict[str, Any], code: int, now: datetime) -> list[str]:
    if options["outcome"] == NOTHING:
        return []
    if options["outcome"] == ACTING:
        since = f", {moment.span((now - moment.parse(options['bad_at'])).total_seconds())} after it began" if options["bad_at"] else ""
        return [f"{incident.get('verdict') or f'No verdict (exit code {code})'}{since}; incident {incident.get('id') or 'not opened'}."]
    if incident.get("id"):
        return [f"Incident {incident['id']} waits for an approval: scripts/approve {incident['id']}, then the same rollback again."]
    playbook = (options["answer"] or {}).get("playbook") or "the playbook of the scenario"
    when = f" -e bad_at={options['bad_at']}" if options["bad_at"] else ""
    return [f"Nothing was changed. To roll back: ansible-playbook {playbook}{when}"]


END = Operation(ARGUMENTS, end)
