#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Says whether a deployment may begin, and whether there would be a way back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - The gate before a deployment. No incident is going on, nobody holds the lock, no pushes are held, no freeze is on; the newest recovery
    point and the newest backups are fresh and readable; staging serves the commit; the team's own commands pass.
  - Changes nothing itself. What O(commands) do is the team's.
  - C(ansible-playbook) exits with RV(exit_code).
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  readings:
    description: By target, the result of M(lastgood.recovery.release_info), a failed one as well. One that was skipped is left out.
    type: dict
    default: {}
  backups:
    description: By target, the result of M(lastgood.recovery.postgres_backup_info), a failed one as well. One that was skipped is left out.
    type: dict
    default: {}
  point_within:
    description: How old the newest recovery point may be, such as V(30 min).
    type: str
    default: 1 h
  backup_within:
    description: How old the newest backup of each database may be.
    type: str
    default: 24 h
  staging:
    description: Addresses that must show O(commit).
    type: list
    elements: str
    default: []
  commit:
    description: The commit that is to be deployed, all 40 signs of it.
    type: str
  commands:
    description: Shell commands that must exit with 0, one after the other, on the machine this runs on. Not run in check mode.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What it is called on the screen.
        type: str
        required: true
      run:
        description: The command.
        type: str
        required: true
      directory:
        description: Where it runs; the working directory when it is not given.
        type: path
      timeout:
        description: Seconds that it may take.
        type: float
        default: 900
  freezes:
    description: When nothing is deployed.
    type: list
    elements: dict
    default: []
    suboptions:
      from:
        description: When it begins, ISO 8601, in UTC unless it says otherwise.
        type: str
        required: true
      to:
        description: When it ends.
        type: str
        required: true
      reason:
        description: Why, in words.
        type: str
  secrets:
    description: Values that must not be seen in the output of O(commands), beside those of environment variables called like secrets.
    type: dict
    default: {}
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.incident_status
  - module: lastgood.recovery.recovery_point_info
"""

EXAMPLES = r"""
- name: See whether a deployment may begin
  lastgood.recovery.preflight:
    environment_name: production
    point_within: 30 min
    commands:
      - {name: tests, run: npm test, timeout: 600}
  run_once: true
"""

RETURN = r"""
verdict:
  description: V(OK), V(BAD) or V(UNKNOWN), the worst of all lines.
  returned: success
  type: str
  sample: OK
checks:
  description: Each line.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: What was looked at.
      type: str
      returned: always
      sample: recovery point
    verdict:
      description: V(OK), V(BAD), V(UNKNOWN), or V(SKIPPED) for a command in check mode.
      type: str
      returned: always
      sample: BAD
    expected:
      description: What should be so; null where it is.
      type: str
      returned: always
      sample: one within 60 min
    got:
      description: What is so.
      type: str
      returned: always
      sample: there is none
    todo:
      description: What to do about it.
      type: str
      returned: when it is not well
      sample: ansible-playbook playbooks/capture.yml captures one.
    body:
      description: The end of the output of a command that failed.
      type: str
      returned: always
passed:
  description: How many are OK.
  returned: success
  type: int
  sample: 7
total:
  description: How many there are.
  returned: success
  type: int
  sample: 8
exit_code:
  description: 0, 11 when something is BAD, or 12 when something gave no answer.
  returned: success
  type: int
  sample: 11
summary:
  description: How many pass, and what does not.
  returned: success
  type: str
  sample: "7 of 8 checks pass; recovery point: expected one within 60 min, got there is none"
screen:
  description: What a person reads.
  returned: success
  type: list
  elements: str
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Correct it in the inventory.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.preflight.gate import GATE


def main() -> None:
    run_as_module(GATE)


if __name__ == "__main__":
    main()
