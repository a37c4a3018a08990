# SPDX-License-Identifier: GPL-3.0-or-later
"""The status as a person reads it: at most 80 columns and about 20 lines for a handful of targets."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import span, time_of
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import in_words
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH, paragraph

HEADS = ("target", "serves", "since", "new pushes")
PUSHES = {True: "held", False: "go live", None: "cannot be held"}


def screen(told: Mapping[str, Any]) -> list[str]:
    """Lines: a table of the targets, what cannot be read, the incidents going on, the lock, the last verdict."""
    at = time_of(told["at"])
    lines = [f"{told['environment_title']} · {at:%a %d %b %H:%M} UTC" if at else told["environment_title"], *_table(told["targets"])]
    plain = [target["target"] for target in told["targets"] if target["read"] is None]
    if plain:
        lines.append(paragraph(f"  without releases: {', '.join(plain)}"))
    lines += [paragraph(f"? {name}: {why}") for name, why in told["unreadable"].items()]
    for incident in told["incidents"]:
        lines += _incident(incident)
    if not told["incidents"]:
        last = told["last_verdict"]
        when = f", {moment.short(time_of(last['at']))}" if last and last["at"] else ""
        ended = f" The last: {last['verdict']}, {last['incident']}, {last['state'].replace('_', ' ')}{when}." if last else ""
        lines.append(paragraph(f"No incident is going on.{ended}"))
    lines += [paragraph(f"On call: {told['on_call']}")] if told["on_call"] else []
    return [*lines, paragraph(_lock(told["lock"]))]


def _table(targets: list[dict[str, Any]]) -> list[str]:
    rows = [(_cut(t["target"], 20), _cut(t["release"], 20), moment.short(time_of(t["since"])) if t["since"] else "—", PUSHES[t["held"]])
            for t in targets if t["read"]]
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(HEADS, widths, strict=True))] if rows else []
    good = iter(rows)
    for target in targets:
        if target["read"] is False:
            lines.append(paragraph(f"? {_cut(target['target'], 20):<{widths[0]}}  cannot be read: {target['why']}"))
        elif target["read"]:
            row = "  ".join(cell.ljust(width) for cell, width in zip(next(good), widths, strict=True))
            if target["condemned_at"]:
                row += "  condemned"
            lines.append(_cut(f"{'!' if target['condemned_at'] else ' '} {row}".rstrip(), WIDTH))
    return lines


def _incident(incident: Mapping[str, Any]) -> list[str]:
    words = [f"{incident['id']} ({incident['severity']})" if incident["severity"] else incident["id"], incident["state"].replace("_", " ")]
    words += [incident["verdict"]] if incident["verdict"] else []
    words.append(f"opened {span(incident['age'])} ago")
    if incident["state"] == "started" and incident["seen"] is not None:
        words.append(f"last sign of life {span(incident['seen'])} ago")
    if incident["missing"]:
        until = time_of(incident["until"])
        words.append(f"awaits {in_words(incident['missing'])}" + (f" until {until:%H:%M} UTC" if until else ""))
    reason = f": {incident['reason']}" if incident["reason"] else ""
    steps = incident["next"]
    lines = [paragraph(f"Incident {', '.join(words)}{reason}"), *(paragraph(f"  {call}") for call in incident["call"])]
    lines += [f"  To {', or to '.join(step['to'] for step in steps)}:"]
    return lines + [f"    {step['command']}" for step in steps]


def _lock(lock: Mapping[str, Any] | None) -> str:
    if lock is None:
        return "Nobody holds the lock."
    if lock["unreadable"]:
        return f"? {lock['unreadable']}"
    where = f"process {lock['process']} on {lock['host']}"
    return f"{lock['by']} holds the lock for {lock['incident']} ({where}), taken {span(lock['age'])} ago."


def _cut(words: str, room: int) -> str:
    return words if len(words) <= room else words[: room - 1] + "…"
