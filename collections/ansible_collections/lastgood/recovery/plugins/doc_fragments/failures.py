# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """What drills may break."""

    DOCUMENTATION = r"""
options:
  failures:
    description: What there is to break.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      says:
        description: What happens, in a sentence without a full stop.
        type: str
        required: true
      tier:
        description: The tier whose SLA counts.
        type: str
        required: true
      scenario:
        description: The scenario that this is.
        type: str
        required: true
      playbook:
        description: The playbook that answers it.
        type: str
        required: true
      inject:
        description: The commands that break it, one after the other, without a shell.
        type: list
        elements: str
        required: true
      repair:
        description: The commands that make everything as it was, after the incident has ended.
        type: list
        elements: str
        default: []
      before:
        description: Playbooks that run before, such as a backup.
        type: list
        elements: str
        default: []
      limit:
        description: The targets that the playbook is limited to.
        type: str
      variables:
        description: Extra variables for the playbook.
        type: dict
        default: {}
      moment:
        description: Which moment the playbook is told, one at which it was broken or the last one at which all was well.
        type: str
        choices: [bad_at, good_at]
        default: bad_at
      actions:
        description: The decisions that the playbook carries out.
        type: list
        elements: str
        default: [roll_back, fix_or_roll_back]
      by_chance:
        description: Whether V(any) may choose it.
        type: bool
        default: true
"""
