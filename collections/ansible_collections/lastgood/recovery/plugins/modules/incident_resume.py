#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_resume
short_description: Finds the incident that is going on, to end it
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Fails when no incident of that scenario is going on in that environment.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  scenario:
    description: What was broken, in one word.
    type: str
    required: true
  ending:
    description: Whether what was rolled back is kept (V(committed)), or everything goes forward again (V(undone)).
    type: str
    required: true
    choices: [committed, undone]
  lead:
    description: Who ends it. The lead of the incident when it is not given.
    type: str
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Find the incident
  lastgood.recovery.incident_resume:
    environment_name: production
    scenario: checkout
    ending: committed
  run_once: true
"""

RETURN = r"""
ansible_facts:
  description:
    - The incident as facts. C(ending) says for each target that was touched which release to serve and whether to hold pushes, C(measures)
      for each that was changed otherwise whether that is put back.
  returned: success
  type: dict
screen:
  description: The same as lines of text.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ending import RESUME
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(RESUME)


if __name__ == "__main__":
    main()
