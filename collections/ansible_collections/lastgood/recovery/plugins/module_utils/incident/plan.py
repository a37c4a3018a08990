# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: for each target what serves now, what it goes back to, why, what is lost, and how long that took before."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NothingBroken, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import expectation, fitting, refusals, shown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import approved_plan, plan_hash
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approving import approved_so_far
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.forecast import plan_moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.losing import plan_database
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.measures import is_foreseen, plan_measure, untold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan_rows import (
    Row,
    condemned_of,
    foreseen,
    plan_target,
    releases_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan_screen import screen
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import requirements
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "readings": {"type": "dict", "required": True},
    "forecasts": {"type": "dict", "default": {}},
    "configurations": {"type": "dict", "default": {}},
    "databases": {"type": "dict", "default": {}},
    "measures": {"type": "dict", "default": {}},
    "tiers": {"type": "dict", "required": True},
    "only_if": {"type": "dict", "default": {}},
    "checks": {"type": "dict"},
    "metrics": {"type": "dict"},
    "depends_on": {"type": "dict", "default": {}},
    "schemas": {"type": "dict", "default": {}},
    "breaking": {"type": "dict", "default": {}},
    "retention": {"type": "dict", "default": {}},
    "way": {"type": "dict"},
    "plan": {"type": "str", "default": ""},
    "approvals": {"type": "dict", "default": {}},
    **refusals.ARGUMENTS,
    "shipped_together": {"type": "float", "default": 1800},
    "slack": {"type": "float", "default": 60},
}


def settle_moment(
    incident: Mapping[str, Any], readings: Mapping[str, Any], together: timedelta, slack: timedelta, goes_back: bool = True
) -> str | None:
    """The moment every target goes back to: the one given or settled before, else just before the suspect deployment.

    None when there are only measures, so that nothing C(goes_back) to any moment.

    What went live within C(slack) after it was seen to be bad is suspect, too: no two clocks agree.
    """
    if incident["good_at"]:
        return incident["good_at"]
    if not readings and not goes_back:
        return None
    if not readings:  # only data is bad, which no deployment dates
        if not incident["moment_given"]:
            raise Refused("nothing tells since when the data is bad", "Give the time since when it is: -e bad_at=02:38")
        return str(incident["bad_at"])
    at = moment.parse(incident["bad_at"]) + slack
    suspects = [choice.serving_at(releases_of(reading), at, condemned_of(incident, target)) for target, reading in readings.items()]
    good_at = choice.last_good_moment([release for release in suspects if release], together)
    if good_at is None:
        raise Refused(f"no target was serving anything at {incident['bad_at']}", "Give the time since when it is broken: -e bad_at=02:38")
    return moment.iso(good_at)


