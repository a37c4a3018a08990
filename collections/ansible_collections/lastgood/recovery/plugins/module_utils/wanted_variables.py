# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values are wanted, and why those: given, captured, remembered, or of a moment that the vendor or a recovery point knows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Values, Variables
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ClocksDiffer, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points import history
from ansible_collections.lastgood.recovery.plugins.module_utils.variables_memory import Memory
from ansible_collections.lastgood.recovery.plugins.module_utils.wish import CLOCKS_AGREE


@dataclass(frozen=True)
class Wanted:
    """By name; None is to be removed. What was not readable when it was captured is left alone."""

    values: Mapping[str, str | None]
    why: str
    exclusive: bool
    """Whether others are removed."""
    only: list[str] | None = None
    """Names that may change, where not all of them may."""
    doubts: list[str] = field(default_factory=list)
    """What nobody knows about it."""


def wanted(variables: Variables, memory: Memory, options: Options, run: Run) -> Wanted:
    """What the options ask for; one of the sources is given, and of a put_back something is remembered."""
    only = options["only"]
    exclusive = options["exclusive"] if options["exclusive"] is not None else options["variables"] is None
    if options["put_back"]:
        values, changed, hidden = memory.wanted()
        doubt = f"{variables.name} does not show what {', '.join(hidden)} was: left as the incident has written it"
        return Wanted(values, "as before the incident", True, changed, [doubt] if hidden else [])
    if options["variables"] is not None:
        given = {name: None if value is None else _text(value) for name, value in options["variables"].items()}
        return Wanted(given, "as asked for", exclusive, only)
    if options["recovery_point"]:
        path = options["recovery_point"]
        return Wanted(captured.variables(run.load(path), path), "as captured", exclusive, only)
    when = moment.parse(options["as_of"])
    try:
        known = {name: value for name, value in _as_of(variables, when).items() if value is not None}
        return Wanted(known, f"{variables.name}'s own history", exclusive, only)
    except Refused as refused:
        if isinstance(refused, ClocksDiffer):
            raise
        values, why, doubt = _captured(variables, when, refused, run)
        return Wanted(values, why, exclusive, only, [doubt])


def _captured(variables: Variables, when: datetime, refused: Refused, run: Run) -> tuple[dict[str, str], str, str]:
    """What the target's newest recovery point has, why, and what nobody knows about that."""
    found = history.variables(run, variables.name, when)
    if found is None and run.points is None:
        raise refused
    if found is None:
        raise Refused(
            f"{refused.message}, and no recovery point at or before {moment.iso(when)} has those of {run.points and run.points.target}",
            f"{refused.hint} playbooks/capture.yml before each deployment would have saved the values of all that {variables.name} shows.",
        )
    values, point, at = found
    run.tell(f"as captured in recovery point {point}")
    why = f"as captured on {moment.short(moment.parse(at))}"
    return dict(values), why, f"as in recovery point {point}; nobody knows of a change between {at} and {moment.iso(when)}"


def _as_of(variables: Variables, when: datetime) -> Values:
    """ClocksDiffer when the vendor's clock and this machine's mean different values by the same time."""
    then = variables.as_of(when)
    ahead = variables.clock_ahead()
    # vendors tell their time in whole seconds
    if abs(ahead) > CLOCKS_AGREE and any(variables.as_of(when + timedelta(seconds=shift)) != then for shift in (ahead, ahead + 1)):
        raise ClocksDiffer(
            f"{variables.name}'s clock is {moment.span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} this machine's, and the "
            "variables were others at that time by the one than by the other",
            "Correct the clock, or give variables or a recovery_point.",
        )
    return then


def _text(value: Any) -> str:
    """As people write it in YAML: a variable is always text."""
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
