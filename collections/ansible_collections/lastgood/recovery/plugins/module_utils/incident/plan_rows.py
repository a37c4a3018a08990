# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the plan: for each target what serves now, what it goes back to, and why."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.keeping import kept
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

Row = dict[str, Any]


def plan_target(
    target: str,
    tier: str,
    reading: Mapping[str, Any],
    incident: Mapping[str, Any],
    good_at: str,
    only_if: str,
    retention: Mapping[str, Any] | None = None,
) -> Row:
    """One row of the plan; raises what C(choice.good_at) raises when there is nothing to go back to."""
    releases = releases_of(reading)
    serving = Release.from_dict(reading["serving"]) if reading["serving"] else None
    try:
        chosen = choice.good_at(releases, moment.parse(good_at), condemned_of(incident, target))
    except RecoveryError as error:
        raise type(error)(f"{target}: {error.message}", f"{error.hint} Another moment: -e good_at=…") from None
    changes = serving is None or serving.artifact != chosen.release.artifact
    until = kept(chosen.release, releases, reading.get("retention"), retention, datetime.now(UTC))
    return {
        "target": target,
        "tier": tier,
        "vendor": reading["vendor"],
        "from": reading["serving"],
        "to": chosen.release.as_dict(),
        "why": f"last good one before {moment.parse(good_at):%a %H:%M}" if changes else "serves it already",
        "changes": changes,
        "held": reading["held"],
        "holds": reading["holds"],
        "trigger": reading.get("trigger", ""),
        "condemns": _condemns(releases, chosen.release) if changes else [],
        "only_if": only_if,
        "comes_back": reading["comes_back"],
        "stays": reading["stays"],
        "kept": until.as_dict() if until else None,
    }


def foreseen(rows: Sequence[Mapping[str, Any]], measures: Sequence[Mapping[str, Any]] = ()) -> set[str]:
    """The tiers that go back or change as far as anybody can tell beforehand: conditional ones do when nothing else would change.

    What a measure does to a target before its release goes back makes nothing of its tier go back.
    """
    both = {row["target"] for row in rows}
    helps = any(row["changes"] for row in [*rows, *measures] if not row["only_if"])
    tiers = [*rows, *(row for row in measures if row["target"] not in both)]
    return {row["tier"] for row in tiers if not (row["only_if"] and helps)}


def releases_of(reading: Mapping[str, Any]) -> list[Release]:
    return [Release.from_dict(row) for row in reading["releases"]]


def condemned_of(incident: Mapping[str, Any], target: str) -> dict[str, datetime]:
    """Artifacts that earlier incidents took out of service, and when."""
    return {artifact: moment.parse(since) for artifact, since in incident["condemned"].get(target, {}).items()}


def _condemns(releases: list[Release], target: Release) -> list[str]:
    """Artifacts that going back to C(target) takes out of service: all that went live after it."""
    later = {r.artifact for r in releases if r.live_from and target.live_from and r.live_from > target.live_from}
    return sorted(later - {target.artifact})
