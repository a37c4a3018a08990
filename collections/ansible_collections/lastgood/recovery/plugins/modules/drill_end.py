#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: drill_end
short_description: Judges a drill, and writes down what it came to
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - A drill has C(PASSED) when monitoring noticed what was broken, the policy decided for what the playbook does, the playbook restored it,
    every objective was met, and everything is as it was again. Anything else is C(FAILED). What is not known is not met.
  - C(ansible-playbook) then exits with RV(exit_code).
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  drill:
    description: RV(lastgood.recovery.drill_begin#module:drill).
    type: dict
    required: true
  actions:
    description: The decisions that the playbook carries out.
    type: list
    elements: str
    required: true
  steps:
    description:
      - What each step has returned, by its name. C(left), C(prepared), C(quiet), C(broken), C(detected), C(decided), C(played), C(kept),
        C(repaired) and C(well). Those that were not come to may be left out.
    type: dict
    required: true
  objectives:
    description: The inventory's objectives, as for M(lastgood.recovery.incident_record).
    type: dict
    default: {}
  sla:
    description: By tier, the seconds in which the playbook has to end.
    type: dict
    default: {}
seealso:
  - module: lastgood.recovery.drill_begin
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Judge the drill
  lastgood.recovery.drill_end:
    environment_name: staging
    drill: "{{ drill.drill }}"
    actions: "{{ drill.failure.actions }}"
    steps: {quiet: "{{ quiet }}", detected: "{{ detected }}", decided: "{{ decided }}", played: "{{ played }}"}
    objectives: {durations: {detect: 300}}
    sla: {backend: 600, frontend: 300}
"""

RETURN = r"""
drill:
  description:
    - The drill as it is written down. C(verdict), C(came_to) in words, C(exit_code), C(incident), C(fired), C(facts), C(decision),
      C(seconds) (C(detect), C(decide), C(roll_back), C(verify), C(total), C(broken)) and C(goals), each with C(goal), C(seconds),
      C(at_most) and C(met).
  returned: success
  type: dict
exit_code:
  description:
    - 0 when it has passed; that of the rollback when that has failed; 10 when an objective was missed; 2 when it did not come to a
      rollback, or what was broken could not be cleared up.
  returned: success
  type: int
  sample: 0
screen:
  description: The same for people.
  returned: success
  type: list
  elements: str
summary:
  description: What it came to.
  returned: success
  type: str
  sample: "checkout-storefront: PASSED, noticed, decided and restored"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.ending import END
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(END)


if __name__ == "__main__":
    main()
