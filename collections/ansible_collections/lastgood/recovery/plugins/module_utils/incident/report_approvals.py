# SPDX-License-Identifier: GPL-3.0-or-later
"""Who approved the rollback, or who went on without the approvals it needed, in words for the report."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import clock, stamp, text, time_of


def read_approvals(events: list[Event]) -> dict[str, str]:
    """C(approved) and C(overridden), each empty when it did not happen."""
    approved, overridden = [], []
    for event in events:
        if event.get("event") == "approved":
            people = event.get("by") if isinstance(event.get("by"), list) else []
            approved += [f"{_person(person)} {_clock(person)}" for person in people or [] if isinstance(person, dict)]
        elif event.get("event") == "approval_overridden":
            overridden.append(f"{text(event.get('by'))} {_clock(event)}, against {text(event.get('refusal'))}: {text(event.get('reason'))}")
    return {"approved": "; ".join(approved), "overridden": "; ".join(overridden)}


def _clock(event: Event) -> str:
    return f"{clock(stamp(time_of(event.get('at'))))} UTC"


def _person(person: Event) -> str:
    roles = person.get("roles")
    named = f" ({', '.join(map(text, roles))})" if isinstance(roles, list) else ""
    return f"{text(person.get('approver'))}{named}"
