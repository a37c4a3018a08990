#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_end
short_description: Ends an incident for good
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Afterwards the same rollback command opens a new incident. Writes the report once more and lets go of the lock.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  state:
    description: How it ended.
    type: str
    required: true
    choices: [committed, undone]
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: End the incident
  lastgood.recovery.incident_end:
    incident: "{{ ansible_facts.incident }}"
    state: committed
  run_once: true
"""

RETURN = r"""
summary:
  description: The incident and how it ended.
  returned: success
  type: str
  sample: 2026-11-22-checkout committed
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ending import END
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(END)


if __name__ == "__main__":
    main()
