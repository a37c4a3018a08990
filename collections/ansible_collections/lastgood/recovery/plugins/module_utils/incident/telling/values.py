# SPDX-License-Identifier: GPL-3.0-or-later
"""What the placeholders of the messages stand for, from the incident, its journal and its plan. Pure."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import FAILED
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_words import details, headline
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

Event = Mapping[str, Any]
SIGNS = {"OK": "✅", "BAD": "❌", "UNKNOWN": "❓"}
LEVELS = {"flags": 1, "configuration": 2, "frontend": 3, "backend": 3, "edge": 3, "objects": 4, "database": 5}
"""Of the runbook with five levels: flag, configuration, code, data, disaster."""


@dataclass(frozen=True)
class Known:
    """All that is known when something is told."""

    fields: Mapping[str, Any]
    """Of incident.yml."""
    events: Sequence[Event]
    rows: Sequence[Mapping[str, Any]]
    """Of the plan."""
    now: datetime
    expected: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    """What the inventory says in C(telling): product, support, issues, components, every."""
    way: str = ""
    """The name of the way that the plan takes, where there are several: C(fall_back)."""

    @property
    def started(self) -> datetime:
        return moment.parse(self.fields.get("started_at") or self.fields.get("opened_at") or moment.iso(self.now))

    @property
    def components(self) -> tuple[str, ...]:
        """What is affected, as the inventory names it; else the scenario."""
        named = (self.said.get("components") or {}).get(self.fields["scenario"]) or [self.fields["scenario"]]
        return tuple([named] if isinstance(named, str) else named)


def values(known: Known) -> dict[str, str]:
    """Every placeholder; empty where there is nothing to say."""
    fields, said = known.fields, known.said
    ended = _ended(known)
    seconds = ((ended or known.now) - known.started).total_seconds()
    verdict = _verdict(known.events)
    issue = _issue(known)
    return {
        "product": str(said.get("product") or fields.get("environment_title") or fields["environment"]),
        "support": str(said.get("support") or "support"),
        "issue": issue,
        "resolution": f"We rolled back a recent deployment that caused the problem with {issue}." if _went_back(known) else "",
        "components": " / ".join(known.components),
        "started": _clock(moment.parse(fields.get("bad_at") or moment.iso(known.started))),
        "ended": _clock(ended or known.now),
        "duration": span(seconds),
        "within": span(_target(known)) if _target(known) else "a short time",
        "every": str(said.get("every") or 10),
        "incident": str(fields.get("id", "")),
        "environment": str(fields.get("environment_title") or fields["environment"]),
        "scenario": str(fields["scenario"]),
        "severity": str(fields.get("severity", "")),
        "reason": str(fields.get("reason") or "not given"),
        "lead": str(fields.get("lead", "")),
        "eta": _eta(known),
        "approved_by": approved_by(known.events),
        "overrides": "\n".join(overrides(known.events)),
        "plan": "\n".join(_planned(row) for row in known.rows if row["changes"]) or "nothing has to move",
        "done": "\n".join(_done(known)),
        "state": "\n".join(_state(known)),
        "checks": "\n".join(_checks(known.events)),
        "verdict": str(verdict.get("verdict", "")),
        "verdict_reason": str(verdict.get("reason") or "no verdict yet"),
        "next_steps": "post-mortem" if verdict.get("verdict") == "RESTORED" else "look at the report, then go back further or undo",
        "report": f"{fields.get('id', '')}/report.html",
        "watch": headline(known.events),
        "red_flags": "\n".join(details(known.events, fields)),
        "level": str(max((LEVELS.get(row["tier"], 3) for row in known.rows if row["changes"]), default=3)),
    }


def facts(known: Known, found: Mapping[str, str], head: str) -> tuple[tuple[str, str], ...]:
    """Labels and values that go with every message for the team; what is not known is left out."""
    rows = [
        ("Incident", found["incident"]),
        ("Severity", found["severity"]),
        ("Lead", found["lead"]),
        ("Started", found["started"]),
        ("ETA", found["eta"] if not _verdict(known.events) else ""),
        ("Approved by", found["approved_by"]),
        ("Overridden", "; ".join(overrides(known.events))),
        ("Verdict", found["verdict"]),
        ("Journal head", head),
    ]
    return tuple((label, value) for label, value in rows if value)


def approved_by(events: Sequence[Event]) -> str:
    """Who signed it, and who confirmed it."""
    signed = [f"{one.get('approver')}" for event in events if event["event"] == "approved" for one in event.get("by", [])]
    confirmed = [f"{event['by']} (confirmed: {event['how']})" for event in events if event["event"] == "confirmed" and event.get("how")]
    return ", ".join(dict.fromkeys([*signed, *confirmed[-1:]]))


def overrides(events: Sequence[Event]) -> list[str]:
    """What was refused and done all the same."""
    found = [event for event in events if event["event"] in ("overridden", "approval_overridden")]
    return [f"⚠️ {_refusal(event)} was overridden by {event.get('by')}: {event.get('reason')}" for event in found]


def _refusal(event: Event) -> str:
    """C(lock-1a2b3c4d (the environment is locked))."""
    name, words = event.get("id"), event.get("refusal")
    return f"{name} ({words})" if name and words else str(name or words or "a refusal")


def _verdict(events: Sequence[Event]) -> Event:
    """The newest one, unless the rollback was taken up again since."""
    newest = next((event for event in reversed(events) if event["event"] in ("verdict", "resumed")), {})
    return newest if newest.get("event") == "verdict" else {}


def _ended(known: Known) -> datetime | None:
    at = _verdict(known.events).get("at")
    return moment.parse(at) if at else None


def _clock(at: datetime) -> str:
    return f"{at:%H:%M} UTC"


def _target(known: Known) -> float:
    return float(known.expected.get("p95") or known.fields.get("rto") or 0)


def _eta(known: Known) -> str:
    """By this team's own earlier runs, or the most that it may take."""
    seconds = _target(known)
    if not seconds:
        return "not known"
    basis = f"as in {known.expected['runs']} earlier runs" if known.expected.get("p95") else "objective"
    return f"{_clock(known.started + timedelta(seconds=seconds))} ({basis})"


