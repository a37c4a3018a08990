# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that was shown before: C(-e plan=3f2a9c1b) wants exactly that one, and a difference is told.

Check mode writes nothing to the incident store; what it showed is remembered in the user's cache, so that a difference can be named.
"""
from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import differences
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import write

LENGTH = 8
"""Digits of the hash that are shown, and the fewest that are taken."""
KEPT = 7 * 24 * 3600
"""Seconds that a plan is remembered."""


def remember(plan: dict[str, Any], digest: str) -> None:
    """Where it cannot be written, only its hash can be compared later."""
    place = _place()
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in place.glob("*.json"):
            if time.time() - old.stat().st_mtime > KEPT:
                old.unlink(missing_ok=True)
        write(place / f"{digest[:LENGTH]}.json", json.dumps(plan))


def same(wanted: str, plan: dict[str, Any], digest: str) -> None:
    """Refused when another plan is wanted than this one, with the first thing that differs."""
    wanted = wanted.strip().lower()
    if not wanted:
        return
    if not re.fullmatch(f"[0-9a-f]{{{LENGTH},64}}", wanted):
        raise Refused(f"'{wanted}' is not the hash of a plan", "Take it from the last line of the plan: -e plan=3f2a9c1b")
    if digest.startswith(wanted):
        return
    before = _remembered(wanted)
    told = differences(before, plan)[0] if before and before != plan else "what it was is not remembered here"
    raise Refused(
        f"the plan has changed since it was shown as {wanted[:LENGTH]}: {told}",
        f"Look at it anew with --check, then apply it: -e plan={digest[:LENGTH]}",
    )


def changed(before: Mapping[str, Any], now: dict[str, Any]) -> None:
    """Refused when the world has moved while somebody looked at the plan."""
    found = differences(dict(before), now)
    if found:
        raise Refused(f"the plan has changed since it was shown: {found[0]}", "The same command plans anew and shows it.")


def _remembered(wanted: str) -> dict[str, Any] | None:
    try:
        plan = json.loads((_place() / f"{wanted[:LENGTH]}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return plan if isinstance(plan, dict) else None


def _place() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path("~/.cache").expanduser()) / "lastgood" / "plans"
