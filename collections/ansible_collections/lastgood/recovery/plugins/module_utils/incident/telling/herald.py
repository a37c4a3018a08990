# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells every few minutes how far the rollback has come, in a process of its own: a long step holds it up no more than it holds that.

It reads one line of JSON, C(every) (minutes) and the options of a telling, and ends when its input does. C(done) before that says
that there is a verdict; without it the run was broken off, and that is told too.
"""
# A program of its own, so that there is no AnsibleModule.
# pylint: disable=ansible-bad-function
from __future__ import annotations

import json
import os
import select
import sys
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.telling import tell
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

BROKEN_OFF = "⚠️ The run has ended without a verdict. The same command takes it up again."


def main(handle: int) -> None:
    """Until the input ends."""
    given = b""
    while b"\n" not in given:
        part = os.read(handle, 65536)
        if not part:
            return
        given += part
    first, _newline, last = given.partition(b"\n")
    options = json.loads(first)
    seconds = float(options.pop("every")) * 60
    while not last and not select.select([handle], [], [], seconds)[0]:
        tell(_progress(options), Run())
    if (last or os.read(handle, 64)) != b"done\n":
        tell(_progress(options, BROKEN_OFF), Run())


def _progress(options: dict[str, Any], note: str = "") -> dict[str, Any]:
    return {"stage": "progress", "deliver": True, "number": None, "seconds": 5.0, "note": note, **options}


if __name__ == "__main__":
    main(sys.stdin.fileno())
