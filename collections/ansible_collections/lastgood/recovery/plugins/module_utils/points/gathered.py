# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of each target, as the rows of a manifest; and what of it is missing, with the reason."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]
OWN = "postgres"
"""A database of one's own, which nobody else keeps the history of."""
CANNOT = "NotOffered"
"""The error of a vendor that has no such thing: nothing that could be repaired."""


def rows(read: Mapping[str, Mapping[str, Any]], names: list[str], at: str) -> tuple[dict[str, Row], list[Row]]:
    """By target, what is known; and {target, what, why, cannot} for what could not be read.

    C(read) has by kind and target the results of the modules, and C(objects), C(managed) as the inventory has them.
    """
    found: dict[str, Row] = {}
    missing: list[Row] = []
    for name in names:
        row: Row = {"tier": _of(read, "tiers", name) or ""}
        for kind, (key, translate) in READ.items():
            result = _of(read, kind, name)
            if not isinstance(result, Mapping) or not result or result.get("skipped"):
                continue
            if key in result:
                row |= translate(result, name)
            else:
                missing.append({"target": name, "what": kind, "why": _why(result), "cannot": result.get("error") == CANNOT})
        if row.get("variables", {}).get("unreadable"):
            hidden = ", ".join(row["variables"]["unreadable"])
            missing.append({"target": name, "what": "variables", "why": f"the vendor does not show {hidden}", "cannot": True})
        row |= _marks(read, name, at)
        if _lacks_backups(read, name):
            why = "the inventory has no database.backups.destination"
            missing.append({"target": name, "what": "database", "why": why, "cannot": False})
        found[name] = row
    return found, missing


def content(targets: Mapping[str, Row]) -> str:
    """A hash that stays the same as long as nothing but time has passed; rows in databases do not count."""
    kept = {
        name: {key: _lasting(key, value) for key, value in row.items() if key not in ("database", "objects")}
        for name, row in targets.items()
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _lasting(key: str, value: Any) -> Any:
    """Without what changes by itself, or is only told by the vendor."""
    if key == "release":
        return value and value["artifact"]
    if key == "configuration":
        return value["etag"]
    return {name: one for name, one in value.items() if name != "file"} if isinstance(value, dict) else value


def _release(result: Mapping[str, Any], name: str) -> Row:
    return {"vendor": result.get("vendor", ""), "release": result["serving"], "held": bool(result.get("held"))}


def _variables(result: Mapping[str, Any], name: str) -> Row:
    return {"variables": {"file": f"variables/{name}.json", "names": result["variables"], "unreadable": result.get("unreadable", [])}}


def _configuration(result: Mapping[str, Any], name: str) -> Row:
    kept = {key: result[key] for key in ("distribution", "etag", "modified", "functions")}
    return {"configuration": {**kept, "file": f"cloudfront/{name}.json", "settings": f"settings/{name}.json"}}


def _migrations(result: Mapping[str, Any], name: str) -> Row:
    applied = sorted(each["name"] for each in result["migrations"] if each["state"] == "applied")
    return {"migrations": {"verdict": result["verdict"], "applied": applied}}


def _database(result: Mapping[str, Any], name: str) -> Row:
    return {"database": {"kind": "backup", **result["backup"]}} if result["backup"] else {}


def _flag(result: Mapping[str, Any], name: str) -> Row:
    return {"flag": {"vendor": result.get("vendor", ""), "value": result["before"]}}


READ = {
    "releases": ("serving", _release),
    "variables": ("variables", _variables),
    "configuration": ("config", _configuration),
    "migrations": ("verdict", _migrations),
    "database": ("backup", _database),
    "flags": ("before", _flag),
}


def _marks(read: Mapping[str, Mapping[str, Any]], name: str, at: str) -> Row:
    """What the vendor keeps by itself needs the time alone."""
    found: Row = {}
    objects, managed = _of(read, "objects", name), _of(read, "managed", name) or {}
    if objects:
        found["objects"] = {**{key: objects.get(key) or "" for key in ("bucket", "prefix", "region")}, "at": at}
    if managed.get("provider") not in (None, OWN):
        kept = managed.get("retention") or _of(read, "retention", name) or None
        found["database"] = {"kind": "time mark", "provider": managed["provider"], "at": at, "retention": kept}
    return found


def _lacks_backups(read: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    managed = _of(read, "managed", name) or {}
    return managed.get("provider") == OWN and not (managed.get("backups") or {}).get("destination")


def _of(read: Mapping[str, Mapping[str, Any]], kind: str, name: str) -> Any:
    return read.get(kind, {}).get(name)


def _why(result: Mapping[str, Any]) -> str:
    text = str(result.get("summary") or result.get("msg") or "it gave no answer")
    return " ".join(text.split()).removesuffix("; nothing was changed")
