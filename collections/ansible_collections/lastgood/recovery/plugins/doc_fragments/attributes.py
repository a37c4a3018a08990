# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """What every module of this collection promises; C(changes) adds what those promise that change something at a vendor."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Predicts what would happen and changes nothing.
    support: full
  action:
    description: For a local target it runs in process, which is faster and shows progress; elsewhere it runs as an ordinary module.
    support: full
"""

    CHANGES = r"""
options: {}
attributes:
  diff_mode:
    description: Says what is, or would be, different afterwards.
    support: full
"""
