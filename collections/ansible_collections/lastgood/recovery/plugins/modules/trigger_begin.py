#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: trigger_begin
short_description: Whether an alert that came may set something off
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads what a sender of alerts has sent, and says whether it is worth a look. An alert is a reason to look, never a reason to act.
  - Nothing is set off unless O(allowed); while it is switched off, in a freeze, while an incident is going on or somebody rolls back, and
    for O(cool_down) after something was set off. An event that was answered, is too old or still to come, has ended, is of another
    environment, or is of no alert of the inventory, is left alone.
  - What came, and why nothing is set off, is written down in the incident store. It runs on the controller.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  environment_title:
    description: What people call it.
    type: str
  sender:
    description: Who has sent it. V(sns) is an alarm of CloudWatch, by a queue or an address.
    type: str
    required: true
    choices: [alertmanager, datadog, grafana, sentry, sns]
  payload:
    description:
      - The body of its message, JSON. Percent-encoded where it passes through extra variables, so that nothing in it is taken for a
        template.
    type: str
    required: true
  answers:
    description: What is run for which alerts. The first that has one of those that fire counts.
    type: list
    elements: dict
    default: []
    suboptions:
      alerts:
        description: The names of the O(alerts).
        type: list
        elements: str
        required: true
      scenario:
        description: The scenario that this is.
        type: str
        required: true
      playbook:
        description: The playbook that is run.
        type: str
        required: true
      limit:
        description: The targets that it is limited to.
        type: str
      variables:
        description: Extra variables for it.
        type: dict
        default: {}
  allowed:
    description: Whether alerts may set anything off in this environment at all.
    type: bool
    default: false
  max_age:
    description: Seconds after which an event is too old.
    type: float
    default: 900
  cool_down:
    description: Seconds after something was set off in which nothing else is.
    type: float
    default: 1800
  freezes:
    description: When nothing is deployed, and nothing set off.
    type: list
    elements: dict
    default: []
    suboptions:
      from:
        description: When it begins, C(02:38) (UTC) or ISO 8601.
        type: str
        required: true
      to:
        description: When it ends.
        type: str
        required: true
      reason:
        description: Why.
        type: str
  faster:
    description: How many seconds of the rules pass in one second, as in M(lastgood.recovery.detect).
    type: float
    default: 1
seealso:
  - module: lastgood.recovery.detect
  - module: lastgood.recovery.trigger_decide
  - module: lastgood.recovery.trigger_end
  - module: lastgood.recovery.trigger_switch
extends_documentation_fragment:
  - lastgood.recovery.alerts
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: See whether the alert may set something off
  lastgood.recovery.trigger_begin:
    environment_name: production
    sender: alertmanager
    payload: "{{ payload }}"
    alerts: "{{ alerts }}"
    allowed: true
    answers:
      - alerts: [failed checkouts]
        scenario: checkout
        playbook: rollback-checkout.yml
  register: trigger
"""

RETURN = r"""
go:
  description: Whether it is worth a look.
  returned: success
  type: bool
trigger:
  description: The trigger as it is written down, with its C(id), the C(alerts), the C(outcome) and C(why).
  returned: success
  type: dict
  sample: {id: 2026-11-22T023800-failed-checkouts, sender: alertmanager, alerts: [failed checkouts], outcome: looking, why: ""}
answer:
  description: What is to be run, with all its options; empty unless RV(go).
  returned: success
  type: dict
events:
  description: The alerts that count, in one form.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 1af523cc13dfbe6c 2026-11-22T02:38:00.000Z
      alert: failed checkouts
      firing: true
      fired_at: "2026-11-22T02:38:00.000Z"
      environment: production
      target: ""
      release: ""
lasted:
  description: By alert, for how many seconds it has been beyond its limit, as M(lastgood.recovery.detect) takes it.
  returned: success
  type: dict
  sample: {failed checkouts: 312.0}
screen:
  description: The same in lines of at most 80 columns.
  returned: success
  type: list
  elements: str
summary:
  description: What came, and why nothing is set off.
  returned: success
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.beginning import BEGIN


def main() -> None:
    run_as_module(BEGIN)


if __name__ == "__main__":
    main()
