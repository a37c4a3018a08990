# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what was read belongs together: nothing was being deployed, and nothing changed between the first reading and the last."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

BUSY = frozenset({
    "building", "build_in_progress", "created", "deploying", "enqueued", "initializing", "new", "pending", "pre_deploy_in_progress",
    "prepared", "preparing", "processing", "queued", "update_in_progress", "uploaded", "uploading", "waiting",
})
"""The vendors' words for a release that may still go live."""
FORGOTTEN = timedelta(hours=6)
"""A release that has been on its way for longer will not go live any more."""


def moved(first: Mapping[str, Any], last: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """By target, what does not belong together, in words; the readings are results of release_info with C(serving)."""
    found = {}
    for target, reading in last.items():
        before = first.get(target) or {}
        if "serving" not in reading or "serving" not in before:
            continue
        busy = _busy(reading, now)
        if _what(before["serving"]) != _what(reading["serving"]):
            found[target] = f"served {_name(before['serving'])} first and {_name(reading['serving'])} then"
        elif bool(before.get("held")) != bool(reading.get("held")):
            found[target] = f"new pushes were {_pushes(before)} first and {_pushes(reading)} then"
        elif busy:
            found[target] = f"{_name(busy)} is being deployed ({busy['state']})"
        elif _newest(before) != _newest(reading):
            found[target] = f"{_newest(reading)} was made meanwhile"
    return found


def _busy(reading: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """A release on its way, newer than the one that serves."""
    serving = Release.from_dict(reading["serving"]) if reading["serving"] else None
    for fields in reading.get("releases") or []:
        release = Release.from_dict(fields)
        newer = serving is None or (release.created_at > serving.created_at and release.id != serving.id)
        if newer and not release.good and release.state.lower() in BUSY and now - release.created_at < FORGOTTEN:
            return dict(fields)
    return None


def _newest(reading: Mapping[str, Any]) -> str:
    rows = reading.get("releases") or []
    return str(max(rows, key=lambda row: row["created_at"])["id"]) if rows else ""


def _what(serving: Mapping[str, Any] | None) -> tuple[str, str] | None:
    return (serving["id"], serving["artifact"]) if serving else None


def _name(serving: Mapping[str, Any] | None) -> str:
    return str(Release.from_dict(dict(serving))) if serving else "nothing"


def _pushes(reading: Mapping[str, Any]) -> str:
    return "held" if reading.get("held") else "not held"
