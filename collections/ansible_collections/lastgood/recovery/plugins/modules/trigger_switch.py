#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: trigger_switch
short_description: Keeps alerts from setting anything off, or lets them again
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - The switch is in the incident store, so that it holds for everything that shares it. Without O(switch) it only says how it stands.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  environment_title:
    description: What people call it.
    type: str
  switch:
    description: What is wanted.
    type: str
    choices: ['on', 'off']
  reason:
    description: Why.
    type: str
    default: ""
  lead:
    description: Who wants it; the account if not given.
    type: str
seealso:
  - module: lastgood.recovery.trigger_begin
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Set nothing off while we migrate
  lastgood.recovery.trigger_switch:
    environment_name: production
    switch: 'off'
    reason: the database moves
"""

RETURN = r"""
active:
  description: Whether alerts may set something off.
  returned: success
  type: bool
triggers:
  description: What came last, and what became of it.
  returned: success
  type: list
  elements: dict
screen:
  description: The same in lines of at most 80 columns.
  returned: success
  type: list
  elements: str
summary:
  description: How it stands.
  returned: success
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.switching import SWITCH


def main() -> None:
    run_as_module(SWITCH)


if __name__ == "__main__":
    main()
