"""Recovery points captured without Ansible: what modules would have read, and the file that they would have written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.points.beginning import BEGIN
from ansible_collections.lastgood.recovery.plugins.module_utils.points.capture import CAPTURE
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

NOW = datetime.now(UTC)
RUN = Run(save=lambda path, content: captured.write(path, json.dumps(content)))


def release(id: str, hours: float = 24, good: bool = True, state: str = "READY") -> dict[str, Any]:
    at = NOW - timedelta(hours=hours)
    return Release(id, id * 10, at, at if good else None, good, state=state).as_dict()


def reading(id: str, *others: dict[str, Any], held: bool = False) -> dict[str, Any]:
    """What release_info tells of a target that serves the release."""
    return {"serving": release(id), "releases": [release(id), *others], "held": held, "vendor": "Vercel"}


def begun(store: Path | str, readings: dict[str, Any], run: Run = RUN, **options: Any) -> dict[str, Any]:
    given = {"store": str(store), "environment_name": "production", "releases": readings, "migrations": {}, "database": "always", **options}
    return outcome(BEGIN, given, run)


def kept(store: Path | str, begun: dict[str, Any], readings: dict[str, Any], run: Run = RUN, **options: Any) -> dict[str, Any]:
    """The result of recovery_point for targets that are read like this."""
    names = dict.fromkeys([*readings, *(name for kind in options.values() if isinstance(kind, dict) for name in kind)], "backend")
    every: dict[str, Any] = {name: {} for name, option in CAPTURE.arguments.items() if option["type"] == "dict"}
    given = {**every, "store": str(store), "environment_name": "production", "point": begun["point"], "tiers": names, "first": readings,
             "releases": readings, "label": "", "final": True, **options}
    return outcome(CAPTURE, given, run)


def captured_point(store: Path | str, readings: dict[str, Any] | None = None, at: datetime | None = None, **options: Any) -> dict[str, Any]:
    """The manifest of one more point; captured at that time."""
    readings = readings or {"api": reading("a")}
    start = begun(store, readings)
    directory = Path(start["point"]["directory"])
    for name, result in options.get("variables", {}).items():
        values = result.pop("values", {})
        captured.write(str(directory / "variables" / f"{name}.json"), json.dumps({"variables": values}))
    if at:
        start["point"]["began_at"] = moment.iso(at)
    result = kept(store, start, readings, **options)
    assert not result.get("failed"), result
    manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text())
    return manifest
