# SPDX-License-Identifier: GPL-3.0-or-later
"""What every variables module does, in order: read, compare, write what differs, read back, deploy once where that is needed."""
from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotLive, Refused, Unanswered
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

Values = dict[str, str | None]
"""By name; None where there is a variable whose value the vendor does not show."""

ARGUMENTS: dict[str, Any] = {
    "variables": {"type": "dict", "no_log": True},
    "as_of": {"type": "str"},
    "recovery_point": {"type": "path"},
    "only": {"type": "list", "elements": "str"},
    "exclusive": {"type": "bool"},
    "redeploy": {"type": "str", "choices": ["needed", "always", "never"], "default": "needed"},
    "timeout": {"type": "float", "default": 900},
    "poll": {"type": "float", "default": 2},
}
SOURCES = ("variables", "as_of", "recovery_point")
ATTEMPTS = 3
"""How often writing is tried when answers are lost; what there is by then is read before each."""


class Variables(Protocol):
    """The configuration of one target at one vendor, as its next release would get it."""

    name: str
    """The vendor's name, as people write it."""
    key: bytes
    """Makes fingerprints that only holders of the same token can compare."""

    def values(self) -> Values:
        """What production is configured with now."""

    def kept_by_others(self) -> Collection[str]:
        """Names that nobody but the vendor or an add-on may change."""
        return ()

    def as_of(self, when: datetime) -> Values:
        """The same at that moment; Refused where the vendor keeps no history."""

    def ready_for(self, gone: list[str], redeploy: bool) -> None:
        """Refused when these cannot be removed, or what serves not deployed again; asked in check mode, too, before anything is changed."""
        return

    def write(self, values: dict[str, str], gone: list[str]) -> None:
        """Set these and remove those, touching no others."""

    def outdated(self) -> bool | None:
        """Whether what serves was made before the last change of a variable; None when the vendor does not tell."""

    def redeploy(self) -> Release | None:
        """Start the code that serves once more with the variables of today, or take up such a start; None when nothing serves."""

    def serves(self, release: Release) -> bool:
        """Whether production serves it now, after the steps that the vendor leaves to us; ActivationFailed when it never will."""


@dataclass(frozen=True)
class Change:
    """From what there is to what is wanted."""

    there: Values
    values: dict[str, str]
    """To be written."""
    gone: list[str]
    """To be removed."""

    def __bool__(self) -> bool:
        return bool(self.values or self.gone)

    def without(self, names: Collection[str]) -> Change:
        """The same, leaving those as they are."""
        values = {name: value for name, value in self.values.items() if name not in names}
        return Change(self.there, values, [name for name in self.gone if name not in names])


def operation(vendor: Reached) -> Operation:
    """A variables module for that vendor."""
    return Operation(
        arguments={**vendor.arguments_of("variables"), **ARGUMENTS},
        perform=lambda options, run: put_back(vendor.connect("variables", options, run), options, run),
        rules={"mutually_exclusive": [SOURCES], "required_one_of": [SOURCES]},
    )


def reading(vendor: Reached) -> Operation:
    """The same target, only looked at, and written down on request."""
    return Operation(
        arguments={**vendor.arguments_of("variables"), "save_to": {"type": "path"}},
        perform=lambda options, run: look(vendor.connect("variables", options, run), options, run),
    )


def look(variables: Variables, options: Options, run: Run) -> Result:
    """Names with fingerprints. The values themselves go into the file and nowhere else."""
    kept = variables.kept_by_others()
    there = {name: value for name, value in variables.values().items() if name not in kept}
    readable = {name: value for name, value in there.items() if value is not None}
    unreadable = sorted(set(there) - set(readable))
    path = options["save_to"]
    if path and not run.check:
        if run.save is None:
            raise Refused(
                "captured variables are secrets, and there is nothing to encrypt them with",
                "Run it on the controller, with --vault-password-file or --vault-id.",
            )
        content = {"captured_at": moment.iso(datetime.now(UTC)), "vendor": variables.name, "unreadable": unreadable, "variables": readable}
        run.save(path, content)
    return {
        "changed": bool(path),
        "variables": {name: fingerprint(variables.key, name, value) for name, value in sorted(readable.items())},
        "unreadable": unreadable,
        "vendor": variables.name,
        "summary": _count(readable) + (f" captured in {path}" if path else "")
        + (f", {len(unreadable)} that {variables.name} does not show" if unreadable else ""),
    }


