# SPDX-License-Identifier: GPL-3.0-or-later
"""What else the record holds: communications, overrides, holds, the watch, checklists and the evidence with its hashes."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_checks import Looks
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event, plan_rows
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_targets import Target
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import number, stamp, text, texts, time_of

SENT = {"sent": ("✓", "good"), "queued": ("!", "warn"), "failed": ("✗", "bad"), "not delivered": ("—", "plain"),
        "superseded": ("—", "plain"), "sending": ("!", "warn")}
TICKS = {"done": ("☑", "good"), "failed": ("☒", "bad"), "open": ("☐", "running")}
WATCH = "watch"


def read_communications(events: list[Event]) -> list[dict[str, Any]]:
    """Everything told, in order: {at, stage, channel, state, summary, link}."""
    return [{"at": stamp(time_of(event.get("at"))),
             **{key: text(event.get(key)) for key in ("stage", "channel", "state", "summary", "link")}}
            for event in events if event.get("event") == "told"]


def read_overrides(events: list[Event]) -> list[dict[str, Any]]:
    """Refusals that somebody went on against, in order: {at, id, by, reason, refusal}."""
    found = []
    for event in events:
        if event.get("event") in ("overridden", "approval_overridden"):
            old = event["event"] == "approval_overridden"
            found.append({"at": stamp(time_of(event.get("at"))), "by": text(event.get("by")), "reason": text(event.get("reason")),
                          "id": text(event.get("refusal" if old else "id")), "refusal": "" if old else text(event.get("refusal"))})
    return found


def read_holds(events: list[Event], targets: list[Target]) -> list[dict[str, Any]]:
    """Of each target that was touched: {target, before, now, holds}; are new pushes held, were they before, can they be at all."""
    before: dict[str, bool] = {}
    holds: dict[str, bool] = {}
    for event in events:
        if event.get("event") == "result" and isinstance(event.get("held_before"), bool):
            before.setdefault(text(event.get("target")), event["held_before"])
        for row in plan_rows(event):
            if isinstance(row.get("holds"), bool):
                holds[text(row.get("target"))] = row["holds"]
    return [{"target": target["target"], "before": before.get(target["target"]), "now": target["held"],
             "holds": holds.get(target["target"], True)} for target in targets if target["held"] is not None]


def read_queries(events: list[Event]) -> list[dict[str, Any]]:
    """What slowed databases down, as it was seen: {at, database, who, seconds, query, waits_for, waited_for_by}, and what could not be."""
    found = []
    for event in events:
        if event.get("event") == "queries":
            seen = {"at": stamp(time_of(event.get("at"))), "database": text(event.get("database"))}
            rows = _dicts(event.get("queries")) or [{"query": event.get("summary")}]
            found += [{**seen, **_query(row)} for row in rows]
    return found


def is_watch(event_or_look: dict[str, Any]) -> bool:
    """Whether this look at the checks was one of the watch after the rollback: its phase is C(watch 1), C(watch 2), …"""
    return text(event_or_look.get("phase")).partition(" ")[0] == WATCH


def read_watch(looks: Looks) -> list[dict[str, Any]]:
    """The readings of the watch, in order: {phase, at, verdict, wrong: [text]}."""
    return [{"phase": look["phase"], "at": look["end"], "verdict": look["verdict"],
             "wrong": [f"{check['name']} {check['verdict']}: expected {check['expected'] or '—'}, got {check['got'] or '—'}"
                       for check in look["checks"] if check["verdict"] not in ("OK", "SKIPPED")]}
            for look in looks if is_watch(look)]


def read_checklists(incident: dict[str, Any]) -> list[dict[str, Any]]:
    """The checklists: [{name, items: [{text, state: done|failed|open, by: machine|person, why}]}]; what is not known to be done is open."""
    given = incident.get("checklists")
    lists = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return [{"name": text(one.get("name")), "items": [_item(item) for item in _dicts(one.get("items"))]} for one in lists]


def read_evidence(incident: dict[str, Any]) -> list[dict[str, str]]:
    """The incident's files with their hashes: {file, sha256, note}."""
    return [{key: text(one.get(key)) for key in ("file", "sha256", "note")} for one in _dicts(incident.get("evidence"))]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _query(row: dict[str, Any]) -> dict[str, Any]:
    return {"who": " ".join(map(text, (row.get("pid"), row.get("who")))).strip(), "seconds": number(row.get("seconds")),
            "query": text(row.get("query")), "waits_for": texts(row.get("waits_for") or []),
            "waited_for_by": number(row.get("waited_for_by")) or 0}


def _item(item: dict[str, Any]) -> dict[str, str]:
    state = text(item.get("state"))
    return {"text": text(item.get("text")), "state": state if state in TICKS else "open",
            "by": "machine" if item.get("by") == "machine" else "person", "why": text(item.get("why"))}
