# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting, never silently: a person sees at least every HEARTBEAT seconds what for."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import TimedOut, Unanswered
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

HEARTBEAT = 10.0
"""The longest silence, in seconds."""
FIRST_PAUSE = 0.2
"""Seconds between the first two looks; later pauses are longer."""

ATTEMPTS = 3
"""How often something is asked for when its answer is lost."""

T = TypeVar("T")
Tell = Callable[[str], None]


def wait(seconds: float, reason: str, tell: Tell) -> None:
    """Sleep, and say why and how long still."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        tell(f"{reason}, waiting {span(left)}")
        time.sleep(min(left, HEARTBEAT))


def clock(doing: str, timeout: float, poll: float, tell: Tell) -> Callable[[], None]:
    """A pause between two looks each time it is called: short at first, C(poll) seconds at most; TimedOut after C(timeout)."""
    started = told = time.monotonic()
    pause = min(FIRST_PAUSE, poll)

    def tick() -> None:
        nonlocal pause, told
        now = time.monotonic()
        if now - started > timeout:
            raise TimedOut(
                f"{doing}: not after {span(timeout)}",
                "It may still happen; run the same command again to wait on, or name another release.",
            )
        if now - told >= HEARTBEAT:
            told = now
            tell(f"{doing} … {span(now - started)}")
        time.sleep(pause)
        pause = min(poll, pause * 1.5)

    return tick


def until_answered(act: Callable[[], T], tick: Callable[[], None]) -> T:
    """What C(act) returns. It reads what an earlier try has done, or does no harm twice, so a lost answer lets it try again."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            return act()
        except Unanswered:
            tick()
    return act()
