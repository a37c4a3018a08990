#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: playbook
short_description: Runs a playbook as somebody on call would
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Runs C(ansible-playbook) as a command of its own, shows its screen as it comes, and returns its exit code. What one would learn from
    typing it is what one learns here.
  - Nobody can answer it. What it would ask has to be in O(variables).
  - On the controller it gets the extra variables of this run too, and the files with its vault's passwords. Passwords that were typed
    it does not get.
options:
  playbook:
    description: Which one.
    type: path
    required: true
  directory:
    description: Where it is run, the directory with the C(ansible.cfg). The working directory if not given.
    type: path
  inventories:
    description: The inventories. Those of the configuration if not given.
    type: list
    elements: str
    default: []
  limit:
    description: The targets that it is limited to.
    type: str
  variables:
    description: Extra variables.
    type: dict
    default: {}
  more:
    description: Further arguments.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds after which it is stopped.
    type: float
    default: 3600
  fail:
    description: Whether an exit code other than 0 is a failure here, too.
    type: bool
    default: true
  environment_name:
    description: The environment whose incidents are looked at afterwards, for RV(incident).
    type: str
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Back the database up
  lastgood.recovery.playbook:
    playbook: playbooks/back-up-database.yml
    inventories: [inventories/staging]

- name: Roll back, whatever comes of it
  lastgood.recovery.playbook:
    playbook: rollback-checkout.yml
    variables: {severity: P0, bad_at: "02:38", drill: true}
    environment_name: sandbox
    fail: false
  register: played
"""

RETURN = r"""
code:
  description: Its exit code.
  returned: when it ran
  type: int
  sample: 0
began_at:
  description: When it was started.
  returned: when it ran
  type: str
  sample: "2026-11-22T02:38:00.120Z"
ended_at:
  description: When it had ended.
  returned: when it ran
  type: str
  sample: "2026-11-22T02:38:07.310Z"
took:
  description: Seconds between the two.
  returned: when it ran
  type: float
  sample: 7.19
incident:
  description:
    - The incident that it opened or went on with, C(id), C(scenario), C(state), C(verdict), and in C(going_on) whether somebody has to
      end it. Null when there is none.
  returned: when it ran
  type: dict
  sample: {id: 2026-11-22-checkout, scenario: checkout, state: rolled_back, verdict: RESTORED, going_on: true}
summary:
  description: What ran, and its exit code.
  returned: always
  type: str
  sample: "ansible-playbook rollback-checkout.yml: exit code 0"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.playing import PLAY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(PLAY)


if __name__ == "__main__":
    main()
