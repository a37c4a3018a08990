# SPDX-License-Identifier: GPL-3.0-or-later
"""What people wrote about an incident afterwards, C(lessons.md) in its directory, and the draft they begin with."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import Entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import escape
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import number, span, text, texts
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import yaml
else:
    yaml = library("yaml")

FILE = "lessons.md"
WRITTEN, OPEN, UNREADABLE = "written", "open", "unreadable"
ENDED = ("rolled_back", "committed", "undone")
HEAD = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
DRAFT = """\
---
title: ""            # one line, for the index
tags: []             # words to find it by: [checkout, vercel, migration]
users_affected:      # a number
revenue_impact: ""
---
# {id}

## Summary

<!-- What happened, and why it was rolled back. -->
{reason}

## Timeline

- Detection: {detect}
- Decision: {decide}
- Rollback: {roll_back}
- Verification: {verify}
- Verdict: {verdict}; the report has every step

## Impact

- Duration: {broken}
- Data loss: {data_loss}

## Root Cause

<!-- The technical explanation. The incident stays open in the index until there is one. -->

## Prevention

<!-- How it is kept from happening again. -->

## Improvements

<!-- Of the procedure itself. -->
"""


def read_lessons(content: str | None) -> dict[str, Any]:
    """{state, why, title, tags, root_cause, users_affected, revenue_impact}; C(open) until there is a root cause."""
    found: dict[str, Any] = {"state": OPEN, "why": "", "title": "", "tags": [], "root_cause": "", "users_affected": None,
                             "revenue_impact": ""}
    if content is None:
        return found
    content = content.removeprefix("\ufeff").replace("\r\n", "\n")
    matched = HEAD.match(content)
    try:
        head = (yaml.safe_load(matched[1]) if matched else None) or {}
    except (yaml.YAMLError, ValueError, RecursionError):
        return found | {"state": UNREADABLE, "why": "the lines between --- at its beginning are not YAML"}
    if not isinstance(head, dict):
        return found | {"state": UNREADABLE, "why": "the lines between --- at its beginning are no settings"}
    body = re.sub(r"<!--.*?(-->|\Z)", "", content[matched.end():] if matched else content, flags=re.DOTALL)
    cause = _one_line(_section(body, "root cause"))
    tags = head.get("tags")
    return found | {
        "state": WRITTEN if cause else OPEN,
        "title": _one_line(head.get("title")),
        "tags": sorted({_one_line(tag).lower() for tag in texts(re.split(r"[,;]", tags) if isinstance(tags, str) else tags or [])}),
        "root_cause": cause,
        "users_affected": number(head.get("users_affected")),
        "revenue_impact": _one_line(head.get("revenue_impact")),
    }


def draft(entry: Entry) -> str:
    """What people begin with; what the machine knows is filled in."""
    plain = {name: escape(text(entry[name])) for name in ("id", "reason", "verdict", "data_loss")}
    return DRAFT.format(**plain, **{name: span(seconds) for name, seconds in entry["seconds"].items()})


def wants_draft(entry: Entry) -> bool:
    """Whether its rollback is over, so that something can be learned from it."""
    return entry["begun"] and entry["state"] in ENDED


def index(entries: list[Entry], below: str = "") -> str:
    """The lessons of all incidents, the newest first: those that are open, those that are written, and by tag.

    C(below) leads to the incidents' directories.
    """
    told = [entry for entry in reversed(entries) if entry["begun"]]
    still_open = [entry for entry in told if entry["lessons"]["state"] != WRITTEN]
    written = [entry for entry in told if entry["lessons"]["state"] == WRITTEN]
    lines = ["# Lessons learned", "", f"{len(written)} written, {len(still_open)} open."]
    if still_open:
        lines += ["", "## Open", "", *(_open(entry, below) for entry in still_open)]
    if written:
        lines += ["", "## Written"]
    for entry in written:
        lessons = entry["lessons"]
        lines += ["", f"### {_link(entry, below)}: {escape(_title(entry))}", ""]
        facts = {"Scenario": entry["scenario"], "Environment": entry["environment"], "Tags": ", ".join(lessons["tags"]),
                 "Users affected": f"{lessons['users_affected']:.0f}" if lessons["users_affected"] is not None else "",
                 "Revenue impact": lessons["revenue_impact"], "Root cause": lessons["root_cause"]}
        lines += [f"- {name}: {escape(value)}" for name, value in facts.items() if value]
    tags = sorted({tag for entry in told for tag in entry["lessons"]["tags"]})
    if tags:
        lines += ["", "## Tags", ""]
        lines += [f"- {escape(tag)}: {', '.join(_link(entry, below) for entry in told if tag in entry['lessons']['tags'])}" for tag in tags]
    return "\n".join(lines) + "\n"


def _open(entry: Entry, below: str) -> str:
    lessons = entry["lessons"]
    why = f"{FILE} cannot be read: {lessons['why']}" if lessons["state"] == UNREADABLE else "no root cause yet"
    there = wants_draft(entry) or lessons["title"]
    name = _link(entry, below) if there else escape(entry["id"])
    return f"- {name}: {escape(_title(entry))} ({escape(entry['scenario'])}, {escape(why)})"


def _link(entry: Entry, below: str) -> str:
    return f"[{escape(entry['id'])}]({below}{entry['id']}/{FILE})"


def _title(entry: Entry) -> str:
    return text(entry["lessons"]["title"] or entry["reason"]) or "untitled"


def _section(body: str, name: str) -> str:
    """The first paragraph below a heading of that name."""
    found = re.finditer(rf"^#+[ \t]*{name}[ \t:]*$\n(.*?)(?=^#|\Z)", body, re.DOTALL | re.MULTILINE | re.IGNORECASE)
    return next((part for section in found for part in re.split(r"\n\s*\n", section[1].strip()) if part.strip()), "")


def _one_line(value: Any) -> str:
    return " ".join(text(value).split())
