# SPDX-License-Identifier: GPL-3.0-or-later
"""One incident as a row of the record: plain JSON data out of incident.yml, the journal and what people wrote afterwards."""
from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.services import data_loss, read_services
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import plan_rows
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import text, time_of

Entry = dict[str, Any]
NAMED = ("environment", "environment_title", "scenario", "severity", "reason", "lead", "state")
ATTEMPTED = ("rolled back", "changed", "put back", "undone", "failed", "interrupted")
SPANS = {"detect": "detect", "decide": "decide", "roll back": "roll_back", "verify": "verify", "broken": "broken", "total": "total"}
"""The report's durations, and what they are called in the record."""


def read_entry(name: str, incident: dict[str, Any], events: list[dict[str, Any]], drill_environments: Collection[str] = ()) -> Entry:
    """The row of the incident in the directory C(name).

    It depends on nothing but what is stored: what is still growing counts as not known, whenever it is asked.
    """
    events = [event for event in events if isinstance(event, dict)]
    facts = read_report(incident, events, _last(incident, events))
    rows = [row for event in events for row in plan_rows(event)]
    moved = [target["target"] for target in facts["targets"] if target["outcome"] in ATTEMPTED]
    fault_known = bool(incident.get("moment_given")) and facts["moments"]["bad_at"] != facts["moments"]["good_at"]
    seconds = {SPANS[row["name"]]: None if row["running"] else row["seconds"] for row in facts["durations"] if row["name"] in SPANS}
    if not fault_known:
        seconds |= {"detect": None, "broken": None}
    return {
        "id": name,
        **{key: facts[key] for key in NAMED},
        "opened_at": facts["moments"]["opened_at"],
        "drill": incident.get("drill") is True or facts["environment"] in drill_environments or facts["reason"].startswith("drill:"),
        "verdict": facts["verdict"]["word"],
        "begun": bool(moved) or any(event.get("event") == "call" for event in events),
        "fault_known": fault_known,
        "seconds": seconds,
        "rto": _rto(facts["rto"]),
        "services": read_services(facts, fault_known),
        "method": _method(rows, moved),
        "data_loss": data_loss(facts),
        "by": facts["confirmed"]["by"] if facts["confirmed"] else facts["lead"],
        "approved_by": _approved(facts, events),
    }


def _rto(rto: dict[str, Any] | None) -> dict[str, Any] | None:
    """Met, missed or unknown; what was still running when the journal ended was not restored in it."""
    if rto is None:
        return None
    return {"seconds": rto["seconds"], "used": rto["used"], "judged": "not restored" if rto["judged"] == "running" else rto["judged"]}


def _last(incident: dict[str, Any], events: list[dict[str, Any]]) -> datetime:
    """The last sign of life; so that what a row says does not depend on when it is asked for."""
    times = [time_of(event.get("at")) for event in events]
    return max((at for at in times if at), default=time_of(incident.get("opened_at")) or datetime(1970, 1, 1, tzinfo=UTC))


def _method(rows: list[dict[str, Any]], moved: list[str]) -> str:
    """C(Vercel: storefront, backoffice; Render: api)."""
    vendor = {text(row.get("target")): text(row.get("vendor")) or "?" for row in rows}
    by_vendor: dict[str, list[str]] = {}
    for target in moved:
        by_vendor.setdefault(vendor.get(target, "?"), []).append(target)
    return "; ".join(f"{name}: {', '.join(targets)}" for name, targets in by_vendor.items())


def _approved(facts: dict[str, Any], events: list[dict[str, Any]]) -> str:
    if facts["approved"]:
        return text(facts["approved"])
    if facts["overridden"]:
        return f"nobody: overridden by {text(facts['overridden'])}"
    asked = any(event.get("event") in ("approval_requested", "approval_missing") for event in events)
    return "nobody yet" if asked else "not needed"
