#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: exercise_begin
short_description: Chooses the drills of an exercise, and whether it may be held
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - An exercise is a drill of every level, and one during which people are told. This breaks nothing.
  - Refuses where a drill would be refused, where a level has no failure, where messages would not say that they are a test, and where the
    evidence could not be signed at the end, which it tries out.
  - One that was broken off less than a day ago is taken up. Drills that have ended are not repeated.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  environment_title:
    description: What people call it.
    type: str
  allowed:
    description: Whether drills may be held in this environment at all.
    type: bool
    default: false
  test_messages:
    description: Whether messages of this environment say that they are a test.
    type: bool
    default: false
  seed:
    description: What chance begins with. A new one if not given.
    type: str
seealso:
  - module: lastgood.recovery.drill_begin
  - module: lastgood.recovery.exercise_end
extends_documentation_fragment:
  - lastgood.recovery.exercise
  - lastgood.recovery.failures
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Choose what is drilled
  lastgood.recovery.exercise_begin:
    environment_name: staging
    allowed: true
    test_messages: true
    exercise: "{{ exercise }}"
    failures: "{{ failures }}"
    key: ~/.ssh/id_ed25519
  register: begun
"""

RETURN = r"""
exercise:
  description: The exercise as it is written down.
  returned: success
  type: dict
  sample: {name: 2026-11-22-staging, state: begun, signer: anna@example.com}
steps:
  description: The drills that are still to be held, each with C(step), C(failure) and the C(variables) of C(playbooks/drill.yml).
  returned: success
  type: list
  elements: dict
screen:
  description: The same for people.
  returned: success
  type: list
  elements: str
summary:
  description: How many drills are to be held.
  returned: success
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.beginning import BEGIN
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(BEGIN)


if __name__ == "__main__":
    main()
