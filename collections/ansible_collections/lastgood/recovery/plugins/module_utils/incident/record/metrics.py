# SPDX-License-Identifier: GPL-3.0-or-later
"""The durations as text: Markdown for people, JSON for programs."""
from __future__ import annotations

import json
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.figures import counted
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import DURATIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import escape
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import span

HEADS = ("what", "known", "mean", "p50", "p95", "longest", "objective", "within")


def metrics_as_json(facts: dict[str, Any]) -> str:
    """All of C(read_record)'s facts; seconds are numbers, what is not known is null."""
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def metrics_as_markdown(facts: dict[str, Any]) -> str:
    """A table for each group, then the services, then what the words mean."""
    lines = ["# Metrics"]
    if facts["unreadable"]:
        lines += ["", "## Cannot be read", "", "What follows is without these incidents.", ""]
        lines += [f"- {escape(name)}: {escape(why)}" for name, why in facts["unreadable"].items()]
    for group in facts["groups"]:
        said = ", ".join(f"{count} {escape(word)}" for word, count in group["verdicts"].items())
        judged = ", ".join(f"{count} {word}" for word, count in group["rto"].items())
        told = f"{counted(group['rollbacks'], 'rollback')}: {said}." + (f" RTO: {judged}." if judged else "")
        lines += ["", f"## {escape(group['name'])}", "", told, ""]
        lines += _table([(DURATIONS[key][0], it) for key, it in group["durations"].items()])
    if facts["services"]:
        lines += ["", "## Services", ""]
        lines += _table([(f"{', '.join(filter(None, (row['service'], row['priority'])))}: {what}", row[key]) for row in facts["services"]
                         for key, what in (("recovery", "recovery (RTO)"), ("loss", "data loss (RPO)"))
                         if row[key]["known"] or row[key]["objective"]])
    if not facts["groups"]:
        lines += ["", "No rollback yet."]
    lines += ["", "## What is measured", "", *(f"- **{name}**: {meaning}" for name, meaning in DURATIONS.values())]
    return "\n".join(lines) + "\n"


def _table(rows: list[tuple[str, dict[str, Any]]]) -> list[str]:
    lines = ["| " + " | ".join(HEADS) + " |", "|" + " --- |" * len(HEADS)]
    for name, it in rows:
        goal = span(it["objective"])
        within = "—" if it["within"] is None else f"{it['within']} of {it['known']}"
        cells = (escape(name), str(it["known"]), *(span(it[key]) for key in ("mean", "p50", "p95", "most")), goal, within)
        lines.append("| " + " | ".join(cells) + " |")
    return lines
