"""Heroku's limit: calls that are given back bit by bit, not all at once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sandbox.emulator import Bucket


@dataclass
class Refilled(Bucket):
    """Holds `limit` calls and gets as many back in `seconds`, evenly."""

    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.limit

    def take(self) -> bool:
        now = time.time()
        self.left = min(self.limit, self.left + (now - self.opened) * self.limit / self.seconds)
        self.opened = now
        if self.left < 1:
            return False
        self.left -= 1
        return True

    @property
    def remaining(self) -> int:
        return int(self.left)
