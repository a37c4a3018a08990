#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_close
short_description: Ends a run with a verdict and a report
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Judges the run from its journal, writes C(report.md) and C(report.html), and lets go of the lock.
  - With the callback P(lastgood.recovery.journal#callback) the verdict becomes the exit code of C(ansible-playbook).
    V(0) is C(RESTORED), V(10) C(PARTIAL), V(11) C(NOT RESTORED) and V(12) C(COULD NOT VERIFY).
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Judge the run and write the report
  lastgood.recovery.incident_close:
    incident: "{{ ansible_facts.incident }}"
  run_once: true
"""

RETURN = r"""
verdict:
  description: One of V(RESTORED), V(PARTIAL), V(NOT RESTORED) and V(COULD NOT VERIFY).
  returned: success
  type: str
  sample: RESTORED
reason:
  description: Why.
  returned: success
  type: str
  sample: 5 of 5 checks pass
next_steps:
  description: What can be done next, in words and commands.
  returned: success
  type: list
  elements: str
exit_code:
  description: The exit code that belongs to the verdict.
  returned: success
  type: int
  sample: 0
report:
  description: Path of the report's page.
  returned: success
  type: str
  sample: incidents/2026-11-22-checkout/report.html
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import CLOSE
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CLOSE)


if __name__ == "__main__":
    main()
