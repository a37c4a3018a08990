# SPDX-License-Identifier: GPL-3.0-or-later
"""Recovery points told of, compared, and pruned."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import AWAITING, GOING_ON, Incident
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points import retention
from ansible_collections.lastgood.recovery.plugins.module_utils.points.difference import difference
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Manifest, Points

SHOWN = 15
"""Lines on the screen."""
WHERE: dict[str, Any] = {"store": OPENING["store"], "environment_name": {"type": "str", "required": True}}
ARGUMENTS: dict[str, Any] = {**WHERE, "diff": {"type": "list", "elements": "str"}}
PRUNE_ARGUMENTS: dict[str, Any] = {**WHERE, "keep": {"type": "dict", "default": retention.DEFAULT}}


def look(options: Options, run: Run) -> Result:
    """All points of the environment; with C(diff) what differs between two of them."""
    points = Points(options["store"])
    if options["diff"]:
        return _compared(points, options)
    found = points.all(options["environment_name"])
    rows = [_row(point) for point in found]
    count = f"{len(found)} recovery point{'' if len(found) == 1 else 's'} of {options['environment_name']}"
    lines = [count, *(_line(row) for row in reversed(rows[-SHOWN:]))]
    lines += [f"  and {len(rows) - SHOWN} older ones"] if len(rows) > SHOWN else []
    return {
        "points": rows,
        "differs": {},
        "unreadable": points.unreadable,
        "summary": count,
        "screen": lines,
        "warnings": [f"recovery point {name} cannot be read: {why}" for name, why in points.unreadable.items()],
    }


def _compared(points: Points, options: Options) -> Result:
    if len(options["diff"]) != 2:
        raise Refused("two recovery points are compared, not fewer or more", "Name two: -e compare=OLDER,NEWER; newest is one, too.")
    one, other = (points.find(name.strip(), options["environment_name"]) for name in options["diff"])
    found = difference(one, other, points)
    summary = f"{len(found)} target{' differs' if len(found) == 1 else 's differ'} between {one['id']} and {other['id']}"
    lines = [paragraph(f"{name}: {'; '.join(f'{what} {_words(value)}' for what, value in rows.items())}") for name, rows in found.items()]
    return {
        "points": [_row(one), _row(other)],
        "differs": found,
        "unreadable": points.unreadable,
        "summary": summary,
        "screen": [summary, *(f"  {line}" for line in lines)],
    }


def prune(options: Options, run: Run) -> Result:
    """Remove the points that no rule keeps."""
    keep = retention.policy(options["keep"])
    points = Points(options["store"])
    found = points.all(options["environment_name"])
    incidents = points.store.incidents(options["environment_name"])
    kept = retention.kept(found, keep, [at for incident in incidents for at in _moments(incident)], datetime.now(UTC))
    gone = [point["id"] for point in found if point["id"] not in kept]
    for name in gone:
        if not run.check:
            points.remove(name)
    would = "would be " if run.check else ""
    return {
        "changed": bool(gone),
        "removed": gone,
        "kept": kept,
        "summary": f"{len(gone)} of {len(found)} recovery points {would}removed" if gone else f"all {len(found)} recovery points are kept",
        "diff": {"before": {"points": [point["id"] for point in found]}, "after": {"points": list(kept)}},
    }


def _moments(incident: Incident) -> list[datetime]:
    """What an incident that nobody has ended goes back to, or forward to when it is undone."""
    fields = incident.fields
    if fields["state"] not in (*GOING_ON, AWAITING, "open"):
        return []
    return [moment.parse(str(fields[key])) for key in ("good_at", "bad_at", "opened_at") if fields.get(key)]


def _row(point: Manifest) -> dict[str, Any]:
    kept = {key: point.get(key) for key in ("id", "captured_at", "complete", "unchanged_since", "label", "missing")}
    backups = sorted(name for name, row in point["targets"].items() if (row.get("database") or {}).get("kind") == "backup")
    return {**kept, "targets": sorted(point["targets"]), "backups": backups}


def _line(row: dict[str, Any]) -> str:
    words = [f"{len(row['targets'])} targets"]
    words += ["backup"] if row["backups"] else []
    words += ["as before"] if row["unchanged_since"] else []
    words += [] if row["complete"] else ["not complete"]
    label = f"  {row['label']}" if row["label"] else ""
    return f"  {row['id']}  {moment.short(moment.parse(row['captured_at']))}  {', '.join(words)}{label}"[:80]


def _words(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"from", "to"}:
        return f"{value['from']} → {value['to']}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value[:6])) + (f" and {len(value) - 6} more" if len(value) > 6 else "")
    return str(value)


INFO = Operation(ARGUMENTS, look)
PRUNE = Operation(PRUNE_ARGUMENTS, prune)
