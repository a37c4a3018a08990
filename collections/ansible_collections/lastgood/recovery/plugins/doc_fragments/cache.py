# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The options that every cache module has, whatever the vendor."""

    DOCUMENTATION = r"""
options:
  tags:
    description:
      - Purge only what carries one of these tags, where the vendor knows tags. Everything, when none is given.
    type: list
    elements: str
    default: []
  timeout:
    description: How many seconds a purge whose answer was lost may be asked for again.
    type: float
    default: 60
  poll:
    description: The longest pause, in seconds, before it is asked for again.
    type: float
    default: 2
attributes:
  diff_mode:
    description: What is cached cannot be looked at.
    support: none
"""
