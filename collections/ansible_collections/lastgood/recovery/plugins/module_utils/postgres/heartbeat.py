# SPDX-License-Identifier: GPL-3.0-or-later
"""A statement that takes long says that it still runs."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT, Tell


@contextmanager
def still(doing: str | Callable[[], str], tell: Tell, every: float = HEARTBEAT) -> Iterator[None]:
    """Tells every C(every) seconds what is being done and for how long, until the block ends."""
    done = threading.Event()
    started = time.monotonic()

    def beat() -> None:
        while not done.wait(every):
            tell(f"{doing if isinstance(doing, str) else doing()} … {span(time.monotonic() - started)}")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
