# SPDX-License-Identifier: GPL-3.0-or-later
"""What every release module does, in order: look, choose, hold, activate, wait, look again from outside."""
from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, moment, outside
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import HoldLost, RecoveryError, TimedOut, Unanswered
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release

Connect = Callable[[Options, Run], Provider]

ARGUMENTS: dict[str, Any] = {
    "release": {"type": "str"},
    "good_at": {"type": "str"},
    "bad_at": {"type": "str"},
    "condemned": {"type": "dict", "default": {}},
    "hold": {"type": "bool", "default": True},
    "version_urls": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 600},
    "poll": {"type": "float", "default": 2},
}
RULES: dict[str, Any] = {
    "mutually_exclusive": [["release", "good_at", "bad_at"]],
    "required_one_of": [["release", "good_at", "bad_at"]],
}
HEARTBEAT = 10.0
"""The longest silence, in seconds, while waiting."""
ATTEMPTS = 3
"""How often an activation is asked for when the answer is lost and reading back shows no trace of it."""


def operation(arguments: dict[str, Any], connect: Connect) -> Operation:
    """A release module for the vendor that C(connect) reaches with C(arguments)."""
    return Operation(
        arguments={**arguments, **ARGUMENTS},
        perform=lambda options, run: roll_back(connect(options, run), options, run),
        rules=RULES,
    )


def choose(releases: list[Release], options: Options) -> choice.Choice:
    """The release that C(release), C(good_at) or C(bad_at) asks for."""
    condemned = {artifact: moment.parse(since) for artifact, since in options["condemned"].items()}
    if options["release"]:
        return choice.named(releases, options["release"])
    if options["good_at"]:
        return choice.good_at(releases, moment.parse(options["good_at"]), condemned)
    return choice.bad_at(releases, moment.parse(options["bad_at"]), condemned)


def roll_back(provider: Provider, options: Options, run: Run) -> Result:
    """Make production serve the chosen release; nothing is asked of the vendor when it already does."""
    before, held = provider.current(), provider.held()
    chosen = choose(provider.releases(), options)
    target = chosen.release
    moves = before is None or before.artifact != target.artifact
    held_after = bool(options["hold"])
    serving = before
    waited = 0.0
    if not run.check:
        started = time.monotonic()
        serving = _apply(provider, target, moves, held, options, run) if moves else before
        _set_hold(provider, options["hold"])
        if options["version_urls"]:
            outside.show(target, options["version_urls"], _clock(run, options, f"{target}: waiting for every address"))
        waited = time.monotonic() - started
    return {
        "changed": moves or held != held_after,
        "from": before.as_dict() if before else None,
        "to": target.as_dict(),
        "serving": serving.as_dict() if serving else None,
        "why": chosen.why,
        "held": held_after,
        "held_before": held,
        "waited": round(waited, 1),
        "summary": _summary(before, target, moves, held, held_after, options, run),
        "diff": {
            "before": _picture(before, held),
            "after": _picture(target if moves else before, held_after),
            "before_header": f"{provider.name} now",
            "after_header": f"{provider.name} then",
        },
    }


def _apply(provider: Provider, target: Release, moves: bool, held: bool, options: Options, run: Run) -> Release:
    """Hold, activate, wait. A push that arrives in between must not win, so where the vendor does not pin, the hold is first."""
    if options["hold"] and not held and not provider.pins:
        provider.hold()
    clock = _clock(run, options, f"{target}: accepted, waiting until it is live")
    pending = _activate(provider, target, clock)
    run.tell(f"→ {target} accepted, waiting …")
    while not provider.settled(pending):
        clock()
    return pending


def _activate(provider: Provider, target: Release, clock: Callable[[], None]) -> Release:
    """Ask once; when the answer is lost, look for its effect before asking again."""
    for attempt in range(1, ATTEMPTS + 1):
        underway = provider.underway(target)
        if underway:
            return underway
        try:
            return provider.activate(target)
        except Unanswered:
            clock()
            now = provider.current()
            if now and now.artifact == target.artifact:
                return now
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _set_hold(provider: Provider, wanted: bool) -> None:
    """Hold or let go, and believe it only when it is read back."""
    if provider.held() == wanted:
        return
    (provider.hold if wanted else provider.release_hold)()
    if provider.held() != wanted:
        raise HoldLost(
            f"{provider.name} {'still lets new pushes go live' if wanted else 'still keeps new pushes away'}",
            "Set automatic deployments by hand, then run the same command again.",
        )


def _clock(run: Run, options: Options, doing: str) -> Callable[[], None]:
    """A pause between two looks: short at first, C(poll) at most; tells that it waits, and ends in TimedOut."""
    started = told = time.monotonic()
    pause = min(0.2, options["poll"])

    def tick() -> None:
        nonlocal pause, told
        now = time.monotonic()
        if now - started > options["timeout"]:
            raise TimedOut(
                f"{doing}, and that for {moment.span(options['timeout'])}",
                "It may still go live; run the same command again to wait on, or name another release.",
            )
        if now - told >= HEARTBEAT:
            told = now
            run.tell(f"{doing} … {moment.span(now - started)}")
        time.sleep(pause)
        pause = min(options["poll"], pause * 1.5)

    return tick
