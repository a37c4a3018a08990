# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report as Markdown that reads well in a terminal of 80 columns."""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_plot import reading_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_tables import (
    tables_after_checks,
    tables_of_record,
    tables_of_work,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    CHECKS,
    OUTCOMES,
    artifact_name,
    both_clocks,
    both_days,
    clock,
    day_and_clock,
    held_words,
    local_clock,
    resumed_words,
    rto_words,
    span,
    zone_words,
)

Facts = dict[str, Any]


def as_markdown(facts: Facts) -> str:
    """The report of C(read_report)'s facts; everything quoted from outside is escaped."""
    parts = [_headline(facts), _durations(facts), *map(as_section, tables_of_work(facts)), _targets(facts), _checks(facts),
             _readings(facts), *map(as_section, tables_after_checks(facts)), _left_as_it_is(facts), _interruptions(facts),
             *map(as_section, tables_of_record(facts)), _next_steps(facts), _events(facts)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(value: str) -> str:
    """The text on one line, with nothing in it that Markdown or HTML would act on, usable in a table cell."""
    line = " ".join(value.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"^([#+-]|\d+[.)](?= |$))|([\\`*\[\]|~])", _quoted, line)


def _quoted(found: re.Match[str]) -> str:
    """Behind a backslash; of a list's number its last character, for a figure would stay a backslash and a figure."""
    return f"{found[0][:-1]}\\{found[0][-1]}"


def code(value: str) -> str:
    """The text as a code span; a dash when empty."""
    line = " ".join(value.split()).replace("`", "'")
    return f"`{line}`" if line else "—"


def as_section(table: dict[str, Any]) -> str:
    """One of C(report_tables)'s tables under its heading; as a list where its rows are too wide for a terminal."""
    parts = [f"## {escape(table['title'])}", escape(table["note"])]
    rows = [[escape(cell["text"]) for cell in row] for row in table["rows"]]
    if table["listed"]:
        parts.append("\n".join("- " + " · ".join(cell for cell in row if cell) for row in rows))
    elif rows:
        parts.append(_table(table["heads"], rows))
    return "\n\n".join(part for part in parts if part)


def _headline(facts: Facts) -> str:
    verdict, moments = facts["verdict"], facts["moments"]
    at = moments["verdict_at"] or facts["written_at"]
    local = local_clock(at, facts["zone"])
    lines = [f"# {verdict['symbol']} {verdict['word']} — {escape(facts['id'])}", "",
             f"**{escape(facts['environment_title'])}** · {day_and_clock(at)}{f' ({local})' if local else ''}", ""]
    confirmed = facts["confirmed"]
    told = {
        "Why this verdict": verdict["reason"],
        "Since then": " ".join(filter(None, (facts["ending"]["words"], facts["red_flag"]))),
        "In doubt": "; ".join(verdict["doubts"]),
        "Reason": facts["reason"],
        "Scenario": facts["scenario"],
        "Severity": facts["severity"],
        "Lead": facts["lead"],
        "State": facts["state"].replace("_", " "),
        "Broken since": both_days(moments["bad_at"], facts["zone"]),
        "Back to": both_days(moments["good_at"], facts["zone"]),
        "Confirmed": f"{confirmed['by']} ({confirmed['how']}) {both_clocks(confirmed['at'], facts['zone'])}" if confirmed else "",
    }
    told |= {"Approved": facts["approved"], "Overridden": facts["overridden"]}
    return "\n".join(lines + [f"- {name}: {escape(value)}" for name, value in told.items() if value and value != "—"])


def _durations(facts: Facts) -> str:
    rows = [(row["name"], span(row["seconds"]) + (" so far" if row["running"] else ""), row["what"])
            for row in facts["durations"]]
    since = both_clocks(facts["moments"]["bad_at"], facts["zone"])
    rto = f"\n\n**{rto_words(facts['rto'])}**, counted from {since}." if facts["rto"] else ""
    return "## Durations\n\n" + _table(("what", "took", "from, to"), rows) + rto


def _targets(facts: Facts) -> str:
    if not facts["targets"]:
        return ""
    rows = [(escape(target["target"]), escape(target["tier"]), f"{OUTCOMES[target['outcome']][0]} {target['outcome']}",
             span(target["seconds"]), held_words(target["held"])) for target in facts["targets"]]
    table = _table(("target", "tier", "outcome", "took", "new pushes"), rows)
    return "## Targets\n\n" + table + "\n\n" + "\n".join(_movement(target) for target in facts["targets"])


def _movement(target: dict[str, Any]) -> str:
    lines = [f"- **{escape(target['target'])}**: {_release(target['from'])}"]
    if target["changes"]:
        lines.append(f"  → {_release(target['to'])}")
    lines += [f"  {label}{escape(target[name])}" for label, name in (("why: ", "why"), ("only if ", "only_if")) if target[name]]
    return "\n".join(lines)


def _release(release: dict[str, str]) -> str:
    more = ", ".join(filter(None, (artifact_name(release), release["title"])))
    return code(release["id"]) + (f" ({escape(more)})" if more else "")


def _checks(facts: Facts) -> str:
    phases, rows = facts["checks"]["phases"], facts["checks"]["rows"]
    if not phases:
        return ""
    lines = [(escape(row["name"]), *(_tick(cell) for cell in row["cells"])) for row in rows]
    lines.append(("**together**", *(_tick(phase) for phase in phases)))
    failures = [f"- {escape(row['name'])}, {escape(phase['phase'])}: expected {escape(cell['expected']) or '—'}, "
                f"got {escape(cell['got']) or '—'}"
                for row in rows for phase, cell in zip(phases, row["cells"], strict=True)
                if cell and cell["verdict"] not in ("OK", "SKIPPED")]
    table = _table(("check", *(escape(phase["phase"]) for phase in phases)), lines)
    return "## Checks\n\n" + "\n\n".join(filter(None, (table, "\n".join(failures))))


def _tick(cell: dict[str, Any] | None) -> str:
    return f"{CHECKS[cell['verdict']][0]} {cell['verdict']}" if cell else "—"


def _readings(facts: Facts) -> str:
    if not facts["readings"]:
        return ""
    back = "; ".join(f"{escape(mark['target'])} went back at {both_clocks(mark['at'], facts['zone'])}" for mark in facts["went_back"])
    rows = [f"- {escape(reading['name'])}: {escape(reading_words(reading))}" for reading in facts["readings"]]
    return "\n\n".join(filter(None, ("## Readings", back, "\n".join(rows))))


def _left_as_it_is(facts: Facts) -> str:
    rows = [f"- {escape(row['target'])}: {escape(row['what'])}" for row in facts["left"]]
    return "## What did not come back\n\n" + "\n".join(rows) if rows else ""


def _interruptions(facts: Facts) -> str:
    zone = facts["zone"]
    rows = [f"- {both_clocks(cut['at'], zone)} {escape(cut['target'])} {cut['kind']} interrupted: {escape(cut['what'])} "
            f"({escape(cut['later'])})" for cut in facts["cuts"]]
    rows += [f"- {both_clocks(row['at'], zone)} {resumed_words(row)} by {escape(row['by']) or 'an unnamed person'}, "
             f"{span(row['pause'])} later" for row in facts["resumes"]]
    return "## Interruptions and further runs\n\n" + "\n".join(rows) if rows else ""


def _next_steps(facts: Facts) -> str:
    return "## Next steps\n\n" + "\n".join(f"- {escape(step)}" for step in facts["next_steps"]) if facts["next_steps"] else ""


def _events(facts: Facts) -> str:
    rows = [(clock(row["at"]), escape(row["event"]), escape(row["target"]), escape(row["detail"])) for row in facts["events"]]
    beside = zone_words(facts["zone"])
    zone = f"{escape(beside)}\n\n" if beside else ""
    return (f"<details>\n<summary>All {len(rows)} events</summary>\n\n{zone}"
            + _table(("UTC", "event", "target", "detail"), rows) + "\n\n</details>") if rows else ""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(heads), *(tuple(row) for row in rows)]
    widths = [max(map(len, column)) for column in list(zip(*lines, strict=True))[:-1]]
    drawn = ["| " + " | ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]) + " |"
             for line in lines]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in [*widths, max(1, len(lines[0][-1]))]) + "|")
    return "\n".join(drawn)
