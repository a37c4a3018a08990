# SPDX-License-Identifier: GPL-3.0-or-later
"""How many calls may be on their way at the same time, and how long one that failed has to wait."""
from __future__ import annotations

import random
from dataclasses import dataclass

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import CONNECT

ATTEMPTS = 6
"""How often a call is made at most whose answer is lost, or an error of the server."""
PATIENCE = 300.0
"""Seconds that a call is repeated for while S3 asks to slow down."""
SILENCE = 60.0
"""Seconds without a byte after which an answer is lost; S3 sends spaces while it copies a large object."""
LONGEST = 900.0
"""Seconds after which an answer is lost even though some bytes of it keep coming."""
FEWEST, FIRST = 1, 8
LONGEST_PAUSE = 20.0
_SHORTEST = 0.05
# No secret depends on it: it only keeps several machines from asking again at the same moment.
_chance = random.Random()


@dataclass
class Limits:
    """Of patience."""

    attempts: int = ATTEMPTS
    patience: float = PATIENCE
    silence: float = SILENCE
    longest: float = LONGEST

    def wait(self, up: bool) -> float:
        """The longest silence of a connection that is up, or is still to be made."""
        return self.silence if up else min(self.silence, CONNECT)


class Pace:
    """More while it goes well, half as many when S3 asks to slow down: additive increase, multiplicative decrease."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(min(FIRST, most))
        self._careful = False
        self._slowed = 0.0

    def went_well(self) -> None:
        """Twice as many each round until the first time that was too many; from then on one more each round."""
        if self.limit < self.most:
            self.limit = min(float(self.most), self.limit + (1 / self.limit if self._careful else 1.0))

    def too_fast(self, started: float, now: float) -> None:
        """A call begun at C(started) was turned away. Those begun before the last time say nothing new."""
        if started >= self._slowed:
            self.limit, self._careful, self._slowed = max(float(FEWEST), self.limit / 2), True, now


def pause(attempt: int) -> float:
    """Seconds before the attempt after the C(attempt)th: anything up to twice as long each time."""
    return _chance.uniform(0, min(LONGEST_PAUSE, _SHORTEST * 2.0**attempt))
