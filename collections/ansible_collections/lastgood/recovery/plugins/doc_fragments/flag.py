# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The options that every flag module has, whatever the vendor; C(waiting) has those that do not name a flag."""

    DOCUMENTATION = r"""
options:
  name:
    description: The flag's key.
    type: str
    required: true
  enabled:
    description: Whether the flag is to be on in that environment.
    type: bool
    required: true
"""

    WAITING = r"""
options:
  verify:
    description:
      - Wait until a read like that of an application's SDK agrees. Off is done only then.
      - Without a credential to read with, nobody looks from that side, RV(seen) is none and the module warns about it. With V(false) it
        does not look and does not warn.
    type: bool
    default: true
  timeout:
    description: How many seconds it may take until the vendor and an SDK agree.
    type: float
    default: 60
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 1
"""
