# SPDX-License-Identifier: GPL-3.0-or-later
"""Two recovery points compared: names and counts, never a value of a variable."""
from __future__ import annotations

import json
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.comparison import flat
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import words
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Manifest, Points
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

Row = dict[str, Any]


def difference(one: Manifest, other: Manifest, points: Points) -> dict[str, Row]:
    """By target, what differs: C(target), C(release), C(held), C(variables), C(settings), C(flag), C(migrations), C(counts)."""
    found: dict[str, Row] = {}
    for name in sorted({*one["targets"], *other["targets"]}):
        before, after = one["targets"].get(name), other["targets"].get(name)
        if before is None or after is None:
            found[name] = {"target": "added" if before is None else "removed"}
            continue
        rows: Row = {
            "release": _releases(before, after),
            "held": _changed(before.get("held"), after.get("held")),
            "variables": _names(_of(before, "variables", "names"), _of(after, "variables", "names")),
            "settings": _settings(one, before, other, after, points),
            "flag": _flags(before.get("flag"), after.get("flag")),
            "migrations": _lists(_of(before, "migrations", "applied"), _of(after, "migrations", "applied")),
            "counts": _counts(one, before, other, after, points),
        }
        if rows := {key: value for key, value in rows.items() if value}:
            found[name] = rows
    return found


def _of(row: Row, part: str, key: str) -> Any:
    return (row.get(part) or {}).get(key)


def _changed(before: Any, after: Any) -> Row:
    return {} if before is None or after is None or before == after else {"from": before, "to": after}


def _flags(before: Row | None, after: Row | None) -> Row:
    if before is None or after is None or before == after:
        return {}
    return {"from": words(before["value"]), "to": words(after["value"])}


def _releases(before: Row, after: Row) -> Row:
    if "release" not in before or "release" not in after:
        return {}
    one, other = before["release"], after["release"]
    if (one and one["artifact"]) == (other and other["artifact"]):
        return {}
    return {"from": _name(one), "to": _name(other)}


def _name(serving: Row | None) -> str:
    return str(Release.from_dict(serving)) if serving else "nothing"


def _names(before: Row | None, after: Row | None) -> Row:
    """Nothing is said of what one of them does not have."""
    if before is None or after is None:
        return {}
    parts = {
        "added": sorted(set(after) - set(before)),
        "removed": sorted(set(before) - set(after)),
        "changed": sorted(name for name in set(before) & set(after) if before[name] != after[name]),
    }
    return {key: names for key, names in parts.items() if names}


def _lists(before: list[str] | None, after: list[str] | None) -> Row:
    return _names(dict.fromkeys(before), dict.fromkeys(after)) if before is not None and after is not None else {}


def _settings(one: Manifest, before: Row, other: Manifest, after: Row, points: Points) -> list[str]:
    if "configuration" not in before or "configuration" not in after:
        return []
    if before["configuration"]["etag"] == after["configuration"]["etag"]:
        return []
    old, new = (flat(_json(points, point, row["configuration"]["settings"])) for point, row in ((one, before), (other, after)))
    return sorted(path for path in {*old, *new} if old.get(path) != new.get(path))


def _counts(one: Manifest, before: Row, other: Manifest, after: Row, points: Points) -> Row:
    """Rows by table, where the backups' own manifests were captured; in all, otherwise."""
    if any((row.get("database") or {}).get("kind") != "backup" for row in (before, after)):
        return {}
    old, new = (_rows(points, point, row["database"]) for point, row in ((one, before), (other, after)))
    if set(old) == {""} or set(new) == {""}:
        old, new = ({"": row["database"].get("rows")} for row in (before, after))
    differ = sorted(table for table in {*old, *new} if old.get(table) != new.get(table))
    return {table or "all tables": {"from": old.get(table), "to": new.get(table)} for table in differ}


def _rows(points: Points, point: Manifest, database: Row) -> dict[str, Any]:
    if not database.get("manifest"):
        return {"": database.get("rows")}
    tables = _json(points, point, database["manifest"]).get("tables") or {}
    return {name: table["rows"] for name, table in tables.items()}


def _json(points: Points, point: Manifest, file: str) -> Any:
    return json.loads(points.path(point, file).read_text(encoding="utf-8"))
