# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of an exercise's pages: {title, note, heads, rows of {text, tone}}, the same for both."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.screen import PASSED
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.controls import NOT_SHOWN, SHOWN, WITH_FINDINGS
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.screen import total_in_words
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.trends import DURATIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import day_and_clock, span

Table = dict[str, Any]
TONES = {SHOWN: "good", WITH_FINDINGS: "warn", NOT_SHOWN: "unknown"}


def tables(evidence: Mapping[str, Any]) -> list[Table]:
    """In the order of the pages; those without rows are left out."""
    found = [_drills(evidence), _controls(evidence), _goals(evidence), _trends(evidence), _checks(evidence), _losses(evidence),
             _decisions(evidence), _told(evidence), _incidents(evidence)]
    return [table for table in found if table["rows"]]


def facts(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of what there is one of."""
    versions, previous = evidence["versions"], evidence["previous"]
    playbooks = versions["playbooks"]
    commit = f"{playbooks['commit']}{' and changes that are not in it' if playbooks['changed'] else ''}" if playbooks else "no Git checkout"
    before = f"{previous['name']}, SHA-256 {previous['sha256']}, {previous['state']}" if previous else "none: it is the first"
    return [
        ("Held by", evidence["by"]),
        ("From, to", f"{day_and_clock(evidence['began_at'])} to {day_and_clock(evidence['ended_at'])}"),
        ("Signed by", evidence["signer"] or "nobody"),
        ("Versions", f"lastgood {versions['lastgood'] or 'not known'}, ansible-core {versions['ansible_core'] or 'not known'}"),
        ("Playbooks", commit),
        ("Chosen by", f"seed {evidence['seed']}"),
        ("Exercise before", before),
        *((f"Without {step}", why) for step, why in evidence["left_out"].items()),
    ]


def _drills(evidence: Mapping[str, Any]) -> Table:
    rows = []
    for step in evidence["steps"]:
        fired = ", ".join((step["drill"] or {}).get("fired") or [])
        level = f"{step['step']} (level {step['level']})" if step["level"] else step["step"]
        attempts = f"{step['came_to']} (attempt {step['attempts']})" if step["attempts"] > 1 else step["came_to"]
        rows.append([level, f"{step['failure']}: {step['says']}", _tone(step["verdict"], "good" if step["verdict"] == PASSED else "bad"),
                     attempts, fired or "—"])
    return _table("Drills", "", ("level", "what broke", "verdict", "came to", "noticed by"), rows)


def _controls(evidence: Mapping[str, Any]) -> Table:
    rows = [[f"{one['standard']} {one['id']}", one["title"], _tone(one["state"], TONES[one["state"]]),
             "; ".join(f"{part['part']}: {part['says']}" for part in one["parts"])] for one in evidence["controls"]]
    note = "which of this evidence answers them; what is not shown was not tested"
    return _table("Controls", note, ("control", "in our words", "state", "by"), rows)


def _goals(evidence: Mapping[str, Any]) -> Table:
    rows = [[step["step"], goal["goal"], _tone("met" if goal["met"] else "not met", "good" if goal["met"] else "bad"),
             span(goal["seconds"]) if goal["seconds"] is not None else "not known", span(goal["at_most"])]
            for step in evidence["steps"] for goal in (step["drill"] or {}).get("goals") or []]
    return _table("Objectives", "SLA, RTO and RPO among them", ("level", "objective", "", "took", "at most"), rows)


def _trends(evidence: Mapping[str, Any]) -> Table:
    rows = [[step, *(total_in_words(by[key]) or "—" for key in DURATIONS)] for step, by in evidence["trends"]["steps"].items()]
    count = len(evidence["trends"]["exercises"])
    note = f"{count} exercises" if count > 1 else "the first exercise: nothing to compare with"
    return _table("Trends", note, ("level", *DURATIONS.values()), rows)


def _checks(evidence: Mapping[str, Any]) -> Table:
    rows = []
    for step, incident in _of_incidents(evidence):
        for look in incident["checks"]:
            passed = sum(check["verdict"] == "OK" for check in look["checks"])
            wrong = "; ".join(f"{check['name']}: {check['got'] or check['verdict']}" for check in look["checks"]
                              if check["verdict"] not in ("OK", "SKIPPED"))
            tone = "plain" if look["phase"] == "before" else "good" if look["verdict"] == "OK" else "bad"
            rows.append([step, look["phase"], _tone(look["verdict"], tone), f"{passed} of {len(look['checks'])} pass", wrong or "—"])
    return _table("Checks", "of flows, metrics and data", ("level", "when", "verdict", "checks", "what does not"), rows)


def _losses(evidence: Mapping[str, Any]) -> Table:
    rows = [[step, loss["target"], "; ".join(loss["rows"]) or "not counted", span(loss["seconds"]),
             _tone(f"RPO {loss['judged']}", "good" if loss["judged"] == "met" else "bad") if loss["judged"] else "no RPO"]
            for step, incident in _of_incidents(evidence) for loss in incident["losses"] if loss["newest"]]
    return _table("Data lost", "as it was measured", ("level", "target", "rows", "reaches back", "RPO"), rows)


def _decisions(evidence: Mapping[str, Any]) -> Table:
    rows = []
    for step in evidence["steps"]:
        decision, incident = (step["drill"] or {}).get("decision") or {}, step["incident"]
        if incident:
            decided = ", ".join(str(decision[key]) for key in ("severity", "action") if decision.get(key))
            rows.append([step["step"], decided or "—", incident["plan"] or "none", incident["approved_by"],
                         incident["overridden"] or "nothing"])
    return _table("Decisions and approvals", "", ("level", "decided", "hash of the plan", "approved by", "overridden"), rows)


def _told(evidence: Mapping[str, Any]) -> Table:
    rows = [[str(one["at"]), str(one["channel"]), str(one["stage"]), str(one["state"])]
            for one in (evidence["communication"] or {}).get("told", [])]
    note = (evidence["communication"] or {}).get("says", "")
    return _table("Told", note, ("UTC", "channel", "message", "state"), rows)


def _incidents(evidence: Mapping[str, Any]) -> Table:
    rows = []
    for step, incident in _of_incidents(evidence):
        journal = incident["journal"]
        rows.append([f"{step}: {incident['id']}", f"{journal['lines']} lines", journal["head"] or "none",
                     _tone(journal["state"], "good" if journal["state"] == "INTACT" else "bad"), f"{len(incident['files'])} files"])
    heads = ("incident", "journal", "head of its chain", "state", "files")
    return _table("Incidents", "their files and hashes are in evidence.json", heads, rows)


def _of_incidents(evidence: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(step["step"], step["incident"]) for step in evidence["steps"] if step["incident"]]


def _tone(text: str, tone: str) -> dict[str, str]:
    return {"text": text, "tone": tone}


def _table(title: str, note: str, heads: Sequence[str], rows: list[list[Any]]) -> Table:
    cells = [[cell if isinstance(cell, dict) else _tone(str(cell), "") for cell in row] for row in rows]
    return {"title": title, "note": note, "heads": list(heads), "rows": cells, "listed": False}
