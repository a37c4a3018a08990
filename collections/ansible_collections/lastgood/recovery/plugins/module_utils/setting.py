# SPDX-License-Identifier: GPL-3.0-or-later
"""A value that applications read through an SDK: looked at, changed, read back, and looked at again as an SDK does."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import (
    ApprovalNeeded,
    Conflict,
    RecoveryError,
    TimedOut,
    Unanswered,
    VendorError,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import same, words
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

WAITING: dict[str, Any] = {
    "verify": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 60},
    "poll": {"type": "float", "default": 1},
}
ATTEMPTS = 3
"""How often a change is asked for when the vendor is busy, or when its answer is lost and reading back shows no trace of it."""
NOT_TOLD = "the vendor did not tell whether something wins over this value; look at its dashboard"
NOBODY_LOOKED = "nobody looked from the applications' side: give a credential that their SDK uses, see the module's options"


class Setting(Protocol):
    """One value at one vendor that running applications read through its SDK: whatever C(json) can write, but never none.

    Every method raises the errors of C(errors.py) and nothing else.
    """

    label: str
    """What it is and where, in words."""
    dashboard: str
    """Where a person sees and changes it."""

    def read(self) -> Any:
        """The value that the vendor's control plane has."""

    def write(self, value: Any) -> None:
        """Ask for the value; ApprovalNeeded when the vendor wants somebody to approve it first."""

    def rehearse(self, value: Any) -> None:
        """Raise what C(write) would raise, as far as the vendor tells without changing anything."""
        return

    def seen(self) -> Any:
        """The value that an SDK gets now; None when there is no credential to ask as an SDK does."""

    def warnings(self, value: Any) -> list[str]:
        """What a person who believes that this value settles it has to know."""
        return []


def settle(setting: Setting, wanted: Any, options: Options, run: Run) -> Result:
    """Make the setting have the value C(wanted), and wait until an SDK gets it; the result of the module."""
    try:
        return _settle(setting, wanted, options, run)
    except RecoveryError as error:
        error.facts.setdefault("dashboard", setting.dashboard)
        if isinstance(error, ApprovalNeeded):
            error.hint = f"Ask for it, or approve it, at {setting.dashboard}; then run the same command again."
        raise


def _settle(setting: Setting, wanted: Any, options: Options, run: Run) -> Result:
    started = time.monotonic()
    before = setting.read()
    moves = not same(before, wanted)
    if run.check:
        if moves:
            setting.rehearse(wanted)
        seen = setting.seen() if options["verify"] else None
    else:
        seen = _switch_and_wait(setting, wanted, moves, options, run)
    waited = 0.0 if run.check else round(time.monotonic() - started, 1)
    return {
        "changed": moves,
        "before": before,
        "after": wanted,
        "seen": seen,
        "waited": waited,
        "dashboard": setting.dashboard,
        "warnings": _warnings(setting, wanted, nobody_looked=options["verify"] and seen is None),
        "summary": _summary(setting, wanted, moves, seen, waited, run),
        "diff": {"before": {setting.label: words(before)}, "after": {setting.label: words(wanted)}},
    }


def _switch_and_wait(setting: Setting, wanted: Any, moves: bool, options: Options, run: Run) -> Any:
    """What an SDK gets in the end; None when nobody looked. TimedOut when the vendor, or an SDK, never has it."""
    tick = clock(f"{setting.label} → {words(wanted)} accepted, waiting until SDKs get it", options["timeout"], options["poll"], run.tell)
    if moves:
        _write(setting, wanted, tick)
    while True:
        now = setting.read()
        seen = setting.seen() if options["verify"] else None
        if same(now, wanted) and (seen is None or same(seen, wanted)):
            return seen
        try:
            tick()
        except TimedOut:
            raise _never(setting, wanted, now, seen, options["timeout"]) from None


def _write(setting: Setting, wanted: Any, tick: Callable[[], None]) -> None:
    """Ask once; when the vendor is busy or the answer is lost, look for the effect before asking again."""
    attempts = 0
    while True:
        try:
            return setting.write(wanted)
        except (Conflict, Unanswered) as problem:
            attempts += 1
            try:
                tick()
            except TimedOut:
                raise problem from None
            if same(setting.read(), wanted):
                return None
            if attempts == ATTEMPTS:
                raise


def _never(setting: Setting, wanted: Any, now: Any, seen: Any, timeout: float) -> TimedOut:
    if not same(now, wanted):
        return TimedOut(
            f"{setting.label} was to be {words(wanted)}, and reads {words(now)} after {span(timeout)}",
            "Somebody, or a schedule, may set it back; look at the vendor's audit log.",
            seen=seen,
        )
    return TimedOut(
        f"{setting.label} is {words(wanted)} as far as the vendor says, but an SDK still gets {words(seen)} after {span(timeout)}",
        "Applications may still use the old value; run the same command again to wait on, or restart them.",
        seen=seen,
    )


def _warnings(setting: Setting, wanted: Any, nobody_looked: bool) -> list[str]:
    warnings = told(lambda: setting.warnings(wanted))
    return [*([NOT_TOLD] if warnings is None else warnings), *([NOBODY_LOOKED] if nobody_looked else [])]


def told(question: Callable[[], Any]) -> Any:
    """The answer; None when the vendor gives none, for this must not hide what was done."""
    try:
        return question()
    except VendorError:
        return None


def _summary(setting: Setting, wanted: Any, moves: bool, seen: Any, waited: float, run: Run) -> str:
    said = f"{setting.label} {'would be' if run.check else 'is'} {words(wanted)}" + ("" if moves else " already")
    if run.check:
        return said
    return said + (f", and an SDK gets it after {span(waited)}" if seen is not None else ", not looked at from the applications' side")