def make_plan(options: Options, run: Run) -> Result:
    """The plan as data and as a screen; the first one of an incident is kept, with the moment it settles on."""
    incident, checks, now = options["incident"], options["checks"], datetime.now(UTC)
    beyond = (options.get("metrics") or {}).get("verdict") == "BAD"
    if checks and checks["verdict"] == "OK" and not beyond and not incident["resumed"] and not incident["moment_given"]:
        raise NothingBroken(
            f"{checks['summary']}: nothing looks broken",
            "To go on all the same, say since when it is bad: -e bad_at=02:38",
        )
    together, slack = timedelta(seconds=options["shipped_together"]), timedelta(seconds=options["slack"])
    readings = {target: reading for target, reading in options["readings"].items() if "releases" in reading}
    measures = _measures(options)
    good_at = settle_moment(incident, readings, together, slack, not measures or _any_state(options))
    store = Store(incident["store"])
    rows, expected = _rows(options, readings, good_at) if good_at else [], _expect(store, incident, options["tiers"])
    for row in [*rows, *measures]:
        row["expected"] = expected["targets"].get(row["target"], {"runs": 0})
    both = {row["target"] for row in rows}
    taken = {*incident["touched"], *(target for target in incident["measured"] if target not in both)}
    begun = {options["tiers"][target] for target in taken if target in options["tiers"]}
    plan = {
        "good_at": good_at,
        "targets": rows,
        "measures": measures,
        "changes": any(row["changes"] for row in [*rows, *measures]),
        "begun": sorted(begun),
        "foreseen": sorted(begun | foreseen(rows, measures)),
        "p0_skips": True,
        "expected": expected["plan"],
        "rto": expectation.judge_rto(expected["plan"], incident["rto"], moment.parse(incident["bad_at"]), now),
        "made_at": moment.iso(now),
        **({"way": options["way"]} if options["way"] else {}),
        "phrase": f"ROLLBACK {incident['environment'].upper()} {incident['scenario']}",
    }
    opened = store.find(incident["id"], incident["run"]) if incident["directory"] else None
    known = opened or _known(store, incident)
    kept = known if incident["resumed"] else None
    to_approve = approved_plan(incident, good_at, rows, measures, kept.plan() if kept else None)
    digest = plan_hash(to_approve)
    shown.same(options["plan"], to_approve, digest)
    fit = fitting.fit(options, rows, good_at, digest) if good_at else fitting.NOTHING
    events = known.journal.events() if known and fit.broken else []
    against = fitting.judged(options, fit, events)
    plan |= {"unknown": [*fit.unknown, *untold(options["measures"])], "against": {"id": fit.name, "refusal": against} if against else None}
    if opened:
        if against and refusals.asked(refusals.COHERENCE, fit.name, options):
            refusals.record(opened.journal, events, fit.name, against, options, plan=digest)
        if opened.fields["good_at"] != good_at:  # a second operator without the lock must not write over the first one's fields
            opened.update(good_at=good_at)
        opened.keep_plan(plan)
    else:
        shown.remember(to_approve, digest)
    required = requirements(options["approvals"], incident["severity"], incident["scenario"], incident.get("decision"))
    approvals = approved_so_far(incident, known, required, digest, now) if required and plan["changes"] else None
    plan |= {"approve": to_approve, "hash": digest, "approvals": approvals}
    if opened:
        told = {key: plan[key] for key in ("targets", "measures", "good_at", "expected", "rto")}
        opened.journal.append("plan", **told, plan=digest)
    facts = {**incident, "good_at": good_at, "plan": plan}
    return {"plan": plan, "ansible_facts": {"incident": facts}, "screen": screen(facts, plan, checks), "summary": "plan made"}


def _rows(options: Options, readings: Mapping[str, Any], good_at: str) -> list[Row]:
    """Of what has no releases first, in the order of the options."""
    tiers, only_if = options["tiers"], options["only_if"]
    forecasts = _with(options, "forecasts", "as_of") | _with(options, "configurations", "different")
    databases = _with(options, "databases", "loss")

    def condition(target: str) -> str:
        return str(only_if.get(tiers[target], ""))

    return [
        *(plan_database(target, tiers[target], reading, good_at, condition(target)) for target, reading in databases.items()),
        *(plan_moment(target, tiers[target], forecast, good_at, condition(target)) for target, forecast in forecasts.items()),
        *(
            plan_target(target, tiers[target], reading, options["incident"], good_at, condition(target), options["retention"].get(target))
            for target, reading in readings.items()
        ),
    ]


def _with(options: Options, name: str, key: str) -> dict[str, Any]:
    """What was read, without the targets of which nothing was."""
    return {target: result for target, result in options[name].items() if key in result}


def _any_state(options: Options) -> bool:
    return any(_with(options, *known) for known in (("forecasts", "as_of"), ("configurations", "different"), ("databases", "loss")))


def _measures(options: Options) -> list[Row]:
    """In the order of the options. Of a target that has a release too the measure comes first, and the condition is that of its release."""
    tiers = options["tiers"]

    def condition(target: str) -> str:
        return "" if "releases" in options["readings"].get(target, {}) else str(options["only_if"].get(tiers[target], ""))

    found = {target: result for target, result in options["measures"].items() if is_foreseen(result)}
    return [plan_measure(target, tiers[target], result, condition(target)) for target, result in found.items()]


def _expect(store: Store, incident: Mapping[str, Any], tiers: Mapping[str, str]) -> dict[str, Any]:
    earlier, drills = expectation.earlier(store, incident["environment"], incident["scenario"], incident["id"])
    of_targets = expectation.expect_targets(earlier, drills)
    return {"plan": expectation.expect(earlier, drills), "targets": {target: row for target, row in of_targets.items() if target in tiers}}


def _known(store: Store, incident: Mapping[str, Any]) -> Incident | None:
    """In check mode: the incident that a run would take up, to be read only."""
    try:
        return store.find(incident["id"], incident["run"])
    except Refused:
        return None


PLAN = Operation(ARGUMENTS, make_plan)
