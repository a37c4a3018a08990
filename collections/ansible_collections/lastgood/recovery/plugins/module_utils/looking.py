# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking again: until all is well, or for as long as there is time; and once more when it is."""
from __future__ import annotations

import time
from collections.abc import Callable

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Result
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell, wait


def until_well(look: Callable[[], Result], tell: Tell, timeout: float, poll: float, looks: int = 1, pause: float = 0) -> Result:
    """What C(look) found last: after C(looks) in a row that were OK, C(pause) seconds apart, or after C(timeout) seconds without.

    In between a look that is not OK is repeated after C(poll) seconds.
    """
    until = time.monotonic() + timeout
    well = 0
    while True:
        result = look()
        well = well + 1 if result["verdict"] == "OK" else 0
        left = until - time.monotonic()
        if well >= looks or (not well and left <= 0):
            return result
        if well:
            wait(pause, "looking once more", tell)
        else:
            wait(min(poll, left), result["summary"], tell)
