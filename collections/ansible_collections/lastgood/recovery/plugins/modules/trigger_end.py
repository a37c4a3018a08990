#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: trigger_end
short_description: Writes down what came of an alert
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Writes down the incident, its verdict, and what serves then, so that the same releases are not answered again.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  trigger:
    description: The trigger, as M(lastgood.recovery.trigger_begin) has returned it.
    type: dict
    required: true
  answer:
    description: What was to be run.
    type: dict
    default: {}
  outcome:
    description: What M(lastgood.recovery.trigger_decide) made of it.
    type: str
    choices: [nothing, acting, asked]
    default: nothing
  bad_at:
    description: Since when it was bad.
    type: str
  played:
    description: What M(lastgood.recovery.playbook) returned.
    type: dict
    default: {}
  readings:
    description: By target, what M(lastgood.recovery.release_info) returned.
    type: dict
    default: {}
seealso:
  - module: lastgood.recovery.trigger_begin
  - module: lastgood.recovery.trigger_decide
  - module: lastgood.recovery.playbook
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Write down what came of it
  lastgood.recovery.trigger_end:
    environment_name: production
    trigger: "{{ trigger.trigger }}"
    outcome: "{{ settled.outcome }}"
    played: "{{ played }}"
    readings: "{{ readings }}"
"""

RETURN = r"""
exit_code:
  description: V(0) where nothing was set off, V(13) where people are asked, and otherwise that of the playbook.
  returned: success
  type: int
  sample: 0
screen:
  description: The same in lines of at most 80 columns.
  returned: success
  type: list
  elements: str
summary:
  description: What came of it.
  returned: success
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.ending import END


def main() -> None:
    run_as_module(END)


if __name__ == "__main__":
    main()
