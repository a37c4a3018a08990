# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollback log: one row for each rollback that was begun, oldest first, as CSV and as Markdown."""
from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import Entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import escape
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import span, text

COLUMNS = ("Date", "Environment", "Reason", "Method", "Duration", "Data Loss", "By", "Approved By",
           "Verdict", "Scenario", "Severity", "Drill", "Incident")
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, in full width as well."""


def log_rows(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """A row for each rollback, in the order of C(COLUMNS)."""
    return [
        (
            _minute(entry["opened_at"]), entry["environment"], entry["reason"],
            entry["method"] or "nothing went back", span(entry["seconds"]["total"]), entry["data_loss"], entry["by"], entry["approved_by"],
            entry["verdict"], entry["scenario"], entry["severity"], "yes" if entry["drill"] else "no", entry["id"],
        )
        for entry in entries if entry["begun"]
    ]


def as_csv(entries: Sequence[Entry]) -> str:
    """RFC 4180 with line feeds; no cell is a formula or has more than one line."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in row] for row in log_rows(entries))
    return out.getvalue()


def log_as_markdown(entries: Sequence[Entry]) -> str:
    """The same as a table."""
    rows = log_rows(entries)
    lines = ["# Rollback log", "", "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(escape(cell) or "—" for cell in row) + " |" for row in rows]
    return "\n".join([*lines, *([] if rows else ["", "No rollback yet."])]) + "\n"


def _minute(opened_at: str | None) -> str:
    return f"{opened_at[:16].replace('T', ' ')} UTC" if opened_at else ""


def _harmless(cell: str) -> str:
    """On one line, without control characters, and with an apostrophe before what would be a formula."""
    line = " ".join(text(cell).split())
    return f"'{line}" if line.startswith(FORMULA) else line
