# SPDX-License-Identifier: GPL-3.0-or-later
"""Heroku's releases in our words: when each went live, and which of them a rollback took out of service."""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.builds import Build
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

Row = dict[str, Any]


def release(row: Row, build: Build | None, superseded: datetime | None = None) -> Release:
    """One release; C(superseded) is when the next one went live, where there is one."""
    status = row.get("status") or "unknown"
    live_from = _went_live(row, superseded) if status == "succeeded" else None
    offered = row.get("eligible_for_rollback") is not False  # not told to every client
    lost = "without code" if build is None else "its build is deleted" if build.deleted else "" if offered else "not eligible for rollback"
    words = row.get("description") or ""
    return Release(
        id=row["id"],
        artifact=build.artifact if build else row["id"],
        created_at=moment.parse(row["created_at"]),
        live_from=live_from,
        good=bool(live_from) and not lost,
        title=build.message if build and build.message and words.startswith("Deploy ") else words,
        state=f"{status}, {lost}" if lost and status == "succeeded" else status,
    )


def translated(rows: Iterable[Row], builds: Iterable[Build | None]) -> list[Release]:
    """All of them, newest first as in C(rows), with those marked that Heroku's own record says were rolled away from."""
    found: list[Release] = []
    versions: dict[int, Release] = {}
    superseded: datetime | None = None
    for row, build in zip(rows, builds, strict=True):
        found.append(release(row, build, superseded))
        versions[row["version"]] = found[-1]
        superseded = found[-1].live_from or superseded
    out: dict[int, datetime] = {}
    for version, rollback in versions.items():
        target = re.match(r"Rollback to v(\d+)", rollback.title)
        if target and rollback.live_from and int(target[1]) < version:
            out.update({one: rollback.live_from for one in range(int(target[1]) + 1, version) if _left(versions.get(one), rollback)})
    return [replace(one, taken_out_at=out.get(version)) for version, one in versions.items()]


def _left(one: Release | None, rollback: Release) -> bool:
    """Whether it served until that rollback, and ran something else."""
    return one is not None and one.live_from is not None and one.artifact != rollback.artifact


def _went_live(row: Row, superseded: datetime | None) -> datetime:
    """At once, or when its release phase ended: C(updated_at), unless something touched it again after the next one went live."""
    created, updated = moment.parse(row["created_at"]), moment.parse(row["updated_at"])
    phase = row.get("output_stream_url") is not None
    return updated if phase and (superseded is None or updated < superseded) else created
