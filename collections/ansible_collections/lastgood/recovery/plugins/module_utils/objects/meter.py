# SPDX-License-Identifier: GPL-3.0-or-later
"""How far it is: objects, bytes, rate and the time that is left."""
from __future__ import annotations

import time

from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT, Tell

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """C(12.3 MB), in powers of a thousand."""
    unit = 0
    while count >= 999.5 and unit < len(_UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.0f} {_UNITS[unit]}" if unit == 0 or count >= 99.5 else f"{count:.1f} {_UNITS[unit]}"


class Meter:
    """C(total) objects are to be restored, of which C(before) were restored by an earlier run."""

    def __init__(self, total: int, before: int, tell: Tell) -> None:
        self.total, self.objects, self.bytes = total, before, 0
        self._before, self._tell = before, tell
        self._started = self._told = time.monotonic()

    def done(self, count: int) -> None:
        """One object more, for which so many bytes were copied."""
        self.objects += 1
        self.bytes += count

    def beat(self) -> None:
        """Tells when it is time."""
        now = time.monotonic()
        if now - self._told >= HEARTBEAT:
            self._told = now
            self._tell(self.line)

    @property
    def line(self) -> str:
        taken = max(time.monotonic() - self._started, 1e-6)
        rate = (self.objects - self._before) / taken
        left = f", {span((self.total - self.objects) / rate)} left" if rate and self.objects < self.total else ""
        return f"restored {self.objects:,} of {self.total:,} objects, {size(self.bytes)} copied, {rate:,.0f}/s{left}"
