#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: trigger_decide
short_description: Whether an alert that monitoring confirms is acted upon, put to people, or left
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Acts where the decision is to roll back at P0, automatically, and nobody has to approve it; and asks people where it is milder, or
    where somebody may have to approve it. Where monitoring does not confirm the alert, or the policy wants something else, nothing is done.
  - Each release is answered once. Unless something serves that did not serve when something was set off before, nothing is set off.
  - The decision is written down in one step with the look at what else was decided meanwhile, so that of two at the same time one acts.
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
    description: What is to be run, as M(lastgood.recovery.trigger_begin) has returned it.
    type: dict
    required: true
  detected:
    description: What M(lastgood.recovery.detect) returned.
    type: dict
    required: true
  decided:
    description: What M(lastgood.recovery.decision) returned.
    type: dict
    required: true
  readings:
    description: By target, what M(lastgood.recovery.release_info) returned.
    type: dict
    default: {}
  cool_down:
    description: Seconds after something was set off in which nothing else is, and nobody asked again.
    type: float
    default: 1800
  ask:
    description: The roles that are asked beside those that the decision names.
    type: list
    elements: str
    default: []
  approvals:
    description: The inventory's C(approvals). Without them there is nobody whose signature could be asked for.
    type: dict
    default: {}
seealso:
  - module: lastgood.recovery.trigger_begin
  - module: lastgood.recovery.detect
  - module: lastgood.recovery.decision
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Act, ask, or leave it
  lastgood.recovery.trigger_decide:
    environment_name: production
    trigger: "{{ trigger.trigger }}"
    answer: "{{ trigger.answer }}"
    detected: "{{ detected }}"
    decided: "{{ decided }}"
    readings: "{{ readings }}"
    ask: [engineering lead]
  register: settled
"""

RETURN = r"""
outcome:
  description: C(acting), C(asked) or C(nothing).
  returned: success
  type: str
  sample: acting
play:
  description: Whether the playbook is to be run.
  returned: success
  type: bool
variables:
  description: The extra variables for it. Nothing of the message is among them.
  returned: success
  type: dict
  sample: {severity: P0, bad_at: "2026-11-22T02:33:00.000Z", reason: failed checkouts (alertmanager), lead: alertmanager}
screen:
  description: The same in lines of at most 80 columns.
  returned: success
  type: list
  elements: str
summary:
  description: What is done, and why.
  returned: success
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.deciding import DECIDE


def main() -> None:
    run_as_module(DECIDE)


if __name__ == "__main__":
    main()
