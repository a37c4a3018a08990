# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that have no releases, only a state at each moment: what a run in check mode foresees for them, as a row of the plan."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment

SETTINGS_SHOWN = 3
CHANGES = ("copy", "undelete", "hide", "remove")
STAYS = ("whatever is written from now on", "markers that are deleted, which an undo cannot put back")


def plan_moment(target: str, tier: str, forecast: Mapping[str, Any], good_at: str, only_if: str) -> dict[str, Any]:
    """One row of the plan, for objects or a configuration; C(from) is the second before now, which an undo goes forward to again."""
    objects = "counts" in forecast
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    changes = any(forecast["counts"][action] for action in CHANGES) if objects else bool(forecast["different"])
    return {
        "target": target,
        "tier": tier,
        "vendor": "Amazon S3" if objects else "CloudFront",
        "from": as_release(moment.iso(now)),
        "to": as_release(forecast["as_of"] if objects else good_at),
        "why": f"as it was on {moment.parse(good_at):%a %H:%M}" if changes else f"{'shows' if objects else 'has'} it already",
        "changes": changes,
        "held": False,
        "holds": True,
        "condemns": [],
        "only_if": only_if,
        "comes_back": [forecast["summary"] if objects else _settings(forecast["different"])],
        "stays": list(STAYS) if objects else ["what edges have cached"],
    }


def _settings(paths: list[str]) -> str:
    more = f" and {len(paths) - SETTINGS_SHOWN} more settings" if len(paths) > SETTINGS_SHOWN else ""
    return ", ".join(paths[:SETTINGS_SHOWN]) + more


def as_release(at: str) -> dict[str, Any]:
    """The state at that moment, in the form of a release."""
    return {
        "id": at,
        "artifact": at,
        "created_at": at,
        "live_from": at,
        "good": True,
        "taken_out_at": None,
        "title": "",
        "state": "",
    }
