# SPDX-License-Identifier: GPL-3.0-or-later
"""The post-mortem's draft as Markdown: filled in from the record as far as it goes, and open where a person has to write."""
from __future__ import annotations

import hashlib
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_findings import (
    action_items,
    suspects,
    went_badly,
    went_well,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import as_section, escape
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_tables import tables_of_work
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_targets import Target
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_tiers import BACK, is_state, release_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    both_clocks,
    both_days,
    day_and_clock,
    rto_words,
    span,
    stamp,
    time_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import RESTORED

Facts = dict[str, Any]
OPEN = "_To be written._"
MARK = "<!-- lastgood draft "


def as_postmortem(facts: Facts) -> str:
    """The draft of C(read_report)'s facts; its last line lets C(is_draft) tell whether anybody has written on it."""
    parts = [_headline(facts), _summary(facts), _happened(facts), _timeline(facts), _causes(facts), _impact(facts), _resolution(facts),
             *map(as_section, tables_of_work(facts)), _findings("What went well", went_well(facts)),
             _findings("What could be improved", went_badly(facts)), _actions(facts), _prevention(), _meeting()]
    text = "\n\n".join(part for part in parts if part) + "\n"
    return f"{text}\n{MARK}{_seal(text)} -->\n"


def is_draft(text: str) -> bool:
    """Whether it is as C(as_postmortem) left it, so that a newer draft may take its place."""
    body, mark, seal = text.rpartition(f"\n{MARK}")
    return bool(mark) and seal == f"{_seal(body)} -->\n"


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _headline(facts: Facts) -> str:
    what = facts["reason"] or f"{facts['scenario'] or 'something'} was broken"
    draft = f"Draft from the record of incident {escape(facts['id'])}, {day_and_clock(facts['written_at'])}."
    return (f"# Post-mortem: {escape(what)}\n\n{draft} What is in italics a person has to write; once anybody has written on it, "
            "it is never written over.")


def _summary(facts: Facts) -> str:
    verdict, restored = facts["verdict"], facts["moments"]["restored_at"]
    broken = next(row for row in facts["durations"] if row["name"] == "broken")
    told = {
        "Date": day_and_clock(facts["moments"]["opened_at"] or facts["written_at"]),
        "Environment": facts["environment_title"],
        "Severity": facts["severity"],
        "Duration": span(broken["seconds"]) + ("" if restored else ", not over when this was written"),
        "Verdict": f"{verdict['symbol']} {verdict['word']}" + (f": {verdict['reason']}" if verdict["reason"] else ""),
        "Since then": " ".join(filter(None, (facts["ending"]["words"], facts["red_flag"]))),
        "Recovery time objective": rto_words(facts["rto"]) if facts["rto"] else "none declared",
        "Lead": facts["lead"],
        "Approved": facts["approved"],
        "Overridden": facts["overridden"],
    }
    lines = [f"- **{name}:** {escape(value)}" for name, value in told.items() if value]
    return "\n".join(["## Summary", "", *lines, f"- **Impact:** {OPEN}", f"- **Root cause:** {OPEN}"])


def _happened(facts: Facts) -> str:
    moved = [f"- {escape(target['target'])}: {escape(release_words(target['from']))} was serving since "
             f"{both_days(target['from']['live_from'], facts['zone'])}" for target in facts["targets"]
             if _served(target)]
    return "\n\n".join(filter(None, ("## What happened", escape(facts["reason"]), "\n".join(moved), OPEN)))


def _served(target: Target) -> bool:
    """Whether it was a release that is served no more."""
    return bool(target["changes"]) and not target["measure"] and not is_state(target["from"])


def _timeline(facts: Facts) -> str:
    moments, confirmed, zone = facts["moments"], facts["confirmed"], facts["zone"]
    rows = [(target["from"]["live_from"], f"{target['target']}: {release_words(target['from'])} went live")
            for target in facts["targets"] if _served(target)]
    rows += [(moments["bad_at"], "Broken, as far as is known"), (moments["opened_at"], "Detected: the incident was opened")]
    rows += [(told["at"], f"{told['channel']} told: {told['stage'].replace('_', ' ')}") for told in facts["communications"]
             if told["state"] == "sent"]
    rows += [(moments["confirmed_at"], f"Decided: confirmed by {confirmed['by']}" if confirmed else "Decided")]
    starts = [step["at"] for step in facts["steps"] if step["target"] in {target["target"] for target in facts["targets"]}
              and step["status"] != "skipped" and step["at"]]
    rows += [(min(starts, default=None), "Rollback started")]
    rows += [(mark["at"], f"{mark['target']} went back") for mark in facts["went_back"]]
    rows += [(look["end"], f"Checks {look['phase']}: {look['verdict']}") for look in facts["looks"]]
    rows += [(moments["verdict_at"], f"Verdict {facts['verdict']['word']}" + (": service restored" if moments["restored_at"] else ""))]
    rows += [(look["at"], f"{look['phase']}: {look['verdict']}") for look in facts["watch"]]
    rows += [(facts["ending"]["at"], facts["ending"]["state"])]
    known = sorted(((stamp(at), what) for when, what in rows if (at := time_of(when))), key=lambda row: row[0] or "")
    lines = [f"- **{both_clocks(at, zone) if _same_day(known, index) else both_days(at, zone)}** — {escape(what)}"
             for index, (at, what) in enumerate(known)]
    return "\n".join(["## Timeline", "", *lines])


def _same_day(rows: list[tuple[str | None, str]], index: int) -> bool:
    return index > 0 and (rows[index][0] or "")[:10] == (rows[index - 1][0] or "")[:10]


def _causes(facts: Facts) -> str:
    found = [f"- Suspect: {escape(release)} on {escape(', '.join(names))}" for release, names in suspects(facts).items()]
    proof = "That it works again without it speaks against it; it proves nothing." if facts["verdict"]["word"] == RESTORED else ""
    return "\n\n".join(filter(None, ("## Root cause", "\n".join(found), proof if found else "", f"**Immediate cause:** {OPEN}",
                                     f"**Contributing factors:** {OPEN}")))


def _impact(facts: Facts) -> str:
    broken = [row["name"] for row in facts["checks"]["rows"]
              if facts["checks"]["phases"][0]["phase"] == "before" and row["cells"][0] and row["cells"][0]["verdict"] != "OK"]
    readings = [f"{reading['name']}: {_peak(reading)}" for reading in facts["readings"]]
    lost = [f"{loss['target']} {span(loss['seconds'])} ({loss['how']}), {'; '.join(loss['rows']) or 'rows not known'}"
            for loss in facts["losses"] if loss["newest"]]
    told = {
        "Functionality impacted": ", ".join(broken) or "no check failed before the rollback",
        "Readings": "; ".join(readings),
        "Data loss": "; ".join(lost) or "none that the record knows of",
    }
    lines = [f"- **{name}:** {escape(value)}" for name, value in told.items() if value]
    lines += [f"- **{name}:** {OPEN}" for name in ("Users affected", "Requests failed", "Revenue and other cost")]
    return "\n".join(["## Impact", "", *lines])


def _peak(reading: Facts) -> str:
    from_to = [f"{value:g}" for value in (reading["before"], reading["highest"], reading["after"]) if value is not None]
    return f"{' → '.join(from_to)} {reading['unit']}".strip() + " (before, highest, last)"


def _resolution(facts: Facts) -> str:
    lines = [f"- {escape(target['target'])}: {_resolved(target)}" for target in facts["targets"]]
    left = [f"- Not brought back: {escape(row['target'])}: {escape(row['what'])}" for row in facts["left"]]
    return "\n".join(["## Resolution", "", *lines, *left, "", OPEN]) if lines else f"## Resolution\n\n{OPEN}"


def _resolved(target: Target) -> str:
    went = target["outcome"] in BACK
    return escape(target["outcome"] + (f" to {release_words(target['to'])}" if went else ""))


def _findings(title: str, said: list[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {escape(one)}" for one in said), f"- {OPEN}"])


def _actions(facts: Facts) -> str:
    lines = [f"- [ ] **{item['priority']}** {escape(item['what'])} — _owner, due_\n  (because: {escape(item['because'])})"
             for item in action_items(facts)]
    return "\n".join(["## Action items", "", *lines, f"- [ ] {OPEN}"])


def _prevention() -> str:
    spans = ("Immediately", "Within two weeks", "Within three months")
    asked = [f"- **{when}:** {OPEN}" for when in spans]
    return "\n".join(["## Prevention", "", *asked, "", "## Improvements of the process", "", f"- {OPEN}", "",
                      "## Lessons learned", "", f"1. {OPEN}"])


def _meeting() -> str:
    return ("## Meeting\n\nWithin 24 hours, with engineering, whoever took part, and product where users noticed.\n\n"
            "1. Timeline (15 min)\n2. Root cause (20 min)\n3. What went well (10 min)\n4. What could be improved (15 min)\n"
            "5. Action items (10 min)\n\n"
            "Held: _date_ · Present: _names_")
