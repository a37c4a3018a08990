# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a plan is approved, its hash, and what has become different since."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain

Plan = dict[str, Any]


def approved_plan(
    incident: Mapping[str, Any],
    good_at: str | None,
    targets: Iterable[Mapping[str, Any]],
    measures: Iterable[Mapping[str, Any]],
    kept: Mapping[str, Any] | None,
) -> Plan:
    """What changes at which target, and nothing that a mere second look would change.

    C(kept) is the plan as first made, C(targets) and C(measures) are the rows of this run. What serves now is as it was before
    anything was changed, so that a run that is taken up again has the plan that was approved; where a target goes is as it would
    go now.
    """
    kept = kept or {}
    taken = _as_first_made(kept.get("measures", []), measures)
    return {
        "environment": incident["environment"],
        "scenario": incident["scenario"],
        "good_at": good_at,
        "targets": _as_first_made(kept.get("targets", []), targets),
        **({"measures": taken} if taken else {}),
    }


def _as_first_made(kept: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = {row["target"]: row for row in now}
    for row in kept:
        to = rows.get(row["target"], row)["to"]
        rows[row["target"]] = {**row, "to": row["to"] if to.get("artifact") == row["to"].get("artifact") else to}
    return [_row(rows[target]) for target in sorted(rows)]


def plan_hash(plan: Plan) -> str:
    """SHA-256 in hexadecimal."""
    return chain.digest("plan", chain.canonical(plan))


def differences(before: Plan, now: Plan) -> list[str]:
    """What has become different, in words; the first is the one to tell."""
    found = []
    if before["good_at"] != now["good_at"]:
        found.append(f"it goes back to {now['good_at']}, not to {before['good_at']}")
    found += _different(before["targets"], now["targets"], ("serves", "goes back to"))
    found += _different(before.get("measures", []), now.get("measures", []), ("is", "becomes"))
    return found or ([] if before == now else ["a condition or a tier is another"])


def _different(before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]], verbs: tuple[str, str]) -> list[str]:
    was, rows = ({row["target"]: row for row in some} for some in (before, now))
    found = []
    for target in sorted({*was, *rows}):
        if target not in was or target not in rows:
            found.append(f"{target} is {'new in it' if target in rows else 'no longer in it'}")
            continue
        for side, verb in zip(("from", "to"), verbs, strict=True):
            old, new = (_name(plan[target][side]) for plan in (was, rows))
            if old != new:
                found.append(f"{target} {verb} {new}, not {old}")
    return found


def in_words(plan: Plan) -> list[str]:
    """A line for each target."""
    lines = []
    for row in [*plan["targets"], *plan.get("measures", [])]:
        place = f"{row['target']} ({', '.join(filter(None, (row['tier'], row['vendor'])))})"
        change = f"{_name(row['from'])} → {_name(row['to'])}" if row["changes"] else f"stays at {_name(row['to'])}"
        only_if = f", only if {row['only_if']}" if row["only_if"] and row["changes"] else ""
        lines.append(f"{place}: {change}{only_if}")
    return lines


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: row.get(key) for key in ("target", "tier", "vendor", "changes", "only_if")}
    return {**known, "from": _release(row["from"], shown_only=True), "to": _release(row["to"])}


def _release(release: Mapping[str, Any] | None, shown_only: bool = False) -> dict[str, Any] | None:
    """C(shown_only): what has no releases shows another moment at every look; that is nothing that anybody approves."""
    if release is None or (shown_only and release["id"] == release.get("live_from")):
        return None
    return {key: release.get(key) for key in ("id", "artifact", "live_from")}


def _name(release: Mapping[str, Any] | None) -> str:
    if release is None:
        return "what it shows now"
    artifact = str(release.get("artifact") or "")
    more = artifact[:7] if len(artifact) == 40 else ""
    since = f"live since {release['live_from']}" if release.get("live_from") and release["live_from"] != release["id"] else ""
    told = ", ".join(filter(None, (more, since)))
    return release["id"] + (f" ({told})" if told else "")
