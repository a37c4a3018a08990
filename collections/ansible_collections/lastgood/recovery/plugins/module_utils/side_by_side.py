# SPDX-License-Identifier: GPL-3.0-or-later
"""Several reads side by side, of which none may hold the others up."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import TimedOut


def at_once(tasks: dict[str, Callable[[], Any]], until: float) -> dict[str, Any]:
    """What each task returned or raised; TimedOut for one that has not ended by then (monotonic seconds), which is left behind."""
    found: dict[str, Any] = {}

    def run(name: str, task: Callable[[], Any]) -> None:
        try:
            found[name] = task()
        except Exception as error:  # whatever it is: one stream must not lose the others
            found[name] = error

    threads = [threading.Thread(target=run, args=task, daemon=True) for task in tasks.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
    late = TimedOut("the vendor has not answered in time", "Give it more time with timeout.")
    return {name: found.get(name, late) for name in tasks}