def _planned(row: Mapping[str, Any]) -> str:
    only_if = f", only if {row['only_if']}" if row.get("only_if") else ""
    return f"- {row['target']}: {_release(row['from'])} → {_release(row['to'])}{only_if}"


def _release(row: Mapping[str, Any] | None) -> str:
    if not row:
        return "nothing"
    artifact = str(row.get("artifact", ""))
    return artifact[:7] if len(artifact) == 40 else artifact or str(row.get("id", ""))


def _results(known: Known) -> dict[tuple[str, str], Event]:
    """By target and kind, how its newest attempt to go back or to change ended."""
    results = [event for event in known.events if event["event"] == "result" and event.get("kind") in FAILED]
    return {(event["target"], event["kind"]): event for event in results if event["status"] != "skipped"}


def _issue(known: Known) -> str:
    """What customers notice; a way may have words of its own, C(payments_fall_back)."""
    scenario, issues = known.fields["scenario"], known.said.get("issues") or {}
    return str(issues.get(f"{scenario}_{known.way}") or issues.get(scenario) or " / ".join(known.components))


def _went_back(known: Known) -> bool:
    """Whether a release did, and not only a measure was taken."""
    moved = {row["target"] for row in known.rows if row["changes"]}
    fine = [key for key, result in _results(known).items() if result["status"] in ("ok", "changed")]
    return any(kind == "release" and target in moved for target, kind in fine)


def _done(known: Known) -> list[str]:
    moved = {row["target"] for row in known.rows if row["changes"]}
    rows = []
    for (target, _kind), result in _results(known).items():
        fine = result["status"] in ("ok", "changed")
        if fine and target in moved:
            back = "now" if result["kind"] == "measure" else "back to"
            rows.append(f"- {target}: {back} {_release(result.get('to'))} in {span(result['seconds'])}")
        elif not fine:
            rows.append(f"- {target}: {FAILED[result['kind']]}: {result.get('summary', result['status'])}")
    return rows


def _state(known: Known) -> list[str]:
    """What is going on now."""
    begun = {event["target"]: event["at"] for event in known.events if event["event"] == "intent"}
    ended = {target: result for (target, _kind), result in _results(known).items()}
    going = [
        f"- {target}: going back for {span((known.now - moment.parse(at)).total_seconds())}"
        for target, at in begun.items()
        if target not in ended or ended[target]["at"] < at
    ]
    note = [str(known.said["note"])] if known.said.get("note") else []
    return [*note, *(_done(known) + going or ["- nothing has moved yet"])]


def _checks(events: Sequence[Event]) -> list[str]:
    looks = [event for event in events if event["event"] == "checked"]
    if not looks:
        return []
    same = [look for look in looks if look.get("phase") == looks[-1].get("phase")]
    newest = {check["name"]: check["verdict"] for look in same for check in look["checks"]}
    shown = sorted(newest.items(), key=lambda check: (check[1] == "OK", check[0]))[:12]
    return [f"{SIGNS.get(verdict, '❓')} {name}" for name, verdict in shown]
