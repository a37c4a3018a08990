# SPDX-License-Identifier: GPL-3.0-or-later
"""Recovery points as the past of a target, for what its vendor keeps no history of."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Manifest, Points


def configurations(run: Run, distribution: str) -> Iterator[tuple[str, str]]:
    """C(id) of a point and the path of its capture of the distribution, newest first; of each state the newest alone."""
    seen: set[str] = set()
    for points, manifest in _newest_first(run):
        for row in manifest["targets"].values():
            configuration = row.get("configuration") or {}
            if configuration.get("distribution") == distribution and configuration["etag"] not in seen:
                seen.add(configuration["etag"])
                yield manifest["id"], str(points.path(manifest, configuration["file"]))


def variables(run: Run, vendor: str, when: datetime) -> tuple[dict[str, str], str, str] | None:
    """The values of this target in the newest point at or before the moment, the point's id and time; None when there is none."""
    for points, manifest in _newest_first(run):
        row = manifest["targets"].get(run.points.target if run.points else "") or {}
        if moment.parse(manifest["captured_at"]) <= when and row.get("variables") and row.get("vendor") in ("", None, vendor):
            path = str(points.path(manifest, row["variables"]["file"]))
            values: Any = captured.variables(run.load(path), path)
            return dict(values), manifest["id"], manifest["captured_at"]
    return None


def _newest_first(run: Run) -> Iterator[tuple[Points, Manifest]]:
    if run.points is None:
        return
    points = Points(run.points.store)
    try:
        found = points.all(run.points.environment)
    except RecoveryError:  # a bucket that does not answer must not stop a rollback: what is on this machine is as good
        found = points.here(run.points.environment)
    for manifest in reversed(found):
        yield points, manifest
