# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting the rollback under the lock, and ending the run with a verdict and a report."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import verdict
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor import keep_head
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.checklist import read_checklists
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import next_steps
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.evidence import find_evidence
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_html import as_html
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import as_markdown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_postmortem import as_postmortem, is_draft
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import AWAITING, Incident, Store, short, write
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {"incident": {"type": "dict", "required": True}}


def start(options: Options, run: Run) -> Result:
    """Take the environment's lock; from here on the same command takes this incident up again. Locked when somebody holds it."""
    if run.check:
        return {"summary": "the lock would be taken"}
    incident = opened(options)
    fields = incident.fields
    holder = {key: fields[key] for key in ("environment", "reason")} | {"incident": fields["id"], "by": options["incident"]["by"]}
    lock, broken = Lock(incident.directory.parent, fields["environment"]), options.get("break_lock") or ""
    if broken:
        _override(incident, lock, broken, options.get("break_lock_reason") or "", holder["by"])
    dead = lock.take(holder, run.process, broken)
    incident.journal.append("lock_taken", holder=holder["by"], taken_over=dead)
    if fields["state"] in ("open", AWAITING):
        incident.update(state="started", started_at=moment.iso(datetime.now(UTC)))
    missing = keep_head(incident.journal, fields.get("anchor"))
    how = f" over from a run of {dead['by']} that {'was said to be dead' if broken else 'died'}" if dead else ""
    return {"summary": f"lock taken{how}", **_warned(missing)}


def _override(incident: Incident, lock: Lock, name: str, reason: str, by: str) -> None:
    """Write down that a lock is broken, before it is. Nothing where it is another's by now, or nobody's."""
    if not reason.strip():
        raise Refused("a lock is not broken without a reason", "Say how you know that run to be dead: -e break_lock_reason='…'")
    if lock.refusal() == name:
        incident.journal.append("overridden", id=name, reason=reason.strip(), by=by, refusal="the environment is locked")


def close(options: Options, run: Run) -> Result:
    """Judge the run, write the report, let go of the lock. C(verdict) is one of four words and never fails the operation."""
    incident = opened(options)
    now = datetime.now(UTC)
    events = incident.journal.events()
    judged = verdict.judge(events, options["incident"]["run"])
    incident.journal.append("verdict", verdict=judged.word, reason=judged.reason)
    moved = taken_out(incident, events)
    asked = any(event["event"] == "call" for event in events)  # a push may be held although no target went back
    fields: dict[str, Any] = {"verdict": judged.word, "condemned": moved, "state": "rolled_back" if asked else "closed"}
    if "seconds" not in incident.fields and (moved or measured(events)):
        began = moment.parse(incident.fields.get("started_at", incident.fields["opened_at"]))
        fields["seconds"] = round((now - began).total_seconds(), 1)
    incident.update(**fields)
    incident.journal.append("closed")
    missing = keep_head(incident.journal, incident.fields.get("anchor"))
    steps = next_steps(incident.fields, judged.word, bool(judged.worse)) if asked else []
    report = write_report(incident, steps)
    still = Lock(incident.directory.parent, incident.fields["environment"]).release(run.process)
    return {
        "verdict": judged.word,
        "reason": judged.reason,
        "exit_code": verdict.EXIT_CODES[judged.word],
        "report": short(report),
        "next_steps": steps,
        "summary": f"{judged.word}: {judged.reason}",
        **_warned(missing, still),
    }


def write_report(incident: Incident, steps: list[str]) -> Path:
    """Write report.md, report.html and postmortem.md beside the journal; returns the path of the page."""
    for name, text in render_report(incident, steps).items():
        write(incident.directory / name, text)
    return incident.directory / "report.html"


def render_report(incident: Incident, steps: list[str], now: datetime | None = None) -> dict[str, str]:
    """The files of the report by name; nothing is written. A post-mortem that somebody has written on is not among them."""
    events, postmortem = incident.journal.events(), incident.directory / "postmortem.md"
    more = {"next_steps": steps, "evidence": find_evidence(incident), "checklists": read_checklists(incident.fields, events)}
    facts = read_report({**incident.fields, **more}, events, now or datetime.now().astimezone())
    pages = {"report.md": as_markdown(facts), "report.html": as_html(facts)}
    draft = not postmortem.exists() or is_draft(postmortem.read_text(encoding="utf-8", errors="replace"))
    return pages | ({"postmortem.md": as_postmortem(facts)} if draft else {})


def taken_out(incident: Incident, events: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """By target: the artifacts that this incident took out of service, and when; from the plan, because a crash can swallow a result."""
    served: dict[tuple[str, str], str] = {}
    for event in events:
        if event["event"] == "result" and event.get("to") and event["status"] in ("ok", "changed"):
            served.setdefault((event["target"], event["to"]["artifact"]), event["at"])
    moved = {}
    for row in incident.planned():
        since = served.get((row["target"], row["to"]["artifact"]))
        if row["changes"] and since:
            moved[row["target"]] = dict.fromkeys(row["condemns"], since)
    return moved


def measured(events: list[dict[str, Any]]) -> bool:
    """Whether a measure has changed something."""
    return any(event["event"] == "result" and event.get("kind") == "measure" and event["status"] == "changed" for event in events)


def _warned(*texts: str) -> dict[str, list[str]]:
    return {"warnings": list(filter(None, texts))} if any(texts) else {}


def opened(options: Options) -> Incident:
    """The incident whose facts are in the options, as it is on disk."""
    return Store(options["incident"]["store"]).find(options["incident"]["id"], options["incident"]["run"])


START = Operation({**ARGUMENTS, "break_lock": {"type": "str"}, "break_lock_reason": {"type": "str"}}, start)
CLOSE = Operation(ARGUMENTS, close)
