# SPDX-License-Identifier: GPL-3.0-or-later
"""Who approved the rollback, and who went on against a refusal, in words for the report."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_record import read_overrides
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import both_clocks, stamp, text, time_of


def read_approvals(events: list[Event], zone: dict[str, Any] | None) -> dict[str, str]:
    """C(approved) and C(overridden), each empty when it did not happen."""
    approved = []
    for event in events:
        if event.get("event") == "approved":
            people = event.get("by") if isinstance(event.get("by"), list) else []
            approved += [f"{_person(person)} {_clock(person, zone)}" for person in people or [] if isinstance(person, dict)]
    return {"approved": "; ".join(approved), "overridden": "; ".join(_override(one, zone) for one in read_overrides(events))}


def _override(one: dict[str, Any], zone: dict[str, Any] | None) -> str:
    """C(li 02:41:05 UTC, against approval-1a2b3c4d (it said …): nobody answers)."""
    said = f" ({one['refusal']})" if one["refusal"] else ""
    return f"{one['by']} {both_clocks(one['at'], zone)}, against {one['id']}{said}: {one['reason']}"


def _clock(event: Event, zone: dict[str, Any] | None) -> str:
    return both_clocks(stamp(time_of(event.get("at"))), zone)


def _person(person: Event) -> str:
    roles = person.get("roles")
    named = f" ({', '.join(map(text, roles))})" if isinstance(roles, list) else ""
    return f"{text(person.get('approver'))}{named}"
