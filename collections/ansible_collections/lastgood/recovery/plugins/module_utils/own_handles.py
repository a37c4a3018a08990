# SPDX-License-Identifier: GPL-3.0-or-later
"""Open files that belong to this process alone: a process that is forked from it closes them."""
from __future__ import annotations

import os

_own: set[int] = set()


def keep(handle: int) -> None:
    """From now on no forked process has it; what it stands for ends with this process."""
    _own.add(handle)


def close(handle: int) -> None:
    _own.discard(handle)
    os.close(handle)


def _close_all() -> None:
    for handle in _own:
        os.close(handle)
    _own.clear()


os.register_at_fork(after_in_child=_close_all)
