"""What a plan is made of, for the tests of its parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import plan

NIGHT = datetime(2026, 11, 22, 2, 38, tzinfo=UTC)
TIERS = {"storefront": "frontend", "api": "backend", "uploads": "objects", "shop": "database"}


def release(name: str, minutes: float) -> dict[str, Any]:
    """One that went live so many minutes after the night's deployment."""
    live = moment.iso(NIGHT + timedelta(minutes=minutes))
    return {"id": f"id-{name}", "artifact": name, "created_at": live, "live_from": live, "good": True, "title": "", "state": "live"}


def reading(*releases: dict[str, Any]) -> dict[str, Any]:
    """A target that serves the last of them."""
    words = {"vendor": "V", "comes_back": ["code"], "stays": ["data"]}
    return {"serving": releases[-1], "releases": list(releases), "held": False, "holds": True, **words}


def incident(store: Path, **fields: Any) -> dict[str, Any]:
    """The facts after it was opened, in check mode."""
    given = {"bad_at": moment.iso(NIGHT + timedelta(minutes=3)), "good_at": None, "environment": "test", "scenario": "checkout"}
    rest = {"severity": "P1", "resumed": False, "moment_given": True, "condemned": {}, "touched": [], "measured": [], "directory": "",
            "rto": 900}
    words = {"environment_title": "TEST", "id": "x", "reason": "", "store": str(store), "by": "maria", "user": "maria", "run": ""}
    return {**given, **rest, **words, **fields}


def plan_options(**given: Any) -> dict[str, Any]:
    """The options of the plan, those that are not given as the module has them."""
    defaults = {name: option.get("default") for name, option in plan.ARGUMENTS.items()}
    return {**defaults, "tiers": TIERS, **given}
