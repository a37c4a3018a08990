# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending a capture: what was read becomes a recovery point, or nothing does."""
from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, short
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.gathered import content, rows
from ansible_collections.lastgood.recovery.plugins.module_utils.points.moved import moved
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Manifest, Points

INCOMPLETE = 12
"""The exit code when a point was captured, but lacks what could have been read."""
KINDS = ("releases", "variables", "configuration", "migrations", "database", "flags")
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "point": {"type": "dict", "required": True},
    "tiers": {"type": "dict", "required": True},
    "first": {"type": "dict", "required": True},
    **{name: {"type": "dict", "default": {}} for name in (*KINDS, "objects", "managed", "retention")},
    "label": {"type": "str", "default": ""},
    "final": {"type": "bool", "default": True},
}


def capture(options: Options, run: Run) -> Result:
    """The point, written with its manifest last. Not C(final), what does not belong together is told of with C(again) and thrown away.

    Refused when it still does not, or when what a target serves cannot be read at all.
    """
    points, point, now = Points(options["store"]), options["point"], datetime.now(UTC)
    directory = Path(point["directory"])
    try:
        apart = moved(options["first"], options["releases"], now)
        if apart:
            return _apart(apart, options)
        manifest = _manifest(options, now)
    except Refused:
        _discard(directory, run)
        raise
    finally:
        if not options["final"] and apart:
            _discard(directory, run)
    before = points.all(options["environment_name"])
    manifest["unchanged_since"] = _unchanged_since(manifest, before)
    manifest["incidents"] = [i.fields["id"] for i in points.store.incidents(options["environment_name"]) if i.fields["state"] in GOING_ON]
    if not run.check:
        _plain_files(directory, options, manifest)
        manifest = points.keep(point["id"], manifest)
    return {
        "changed": True,
        "again": False,
        "point": manifest["id"] if not run.check else None,
        "complete": manifest["complete"],
        "unchanged_since": manifest["unchanged_since"],
        "missing": manifest["missing"],
        "exit_code": 0 if manifest["complete"] else INCOMPLETE,
        "summary": _summary(manifest, run),
        "screen": _screen(manifest, points, point, run),
    }


def _apart(apart: dict[str, str], options: Options) -> Result:
    told = "; ".join(f"{target} {what}" for target, what in sorted(apart.items()))
    if options["final"]:
        raise Refused(
            f"not one moment: {told}; no recovery point was written",
            "Wait until nothing is being deployed, then run the same command again.",
            moved=apart,
        )
    return {"changed": False, "again": True, "moved": apart, "summary": f"not one moment: {told}; all of it is read once more"}


def _manifest(options: Options, now: datetime) -> Manifest:
    read = {name: options[name] for name in ("tiers", *KINDS, "objects", "managed", "retention")}
    targets, missing = rows(read, sorted(options["tiers"]), options["point"]["began_at"])
    unread = [row for row in missing if row["what"] == "releases" and not row["cannot"]]
    if unread:
        raise Refused(
            "; ".join(f"{row['target']} cannot be read: {row['why']}" for row in unread) + "; no recovery point was written",
            "Repair what is named, or leave the target out: --limit 'all:!TARGET'.",
        )
    return {
        "environment": options["environment_name"],
        "label": options["label"],
        "captured_at": options["point"]["began_at"],
        "read_until": moment.iso(now),
        "complete": all(row["cannot"] for row in missing),
        "missing": missing,
        "backup": options["point"]["backup_why"],
        "targets": targets,
        "content": content(targets),
    }


def _unchanged_since(manifest: Manifest, before: list[Manifest]) -> str | None:
    """The oldest of the points in a row, up to the newest, that has the same content."""
    same = None
    for point in reversed(before):
        if point["content"] != manifest["content"]:
            break
        same = point["id"]
    return same


def _plain_files(directory: Path, options: Options, manifest: Manifest) -> None:
    """What is no secret: settings of distributions, with secrets as fingerprints, and the manifests of backups."""
    for name, row in manifest["targets"].items():
        if "configuration" in row:
            settings = json.dumps(options["configuration"][name]["config"], indent=1, sort_keys=True)
            captured.write(str(directory / row["configuration"]["settings"]), settings)
        path = (row.get("database") or {}).get("path")
        if path and (Path(path) / "manifest.json").is_file():
            row["database"]["manifest"] = f"database/{name}.json"
            captured.write(str(directory / row["database"]["manifest"]), (Path(path) / "manifest.json").read_text(encoding="utf-8"))


def _discard(directory: Path, run: Run) -> None:
    if not run.check:
        shutil.rmtree(directory, ignore_errors=True)


def _summary(manifest: Manifest, run: Run) -> str:
    targets = len(manifest["targets"])
    what = f"recovery point {manifest['id']}" if not run.check else "a recovery point"
    state = "" if manifest["complete"] else ", not complete"
    return f"{what} of {targets} target{'' if targets == 1 else 's'} {'would be ' if run.check else ''}captured{state}"


def _screen(manifest: Manifest, points: Points, point: dict[str, Any], run: Run) -> list[str]:
    """At most a screen, whatever the number of targets."""
    rows = manifest["targets"].values()
    found = [
        (sum("release" in row for row in rows), "release"),
        (sum(len(row["variables"]["names"]) for row in rows if "variables" in row), "variable"),
        (sum("configuration" in row for row in rows), "distribution"),
        (sum(len(row["migrations"]["applied"]) for row in rows if "migrations" in row), "migration"),
        (sum("flag" in row for row in rows), "flag"),
        (sum((row.get("database") or {}).get("kind") == "backup" for row in rows), "database backup"),
        (sum("at" in (row.get("objects") or row.get("database") or {}) for row in rows), "time mark"),
    ]
    lines = [paragraph(f"{_summary(manifest, run)}: " + ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in found if n))]
    if manifest["unchanged_since"]:
        lines.append(paragraph(f"  Nothing has changed since {manifest['unchanged_since']}."))
    if manifest["backup"]:
        lines.append(paragraph(f"  No database backup: {manifest['backup']}."))
    unread = [row for row in manifest["missing"] if not row["cannot"]]
    lines += [paragraph(f"! {row['target']}: no {row['what']}: {row['why']}") for row in unread[:8]]
    lines += [f"! and {len(unread) - 8} more, see the manifest"] if len(unread) > 8 else []
    cannot = [f"{row['target']} ({row['what']})" for row in manifest["missing"] if row["cannot"]]
    if cannot:
        lines.append(paragraph(f"  The vendor cannot: {', '.join(cannot[:6])}{' …' if len(cannot) > 6 else ''}"))
    return [*lines, *([] if run.check else [f"  {short(points.root / point['id'] / 'manifest.json')}"])]


CAPTURE = Operation(ARGUMENTS, capture)
