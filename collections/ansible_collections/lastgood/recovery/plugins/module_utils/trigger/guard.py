# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an alert sets nothing off. Each function gives the reason in words, or nothing."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.preflight import standing
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.event import Event
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.record import ACTED, ACTING, ASKED, State

AHEAD = timedelta(seconds=60)
"""How far the sender's clock may be ahead."""
Serving = Mapping[str, str]
"""By target, the artifact that serves."""


def event(one: Event, alert: str, environment: str, max_age: float, now: datetime) -> str:
    """What is wrong with this event alone; C(alert) is the rule that it is of."""
    if not one.firing:
        return f"{one.alert} has ended"
    if one.environment and one.environment != environment:
        return f"it is of {one.environment}, not of {environment}"
    if not alert:
        return f"no alert of the inventory is called {one.alert}"
    if one.fired_at > now + AHEAD:
        return f"it says to be of {moment.iso(one.fired_at)}, which is still to come"
    if (now - one.fired_at).total_seconds() > max_age:
        return f"it is of {moment.iso(one.fired_at)}, more than {moment.span(max_age)} ago"
    return ""


def replayed(id: str, state: State) -> str:
    """An event is answered once; one that was not answered, as in a freeze, may come again."""
    for row in state["rows"]:
        if id in row["events"] and row["outcome"] in (ACTING, ACTED, ASKED):
            return f"it was answered at {row['at']}"
    return ""


def replayed_by_another(trigger: Mapping[str, Any], state: State) -> str:
    """Whether one of its events was answered while this one still looked."""
    others = {**state, "rows": [row for row in state["rows"] if row["id"] != trigger["id"]]}
    return next(filter(None, (replayed(id, others) for id in trigger["events"])), "")


def switched_off(state: State) -> str:
    off = state["off"]
    return f"{off['by']} has switched it off at {off['at']}: {off['reason'] or 'no reason given'}" if off else ""


def frozen(freezes: Sequence[Mapping[str, Any]], now: datetime) -> str:
    check = standing.freeze(freezes, now)
    return f"a freeze is on: {check['got']}" if check["verdict"] != "OK" else ""


def going_on(store: Store, environment: str, process: int | None) -> str:
    """Who is at it already, or what has not been ended: both have a plan and a person of their own."""
    try:
        holder = Lock(store.root, environment).other(process)
    except RecoveryError as error:
        return error.message
    if holder:
        return f"{holder['by']} rolls {environment} back since {holder['since']} ({holder['incident']})"
    going = [incident for incident in store.incidents(environment) if incident.fields["state"] in GOING_ON]
    return f"incident {going[-1].directory.name} is going on" if going else ""


def cooling(state: State, outcomes: Sequence[str], cool_down: float, now: datetime) -> str:
    """Whether the last one of these outcomes was too short a time ago."""
    done = [row for row in state["rows"] if row["outcome"] in outcomes]
    if done and (now - moment.parse(done[-1]["at"])).total_seconds() < cool_down:
        return f"{', '.join(done[-1]['alerts'])} was answered at {done[-1]['at']}, less than {moment.span(cool_down)} ago"
    return ""


def answered(serving: Serving, state: State) -> str:
    """Each release once: nothing serves that did not serve when something was set off before, or when that was over."""
    done = [row for row in state["rows"] if row["outcome"] in (ACTING, ACTED)]
    known = {one for row in done for part in ("serving", "served_then") for one in (row.get(part) or {}).items()}
    if done and set(serving.items()) <= known:
        return f"nothing was deployed since {done[-1]['at']}, when {', '.join(done[-1]['alerts'])} was answered"
    return ""
