#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_relief
short_description: Decides whether instances are added, and whether they can go again
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Instances are added unless an earlier run of the incident has made it well again.
  - They can go again where going back to earlier releases has cured it. Once in an incident, because where it was slow again without them
    they are needed. What cannot be told takes nothing away.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  step:
    description: Which of the two is to be decided.
    type: str
    choices: [add, take_away]
    required: true
  went_back:
    description: Whether releases went back after instances were added.
    type: bool
    default: false
  checks:
    description: What P(lastgood.recovery.http_check#module) returned since the last change.
    type: dict
    required: true
  metrics:
    description: What P(lastgood.recovery.metric#module) returned since the last change.
    type: dict
extends_documentation_fragment:
  - lastgood.recovery.attributes
attributes:
  check_mode:
    description: Nothing has changed that could be tested, so nothing is taken away.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Decide whether the instances that were added can go again
  lastgood.recovery.incident_relief:
    incident: "{{ ansible_facts.incident }}"
    step: take_away
    went_back: "{{ backends.needed }}"
    checks: "{{ verify_checks }}"
  register: fewer
  run_once: true
"""

RETURN = r"""
needed:
  description: Whether it is done.
  returned: success
  type: bool
summary:
  description: Why.
  returned: when there is something to say
  type: str
  sample: going back has cured it, so the instances that were added can go again
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import relieving
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(relieving.DECIDE)


if __name__ == "__main__":
    main()
