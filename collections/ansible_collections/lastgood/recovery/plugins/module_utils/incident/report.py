# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report's facts: everything its pages say, derived from the incident and its journal alone."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.contacts import rows as contact_rows
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_approvals import read_approvals
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_checks import compare, read_looks
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_durations import (
    read_durations,
    read_moments,
    read_rto,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_ending import (
    read_ending,
    split_off_ending,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_forecast import read_forecast
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_loss import read_losses
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_record import (
    is_watch,
    read_checklists,
    read_communications,
    read_evidence,
    read_holds,
    read_overrides,
    read_queries,
    read_watch,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_series import read_readings
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import (
    Event,
    planned_targets,
    read_cuts,
    read_steps,
    told_apart,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_targets import (
    apply_ending,
    left_as_it_is,
    read_targets,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_tiers import (
    read_arrivals,
    read_objectives,
    read_tiers,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_verdict import read_verdict
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    CHECKS,
    both_clocks,
    seconds_between,
    stamp,
    text,
    texts,
    time_of,
)

NAMED = ("id", "environment", "scenario", "severity", "reason", "lead", "state")
SPOKEN_FOR = {"at", "event", "target"}


def read_report(incident: dict[str, Any], events: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """The facts of one incident, as plain JSON data, for C(as_markdown) and C(as_html).

    C(incident) is incident.yml with what else is at hand: C(next_steps), C(evidence) and C(checklists). C(events) are the lines of
    journal.jsonl in order, wherever it ends. C(now) is aware; the zone it is in is the reader's, shown beside UTC.
    """
    events = told_apart([event for event in events if isinstance(event, dict)])
    rollback, ending = split_off_ending(events)
    rollback = [event for event in rollback if not is_watch(event)]
    verdict, ended = read_verdict(incident, rollback), read_ending(ending)
    moments = read_moments(incident, rollback, verdict)
    concluded = verdict["at"] is not None
    planned, steps, looks = planned_targets(rollback), read_steps(rollback), read_looks(rollback)
    targets = read_targets(rollback, steps, concluded)
    arrivals = read_arrivals(targets, steps)
    went_back = [{"at": arrivals[target["target"]], "target": target["target"]} for target in targets
                 if target["outcome"] == "rolled back" and target["target"] in arrivals]
    objectives = read_objectives(incident)
    tiers = read_tiers(targets, steps, objectives, moments, verdict, now)
    losses, forecast = read_losses(events, targets, objectives), read_forecast(incident, rollback, targets)
    apply_ending(targets, ended["state"], read_steps(ending))
    watch, zone = read_watch(read_looks(events)), _zone(now)
    flag = _red_flag(watch, zone) if not ended["state"] else ""
    shown = {**verdict, "symbol": "!", "tone": CHECKS[watch[-1]["verdict"]][1]} if flag else verdict
    return {
        **{name: text(incident.get(name)) for name in NAMED},
        "environment_title": text(incident.get("environment_title")) or text(incident.get("environment")),
        "verdict": {**verdict, "tone": "plain"} if ended["state"] in ("undone", "unfinished") else shown,
        "red_flag": flag,
        "ending": ended,
        "moments": moments,
        "written_at": stamp(now),
        "zone": zone,
        "confirmed": _confirmed(rollback),
        **read_approvals(rollback, zone),
        "durations": read_durations(moments, steps, looks, planned, now),
        "rto": read_rto(incident, moments, verdict, now),
        "tiers": tiers,
        "forecast": forecast,
        "losses": losses,
        "targets": targets,
        "went_back": went_back,
        "left": left_as_it_is(targets),
        "steps": [{**step, "from": None, "to": None} for step in steps],
        "looks": looks,
        "checks": compare(looks),
        "readings": read_readings(events),
        "watch": watch,
        "checklists": read_checklists(incident),
        "holds": read_holds(events, targets),
        "overrides": read_overrides(events),
        "queries": read_queries(events),
        "communications": read_communications(events),
        "evidence": read_evidence(incident),
        "contacts": contact_rows(incident),
        "cuts": [*read_cuts(rollback, steps, concluded), *read_cuts(ending, read_steps(ending), False)],
        "resumes": _resumes(events),
        "next_steps": texts(incident.get("next_steps")),
        "events": [_event(event) for event in events],
    }


def _zone(now: datetime) -> dict[str, Any] | None:
    offset = now.utcoffset()
    return {"name": text(now.tzname()), "offset": offset.total_seconds()} if offset else None


def _red_flag(watch: list[dict[str, Any]], zone: dict[str, Any] | None) -> str:
    """What the newest reading of the watch has against the verdict; empty when it says OK."""
    if not watch or watch[-1]["verdict"] == "OK":
        return ""
    last = watch[-1]
    return f"{last['phase']} at {both_clocks(last['at'], zone)} says {last['verdict']}: {'; '.join(last['wrong'])}"


def _confirmed(events: list[Event]) -> dict[str, str | None] | None:
    event = next((event for event in events if event.get("event") == "confirmed"), None)
    return event and {"by": text(event.get("by")), "how": text(event.get("how")), "at": stamp(time_of(event.get("at")))}


def _resumes(events: list[Event]) -> list[dict[str, Any]]:
    resumes = []
    alive: datetime | None = None
    closed = False
    for event in events:
        at = time_of(event.get("at"))
        if event.get("event") == "resumed":
            resumes.append({"at": stamp(at), "run": text(event.get("run")), "by": text(event.get("by")),
                            "stopped_at": stamp(alive), "pause": seconds_between(alive, at), "after_close": closed})
        closed = event.get("event") == "closed" or (closed and event.get("event") != "resumed")
        alive = at or alive
    return resumes


def _event(event: Event) -> dict[str, str | None]:
    """One row of the full record; lists and mappings are told in full elsewhere, here they are counted."""
    told = {key: f"{len(value)} listed" if isinstance(value, list) else text(value.get("id") if isinstance(value, dict) else value)
            for key, value in event.items() if key not in SPOKEN_FOR}
    return {"at": stamp(time_of(event.get("at"))), "event": text(event.get("event")), "target": text(event.get("target")),
            "detail": ", ".join(f"{key} {value}" for key, value in told.items() if value)}
