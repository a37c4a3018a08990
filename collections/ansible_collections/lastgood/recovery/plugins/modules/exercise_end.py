#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: exercise_end
short_description: Judges an exercise, and writes its evidence
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Writes C(evidence.json) with all that its drills and their incidents have left, the hashes of every file, the exercise before and what
    it shows of auditors' controls; its signature; and pages for people.
  - Reads what it has written and verifies it as C(scripts/verify) does.
  - C(ansible-playbook) then exits with RV(exit_code).
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  name:
    description: The name of the exercise.
    type: str
    required: true
  directory:
    description: The checkout that the playbooks are from.
    type: path
    default: .
  ansible_version:
    description: The version of ansible-core.
    type: str
seealso:
  - module: lastgood.recovery.exercise_begin
extends_documentation_fragment:
  - lastgood.recovery.exercise
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Judge the exercise
  lastgood.recovery.exercise_end:
    environment_name: staging
    name: "{{ begun.exercise.name }}"
    exercise: "{{ exercise }}"
    key: ~/.ssh/id_ed25519
"""

RETURN = r"""
verdict:
  description: V(PASSED) when every drill has passed and people were told, otherwise V(FAILED).
  returned: success
  type: str
  sample: PASSED
exit_code:
  description:
    - 0 when it has passed and is signed; 10 when an objective was missed, people were not told as they should be, or nobody has signed;
      11 when a drill did not restore what it broke, or was not held.
  returned: success
  type: int
  sample: 0
evidence:
  description: Where the evidence is.
  returned: success
  type: str
  sample: incidents/exercises/2026-11-22-staging/evidence.json
controls:
  description: By control whether it is C(shown), C(shown, with findings) or C(not shown).
  returned: success
  type: dict
  sample: {SOC 2 A1.3: shown}
screen:
  description: The same for people.
  returned: success
  type: list
  elements: str
summary:
  description: What it came to.
  returned: success
  type: str
  sample: "2026-11-22-staging: PASSED, 6 of 6 drills passed"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.ending import END
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(END)


if __name__ == "__main__":
    main()