def put_back(variables: Variables, options: Options, run: Run) -> Result:
    """Configure the target as wanted; nothing is written or deployed when it is already."""
    started = time.monotonic()
    tick = clock(f"{variables.name} deploys with the changed variables", options["timeout"], options["poll"], run.tell)
    wanted = _wanted(variables, options, run)
    exclusive = options["exclusive"] if options["exclusive"] is not None else not options["variables"]
    there = variables.values()
    change = compare(there, wanted, options["only"], exclusive)
    kept = _kept_by_others(variables, change, options)
    change = change.without(kept)
    outdated = variables.outdated()
    needed = {"always": True, "never": False, "needed": bool(change) or outdated is True}[options["redeploy"]]
    serving = None
    if change or needed:
        variables.ready_for(change.gone, needed)
    if not run.check:
        if change:
            _write(variables, change, run)
        if needed:
            serving = _redeploy(variables, run, tick)
    unreadable = sorted(name for name, value in there.items() if value is None)
    return {
        "changed": bool(change) or needed,
        "written": sorted(change.values),
        "removed": change.gone,
        "unreadable": unreadable,
        "redeployed": needed,
        "serving": serving and serving.as_dict(),
        "waited": 0.0 if run.check else round(time.monotonic() - started, 1),
        "warnings": _warnings(variables, change, unreadable, kept, outdated, options),
        "summary": _summary(change, needed, run),
        "diff": {"before": _picture(variables, there, change, before=True), "after": _picture(variables, there, change, before=False)},
    }


def compare(there: Values, wanted: dict[str, str | None], only: list[str] | None, exclusive: bool) -> Change:
    """What has to be written and removed. A value that is not shown is never taken for the wanted one, nor removed for being extra."""
    considered = set(only) if only else set(there) | set(wanted)
    values = {
        name: value for name, value in wanted.items() if value is not None and name in considered and there.get(name) != value
    }
    gone = {name for name, value in wanted.items() if value is None and name in there}
    if exclusive:
        gone |= {name for name, value in there.items() if name not in wanted and value is not None}
    return Change(there, values, sorted(gone & considered))


def _kept_by_others(variables: Variables, change: Change, options: Options) -> list[str]:
    """Names in the change that have to stay as they are; Refused when the person named one."""
    kept = sorted(set(variables.kept_by_others()) & {*change.values, *change.gone}) if change else []
    named = [name for name in kept if name in (options["variables"] or {})]
    if named:
        raise Refused(
            f"{', '.join(named)}: kept by {variables.name} or an add-on, which alone can change it",
            "Change it there, and leave it out here.",
        )
    return kept


def fingerprint(key: bytes, name: str, value: str) -> str:
    """Eight hexadecimal digits that tell two values apart and tell nobody what they are."""
    return hmac.new(key, f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()[:8]


def _wanted(variables: Variables, options: Options, run: Run) -> dict[str, str | None]:
    """By name; None is to be removed. What was not readable when it was captured is left alone."""
    if options["variables"] is not None:
        return {name: None if value is None else _text(value) for name, value in options["variables"].items()}
    if options["recovery_point"]:
        return dict(captured.variables(run.load(options["recovery_point"]), options["recovery_point"]))
    return {name: value for name, value in variables.as_of(moment.parse(options["as_of"])).items() if value is not None}


def _text(value: Any) -> str:
    """As people write it in YAML: a variable is always text."""
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _write(variables: Variables, change: Change, run: Run) -> None:
    """Write, and believe it only when it is read back; what a lost answer left behind is read before writing again."""
    wanted = {**change.values, **dict.fromkeys(change.gone)}
    left = change
    for attempt in range(ATTEMPTS):
        run.tell(f"writing {_count(left.values)}, removing {_count(left.gone)}")
        try:
            variables.write(left.values, left.gone)
        except Unanswered:
            if attempt == ATTEMPTS - 1:
                raise
        there = variables.values()
        # What the vendor does not show cannot be read back; that it is there is all there is to see.
        shown = {name: value for name, value in wanted.items() if name not in there or there[name] is not None}
        left = compare(there, shown, None, exclusive=False)
        if not left:
            return
    raise NotLive(
        f"{variables.name} accepted {', '.join(sorted([*left.values, *left.gone]))} and shows something else",
        "Somebody else may be changing them; look at the vendor's dashboard, then run the same command again.",
    )


def _redeploy(variables: Variables, run: Run, tick: Any) -> Release | None:
    for attempt in range(ATTEMPTS):
        try:
            release = variables.redeploy()
            break
        except Unanswered:
            if attempt == ATTEMPTS - 1:
                raise
            tick()
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


def _count(names: Collection[str]) -> str:
    return f"{len(names)} variable" + ("" if len(names) == 1 else "s")


def _summary(change: Change, redeploy: bool, run: Run) -> str:
    if not change and not redeploy:
        return "configured like this already"
    would = "would be " if run.check else ""
    parts = [f"{_count(names)} {would}{verb}" for names, verb in ((change.values, "set"), (change.gone, "removed")) if names]
    parts += [f"{would}deployed once"] if redeploy else []
    return ", ".join(parts)


def _picture(variables: Variables, there: Values, change: Change, before: bool) -> dict[str, str]:
    """The variables that change, each with its fingerprint."""
    picture = {}
    for name in sorted([*change.values, *change.gone]):
        after = change.values.get(name)
        if before and name in there:
            value = there[name]
            picture[name] = "not shown by the vendor" if value is None else fingerprint(variables.key, name, value)
        elif not before and after is not None:
            picture[name] = fingerprint(variables.key, name, after)
        else:
            picture[name] = "absent"
    return picture
