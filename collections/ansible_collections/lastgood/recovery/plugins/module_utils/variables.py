# SPDX-License-Identifier: GPL-3.0-or-later
"""What every variables module does, in order: read, compare, write what differs, read back, deploy once where that is needed."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import (
    Change,
    Values,
    Variables,
    compare,
    count,
    left,
    picture,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotLive, Refused, Unanswered
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from ansible_collections.lastgood.recovery.plugins.module_utils.variables_memory import Memory
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock, until_answered
from ansible_collections.lastgood.recovery.plugins.module_utils.wanted_variables import wanted

ARGUMENTS: dict[str, Any] = {
    "variables": {"type": "dict", "no_log": True},
    "as_of": {"type": "str"},
    "recovery_point": {"type": "path"},
    "put_back": {"type": "bool"},
    "memory": {"type": "path"},
    "only": {"type": "list", "elements": "str"},
    "exclusive": {"type": "bool"},
    "redeploy": {"type": "str", "choices": ["needed", "always", "never"], "default": "needed"},
    "timeout": {"type": "float", "default": 900},
    "poll": {"type": "float", "default": 2},
}
SOURCES = ("variables", "as_of", "recovery_point", "put_back")
ATTEMPTS = 3
"""How often writing is tried when answers are lost; what there is by then is read before each."""


def operation(vendor: Reached) -> Operation:
    """A variables module for that vendor."""
    return Operation(
        arguments={**vendor.arguments_of("variables"), **ARGUMENTS},
        perform=lambda options, run: put_back(vendor.connect("variables", options, run), options, run),
        rules={"mutually_exclusive": [SOURCES], "required_one_of": [SOURCES], "required_if": [("put_back", True, ("memory",))]},
    )


def put_back(variables: Variables, options: Options, run: Run) -> Result:
    """Configure the target as wanted; nothing is written or deployed when it is already."""
    started = time.monotonic()
    tick = clock(f"{variables.name} deploys with the changed variables", options["timeout"], options["poll"], run.tell)
    memory = Memory(options["memory"], run)
    if options["put_back"] and memory.content is None:
        return _nothing_remembered(variables, options)
    wish = wanted(variables, memory, options, run)
    there = variables.values()
    change = compare(there, dict(wish.values), wish.only, wish.exclusive)
    others = set(variables.kept_by_others()) if change else set()
    kept = _kept_by_others(variables, change, others, options)
    change = change.without(others)
    variables.wrote(None if change else memory.since)
    outdated = variables.outdated()
    if outdated is None and memory.content is not None:
        outdated = memory.due  # the vendor does not tell, and what this incident has written is known to run or not to
    needed = {"always": True, "never": False, "needed": bool(change) or outdated is True}[options["redeploy"]]
    serving = None
    if change or needed:
        variables.ready_for(change.gone, needed)
        memory.ready()
    if not run.check:
        if change:
            memory.before(variables, change)
            change = _write(variables, change, lambda now: left(now, dict(wish.values), wish.only, wish.exclusive).without(others), run)
            memory.written(variables)
        if needed:
            serving = _redeploy(variables, run, tick)
        if options["redeploy"] != "never":
            memory.deployed()
        if options["put_back"]:
            memory.forget()
    unreadable = sorted(name for name, value in there.items() if value is None)
    before, after = picture(variables, there, change, before=True), picture(variables, there, change, before=False)
    doubts = wish.doubts if change or options["put_back"] else []
    as_it_is = {"variables": f"{len(there)} as they are"}
    not_run = {"variables": f"{as_it_is['variables']}, not deployed"}
    return {
        "changed": bool(change) or needed,
        "written": sorted(change.values),
        "removed": change.gone,
        "unreadable": unreadable,
        "redeployed": needed,
        "serving": serving and serving.as_dict(),
        "vendor": variables.name,
        "why": wish.why,
        "before": before or (not_run if needed else as_it_is),
        "after": after or as_it_is,
        "waited": 0.0 if run.check else round(time.monotonic() - started, 1),
        "warnings": doubts + _warnings(variables, change, unreadable, kept, outdated, options),
        "summary": _summary(change, needed, run),
        "diff": {"before": before, "after": after},
    }


def _nothing_remembered(variables: Variables, options: Options) -> Result:
    same = {"variables": "as they are"}
    unchanged = {"changed": False, "written": [], "removed": [], "unreadable": [], "redeployed": False, "serving": None, "waited": 0.0}
    told = {"vendor": variables.name, "why": "", "before": same, "after": same}
    return {**unchanged, **told, "summary": f"nothing is remembered in {options['memory']}", "diff": {"before": {}, "after": {}}}


def _kept_by_others(variables: Variables, change: Change, others: set[str], options: Options) -> list[str]:
    """Names in the change that have to stay as they are; Refused when the person named one."""
    kept = sorted(others & {*change.values, *change.gone})
    named = [name for name in kept if name in (options["variables"] or {})]
    if named:
        raise Refused(
            f"{', '.join(named)}: kept by {variables.name} or an add-on, which alone can change it",
            "Change it there, and leave it out here.",
        )
    return kept


def _write(variables: Variables, change: Change, rest_of: Callable[[Values], Change], run: Run) -> Change:
    """Write, and believe it only when the whole wish is read back: the first look may have been wrong, and an answer may be lost.

    Returns all that was written.
    """
    rest = done = change
    for attempt in range(ATTEMPTS):
        run.tell(f"writing {count(rest.values)}, removing {count(rest.gone)}")
        try:
            variables.write(rest.values, rest.gone)
        except Unanswered:
            if attempt == ATTEMPTS - 1:
                raise
        rest = rest_of(variables.values())
        if not rest:
            return done
        done = Change(change.there, {**done.values, **rest.values}, sorted({*done.gone, *rest.gone}))
    raise NotLive(
        f"{variables.name} accepted {', '.join(sorted([*rest.values, *rest.gone]))} and shows something else",
        "Somebody else may be changing them; look at the vendor's dashboard, then run the same command again.",
    )


def _redeploy(variables: Variables, run: Run, tick: Any) -> Release | None:
    release = until_answered(variables.redeploy, tick)
    if release is None:
        return None
    run.tell(f"{release} starts with the changed variables …")
    while not variables.serves(release):
        tick()
    return release


def _warnings(
    variables: Variables, change: Change, unreadable: list[str], kept: list[str], outdated: bool | None, options: Options
) -> list[str]:
    found = []
    if kept:
        found.append(f"left as they are: {', '.join(kept)}, kept by {variables.name} or an add-on, which alone can change them")
    blind = [name for name in unreadable if name in change.values]
    if blind:
        found.append(f"{variables.name} does not show {', '.join(blind)}: written without knowing whether that was needed")
    if outdated is None and not change and options["redeploy"] == "needed":
        found.append(
            f"{variables.name} does not tell whether what serves was deployed after the last change of a variable; "
            "redeploy: always makes sure"
        )
    return found


def _summary(change: Change, redeploy: bool, run: Run) -> str:
    if not change and not redeploy:
        return "configured like this already"
    would = "would be " if run.check else ""
    parts = [f"{count(names)} {would}{verb}" for names, verb in ((change.values, "set"), (change.gone, "removed")) if names]
    parts += [f"{would}deployed once"] if redeploy else []
    return ", ".join(parts)
