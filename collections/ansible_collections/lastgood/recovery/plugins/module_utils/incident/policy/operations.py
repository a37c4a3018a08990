# SPDX-License-Identifier: GPL-3.0-or-later
"""Deciding, and checking a policy, as modules do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration, facts, reading
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.conflicts import conflicts
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.decision import decide
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.screen import conflict_screen, decision_screen, headline
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

POLICY: dict[str, Any] = {"policy": {"type": "raw", "default": "default"}}


def decision(options: Options, run: Run) -> Result:
    """The decision with its reasons; failed on demand when facts are missing that it hangs on."""
    policy = reading.policy(options["policy"])
    made = decide(policy, facts.read(options["facts"]), options["restores_database"])
    since = moment.parse(options["since"]) if options["since"] else datetime.now(UTC)
    within = made.least.within
    settled = "within" not in made.unsettled and within != duration.NEVER
    result = {**made.as_dict(), "deadline": moment.iso(since + timedelta(seconds=within)) if settled else None}
    run.record("decided", facts=options["facts"], **result)
    result |= {"summary": headline(result), "screen": decision_screen(result)}
    if options["fail"] and not result["decided"]:
        return result | {"failed": True, "msg": result["summary"], "hint": _ask_for(result["missing"])}
    return result


def _ask_for(missing: list[dict[str, Any]]) -> str:
    return f"Find out: {', '.join(one['fact'] for one in missing)}."


def check(options: Options, run: Run) -> Result:
    """The conflicts among a policy's rows; Refused when it is no policy at all."""
    policy = reading.policy(options["policy"])
    found = conflicts(policy)
    summary = f"{policy.name}: {len(policy.rows)} rows, {len(found)} disagreements"
    result = {
        "name": policy.name,
        "rows": [row.id for row in policy.rows],
        "scenarios": sorted(policy.scenarios),
        "numbers": [{"fact": fact, "unit": policy.units.get(fact)} for fact in sorted(policy.numbers)],
        "conflicts": found,
        "summary": summary,
        "screen": [*conflict_screen(found), summary],
    }
    if options["fail"] and found:
        raise Refused(f"{summary}: {found[0]['trouble']}", "Take all but one of the rows out with without.", **result)
    return result


DECISION = Operation(
    {
        **POLICY,
        "facts": {"type": "dict", "required": True},
        "restores_database": {"type": "bool", "default": False},
        "since": {"type": "str"},
        "fail": {"type": "bool", "default": False},
    },
    decision,
)
POLICY_CHECK = Operation({**POLICY, "fail": {"type": "bool", "default": False}}, check)
