# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: for each target what serves now, what it goes back to, why, and how long that took before."""
from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NothingBroken, RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import approved_plan, plan_hash
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.forecast import plan_moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan_screen import screen
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "readings": {"type": "dict", "required": True},
    "forecasts": {"type": "dict", "default": {}},
    "configurations": {"type": "dict", "default": {}},
    "tiers": {"type": "dict", "required": True},
    "only_if": {"type": "dict", "default": {}},
    "checks": {"type": "dict"},
    "shipped_together": {"type": "float", "default": 1800},
    "slack": {"type": "float", "default": 60},
}


def settle_moment(incident: Mapping[str, Any], readings: Mapping[str, Any], together: timedelta, slack: timedelta) -> str:
    """The moment every target goes back to: the one given or settled before, else just before the suspect deployment.

    What went live within C(slack) after it was seen to be bad is suspect, too: no two clocks agree.
    """
    if incident["good_at"]:
        return incident["good_at"]
    at = moment.parse(incident["bad_at"]) + slack
    suspects = [choice.serving_at(_releases(reading), at, _condemned(incident, target)) for target, reading in readings.items()]
    good_at = choice.last_good_moment([release for release in suspects if release], together)
    if good_at is None:
        raise Refused(f"no target was serving anything at {incident['bad_at']}", "Give the time since when it is broken: -e bad_at=02:38")
    return moment.iso(good_at)


def plan_target(
    target: str, tier: str, reading: Mapping[str, Any], incident: Mapping[str, Any], good_at: str, only_if: str
) -> dict[str, Any]:
    """One row of the plan; raises what C(choice.good_at) raises when there is nothing to go back to."""
    serving = Release.from_dict(reading["serving"]) if reading["serving"] else None
    try:
        chosen = choice.good_at(_releases(reading), moment.parse(good_at), _condemned(incident, target))
    except RecoveryError as error:
        raise type(error)(f"{target}: {error.message}", f"{error.hint} Another moment: -e good_at=…") from None
    changes = serving is None or serving.artifact != chosen.release.artifact
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
        "condemns": _condemns(_releases(reading), chosen.release) if changes else [],
        "only_if": only_if,
        "comes_back": reading["comes_back"],
        "stays": reading["stays"],
    }


def foreseen(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """The tiers that go back as far as anybody can tell beforehand: conditional ones do when no other would change its release."""
    helps = any(row["changes"] for row in rows if not row["only_if"])
    return {row["tier"] for row in rows if not (row["only_if"] and helps)}


def expect(store: Store, environment: str, scenario: str) -> dict[str, Any]:
    """Seconds from confirmation to verdict in this team's own earlier incidents: C(runs), and with any C(p50) and C(p95)."""
    incidents = [incident.fields for incident in store.incidents(environment)]
    took = [float(fields["seconds"]) for fields in incidents if fields["scenario"] == scenario and fields.get("seconds")]
    if not took:
        return {"runs": 0}
    p95 = statistics.quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]
    return {"runs": len(took), "p50": round(statistics.median(took), 1), "p95": round(p95, 1)}


def make_plan(options: Options, run: Run) -> Result:
    """The plan as data and as a screen; the first one of an incident is kept, with the moment it settles on."""
    incident = options["incident"]
    checks = options["checks"]
    if checks and checks["verdict"] == "OK" and not incident["resumed"] and not incident["moment_given"]:
        raise NothingBroken(
            f"{checks['summary']}: nothing looks broken",
            "To roll back all the same, say since when it is bad: -e bad_at=02:38",
        )
    together, slack = timedelta(seconds=options["shipped_together"]), timedelta(seconds=options["slack"])
    readings = {target: reading for target, reading in options["readings"].items() if "releases" in reading}
    forecasts = {target: row for target, row in options["forecasts"].items() if "as_of" in row}
    forecasts |= {target: row for target, row in options["configurations"].items() if "different" in row}
    good_at = settle_moment(incident, readings, together, slack)
    tiers, only_if = options["tiers"], options["only_if"]
    rows = [
        plan_moment(target, tiers[target], forecast, good_at, only_if.get(tiers[target], "")) for target, forecast in forecasts.items()
    ] + [
        plan_target(target, tiers[target], reading, incident, good_at, only_if.get(tiers[target], ""))
        for target, reading in readings.items()
    ]
    begun = {tiers[target] for target in incident["touched"] if target in tiers}
    plan = {
        "good_at": good_at,
        "targets": rows,
        "changes": any(row["changes"] for row in rows),
        "begun": sorted(begun),
        "foreseen": sorted(begun | foreseen(rows)),
        "p0_skips": True,
        "expected": expect(Store(incident["store"]), incident["environment"], incident["scenario"]),
        "phrase": f"ROLLBACK {incident['environment'].upper()} {incident['scenario']}",
    }
    opened = Store(incident["store"]).find(incident["id"], incident["run"]) if incident["directory"] else None
    if opened:
        if opened.fields["good_at"] != good_at:  # a second operator without the lock must not write over the first one's fields
            opened.update(good_at=good_at)
        opened.keep_plan(plan)
    to_approve = approved_plan(incident["environment"], incident["scenario"], good_at, opened.planned() if opened else [], rows)
    plan |= {"approve": to_approve, "hash": plan_hash(to_approve)}
    if opened:
        opened.journal.append("plan", targets=rows, good_at=good_at, expected=plan["expected"], plan=plan["hash"])
    facts = {**incident, "good_at": good_at, "plan": plan}
    return {"plan": plan, "ansible_facts": {"incident": facts}, "screen": screen(facts, plan, checks), "summary": "plan made"}


def _releases(reading: Mapping[str, Any]) -> list[Release]:
    return [Release.from_dict(row) for row in reading["releases"]]


def _condemns(releases: list[Release], target: Release) -> list[str]:
    """Artifacts that going back to C(target) takes out of service: all that went live after it."""
    later = {r.artifact for r in releases if r.live_from and target.live_from and r.live_from > target.live_from}
    return sorted(later - {target.artifact})


def _condemned(incident: Mapping[str, Any], target: str) -> dict[str, Any]:
    return {artifact: moment.parse(since) for artifact, since in incident["condemned"].get(target, {}).items()}


PLAN = Operation(ARGUMENTS, make_plan)
