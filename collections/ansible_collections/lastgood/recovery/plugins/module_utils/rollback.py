# SPDX-License-Identifier: GPL-3.0-or-later
"""What every release module does, in order: look, choose, hold, activate, wait, look again from outside."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import outside
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import HoldLost, Refused, Unanswered
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock
from ansible_collections.lastgood.recovery.plugins.module_utils.wish import WISHES, choose

ARGUMENTS: dict[str, Any] = {
    "release": {"type": "str"},
    "good_at": {"type": "str"},
    "bad_at": {"type": "str"},
    "condemned": {"type": "dict", "default": {}},
    "hold": {"type": "bool"},
    "trigger": {"type": "str", "default": ""},
    "version_urls": {"type": "list", "elements": "str", "default": []},
    "version_timeout": {"type": "float", "default": 60},
    "timeout": {"type": "float", "default": 600},
    "poll": {"type": "float", "default": 2},
}
RULES: dict[str, Any] = {
    "mutually_exclusive": [WISHES],
    "required_one_of": [(*WISHES, "hold")],
}
ATTEMPTS = 3
"""How often an activation is asked for when the answer is lost and reading back shows no trace of it."""


def operation(vendor: Reached) -> Operation:
    """A release module for that vendor."""
    return Operation(
        arguments={**vendor.arguments_of("releases"), **ARGUMENTS},
        perform=lambda options, run: roll_back(vendor.connect("releases", options, run), options, run),
        rules=RULES,
    )


def reading(vendor: Reached) -> Operation:
    """The same target, only looked at."""
    return Operation(arguments=vendor.arguments_of("releases"), perform=lambda options, run: look(vendor.connect("releases", options, run)))


def roll_back(provider: Provider, options: Options, run: Run) -> Result:
    """Make production serve the chosen release; nothing is asked of the vendor when it already does."""
    if options["hold"] and not provider.holds:
        raise Refused(
            f"{provider.name} cannot keep new pushes away through its API",
            "Turn automatic deploys off by hand, and leave hold out.",
        )
    before, held = provider.current(), provider.held()
    chosen = choose(provider, before, options)
    target, hold = chosen.release, provider.holds and options["hold"] is not False
    if before and before.artifact == target.artifact:
        before = provider.current()  # the first answer may be an old one, and nothing else will show that
    moves = before is None or before.artifact != target.artifact
    serving = before
    if moves:
        provider.ready_for(target)
    started = time.monotonic()
    if not run.check:
        if moves:
            serving = _move(provider, before, target, options, run)
        _set_hold(provider, hold, options["trigger"], pinned=moves and provider.pins)
        patience = clock("checking addresses", options["version_timeout"], options["poll"], run.tell)
        outside.show(serving or target, options["version_urls"], patience)
    after = target if moves else before
    return {
        "changed": moves or held != hold,
        "from": before and before.as_dict(),
        "to": target.as_dict(),
        "serving": serving and serving.as_dict(),
        "why": chosen.why,
        "held": hold,
        "held_before": held,
        "warnings": _warnings(provider),
        "waited": 0.0 if run.check else round(time.monotonic() - started, 1),
        "summary": _summary(before, target, moves, held, hold, options, run),
        "diff": {"before": _picture(before, held), "after": _picture(after, hold)},
    }


def look(provider: Provider) -> Result:
    """What production serves, what it could serve instead, and whether pushes are held; changes nothing."""
    current = provider.current()
    releases = sorted(provider.releases(), key=lambda release: release.created_at, reverse=True)
    return {
        "serving": current and current.as_dict(),
        "releases": [release.as_dict() for release in releases],
        "held": provider.held(),
        "holds": provider.holds,
        "trigger": provider.trigger(),
        "vendor": provider.name,
        "comes_back": list(provider.comes_back),
        "stays": list(provider.stays),
        "retention": provider.retention(),
    }


def _move(provider: Provider, before: Release | None, target: Release, options: Options, run: Run) -> Release:
    """Activate and wait. A push that arrives meanwhile must not win: where the vendor does not pin, the hold comes first."""
    if provider.holds and options["hold"] is not False and not provider.pins:
        _set_hold(provider, True)
    tick = clock(f"{target} accepted, waiting until it is live", options["timeout"], options["poll"], run.tell)
    pending = _activate(provider, target, tick)
    run.tell(f"{before or 'nothing'} → {target} accepted, waiting …")
    while not provider.settled(pending):
        tick()
    return pending


def _activate(provider: Provider, target: Release, tick: Callable[[], None]) -> Release:
    """Ask once; when the answer is lost, look for its effect before asking again."""
    attempts = 0
    while True:
        underway = provider.underway(target)
        if underway:
            return underway
        try:
            return provider.activate(target)
        except Unanswered:
            attempts += 1
            tick()
            now = provider.current()
            if now and now.artifact == target.artifact:
                return now
            if attempts == ATTEMPTS:
                raise


def _set_hold(provider: Provider, wanted: bool, trigger: str = "", pinned: bool = False) -> None:
    """Hold or let go, and believe it only when it is read back. C(pinned): it is held now, even when an old answer says otherwise."""
    if (wanted or not pinned) and provider.held() == wanted:
        return
    lost: Unanswered | None = None
    try:
        if wanted:
            provider.hold()
        else:
            provider.release_hold(trigger)
    except Unanswered as unanswered:
        lost = unanswered
    if provider.held() != wanted or (trigger and not wanted and provider.trigger() != trigger):
        raise lost or HoldLost(
            f"{provider.name} {'still lets new pushes go live' if wanted else 'still keeps new pushes away'}",
            "Set automatic deployments by hand, then run the same command again.",
        )


def _summary(before: Release | None, target: Release, moves: bool, held: bool, hold: bool, options: Options, run: Run) -> str:
    if not moves:
        return f"{before} is serving already" + ("" if held == hold else f", new pushes {_pushes(hold)}")
    if run.check:
        return f"{before or 'nothing'} would go back to {target}"
    addresses = options["version_urls"]
    return f"{target} live" + (f" on {len(addresses)} of {len(addresses)} addresses, verified" if addresses else "")


def _warnings(provider: Provider) -> list[str]:
    if provider.holds:
        return []
    return [f"{provider.name} cannot keep new pushes away: the next one goes live, unless automatic deploys are turned off by hand"]


def _picture(release: Release | None, held: bool) -> dict[str, str]:
    return {
        "serving": _both_names(release) if release else "nothing",
        "new pushes": _pushes(held),
    }


def _both_names(release: Release) -> str:
    """The vendor's id, and the commit where that is another."""
    return release.id if release.id.startswith(str(release)) else f"{release.id} {release}"


def _pushes(held: bool) -> str:
    return "held" if held else "go live"
