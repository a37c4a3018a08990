# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the record of a store anew; what is written already as it should be is left alone."""
from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import next_steps
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record import lessons
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import Entry, read_entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.figures import counted, read_figures
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.metrics import metrics_as_json, metrics_as_markdown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import Objectives, read_objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.page import as_page
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.reading import Found, read_store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.rollback_log import as_csv, log_as_markdown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import render_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store, short, write
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import verify
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "incident": {"type": "str"},
    "objectives": {"type": "dict", "default": {}},
    "drill_environments": {"type": "list", "elements": "str", "default": ["sandbox"]},
}

WRITTEN_AT = re.compile(r"Written \w{3} (\d\d \w{3} \d{4} \d\d:\d\d:\d\d) UTC from the incident's journal")


def write_record(options: Options, run: Run) -> Result:
    """Every file of the record, those that differ written; C(changed) says in check mode whether any would be."""
    objectives, store = read_objectives(options["objectives"]), Store(options["store"])
    named = store.find(options["incident"]) if options["incident"] else None
    found = read_store(store)
    files: dict[Path, str] = {}
    entries = []
    for incident in found.incidents:
        entry = _entry(incident, options["drill_environments"], files)
        entry["has_report"] = incident.directory == (named and named.directory) or (incident.directory / "report.html").exists()
        entries.append(entry)
    facts = read_record(entries, found, objectives)
    if named:
        files |= _report(named)
    below = "../incidents/" if store.mirror else ""
    files |= {store.root / name: content for name, content in {
        "index.html": as_page(facts, below),
        "metrics.json": metrics_as_json(facts),
        "metrics.md": metrics_as_markdown(facts),
        "rollback-log.csv": as_csv(entries),
        "rollback-log.md": log_as_markdown(entries),
        "lessons-learned.md": lessons.index(entries, below),
    }.items()}
    differ = [path for path, content in files.items() if _kept(store, path) != content]
    if differ and not run.check:
        store.root.mkdir(parents=True, exist_ok=True)
        for path in differ:
            write(path, files[path])
    return {
        "changed": bool(differ),
        "files": [short(path) for path in files],
        "written": [short(path) for path in differ],
        "unreadable": found.unreadable,
        "summary": _summary(facts, len(differ), run.check),
        "screen": _screen(store, facts, differ, named, run.check),
        "warnings": [f"{name} cannot be read: {why}" for name, why in found.unreadable.items()],
    }


def read_record(entries: list[Entry], found: Found, objectives: Objectives) -> dict[str, Any]:
    """The facts of the page and of the metrics, as plain JSON data."""
    return {
        "entries": entries,
        "unreadable": found.unreadable,
        "objectives": asdict(objectives),
        **read_figures(entries, objectives),
    }


def _entry(incident: Incident, drill_environments: Collection[str], files: dict[Path, str]) -> Entry:
    """The row of the incident with its lessons; the draft of lessons that nobody has begun goes to C(files)."""
    name, journal = incident.directory.name, incident.journal.path
    entry = read_entry(name, incident.fields, incident.journal.events(), drill_environments)
    entry["journal_state"] = verify(journal.read_bytes() if journal.exists() else b"", name).state
    path = incident.directory / lessons.FILE
    content = _content(path)
    if content is None and lessons.wants_draft(entry):
        files[path] = content = lessons.draft(entry)
    entry["lessons"] = lessons.read_lessons(content)
    return entry


def _report(incident: Incident) -> dict[Path, str]:
    """The files of its own report; as of the time that it says itself, where nothing else has become different since then."""
    steps = _steps(incident)
    before = WRITTEN_AT.search(_content(incident.directory / "report.html") or "")
    if before:
        then = datetime.strptime(before[1], "%d %b %Y %H:%M:%S").replace(tzinfo=UTC).astimezone()
        same = {incident.directory / name: content for name, content in render_report(incident, steps, then).items()}
        if all(_content(path) == content for path, content in same.items()):
            return same
    return {incident.directory / name: content for name, content in render_report(incident, steps).items()}


def _steps(incident: Incident) -> list[str]:
    """What can be done next, for the report of an incident that has its verdict and nobody has ended."""
    going_on = incident.fields["state"] == "rolled_back"
    return next_steps(incident.fields, incident.fields.get("verdict", "")) if going_on else []


def _kept(store: Store, path: Path) -> str | None:
    """What is kept of the file. Of what is beside all incidents in a bucket this machine may know nothing yet."""
    if store.mirror and path.parent == store.root:
        found = store.mirror.read(path)
        return None if found is None else found.decode("utf-8", "replace")
    return _content(path)


def _content(path: Path) -> str | None:
    """What the file holds, byte by byte as far as it is UTF-8; None when there is none."""
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None


def _summary(facts: dict[str, Any], differ: int, check: bool) -> str:
    begun = sum(entry["begun"] for entry in facts["entries"])
    files = f"{counted(differ, 'file')} {'would be written' if check else 'written'}" if differ else "the record is as it should be"
    lost = f", {len(facts['unreadable'])} that cannot be read" if facts["unreadable"] else ""
    return f"{counted(begun, 'rollback')} in {counted(len(facts['entries']), 'incident')}{lost}; {files}"


def _screen(store: Store, facts: dict[str, Any], differ: list[Path], named: Incident | None, check: bool) -> list[str]:
    lines = [_summary(facts, len(differ), check)]
    open_lessons = sum(entry["begun"] and entry["lessons"]["state"] != lessons.WRITTEN for entry in facts["entries"])
    if open_lessons:
        lines.append(f"  {open_lessons} without a root cause: {short(store.root / 'lessons-learned.md')}")
    lines.append(f"  {short(store.root / 'index.html')}")
    return [*lines, *([f"  {short(named.directory / 'report.html')}"] if named else [])]


RECORD = Operation(ARGUMENTS, write_record)
