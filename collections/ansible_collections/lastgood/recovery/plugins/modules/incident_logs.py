#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_logs
short_description: Keeps the logs of the release that an incident took out of service
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Collects into the directory C(logs) of the incident what M(lastgood.recovery.release_logs) collects, for one target.
  - Does nothing for a target that was not moved, or whose logs are there already. It never fails, because a rollback that worked must not
    end with an error; what could not be had is said.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.target
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
attributes:
  check_mode:
    description: Does nothing.
    support: full
  diff_mode:
    description: Logs are not shown.
    support: none
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  target:
    description: The name of the target, as the plan has it.
    type: str
    required: true
  secrets:
    description: Values that must not be in any file, beside the token.
    type: dict
    default: {}
  lines:
    description: The most lines of each file, the newest ones.
    type: int
    default: 2000
  timeout:
    description: How many seconds all of it may take.
    type: float
    default: 8
  quiet:
    description: A log that never ends counts as ended when nothing has come for so many seconds.
    type: float
    default: 0.5
seealso:
  - module: lastgood.recovery.release_logs
"""

EXAMPLES = r"""
- name: Keep the logs of what was taken out of service
  lastgood.recovery.incident_logs:
    incident: "{{ ansible_facts.incident }}"
    target: "{{ inventory_hostname }}"
    provider: "{{ provider }}"
    service: "{{ service }}"
"""

RETURN = r"""
files:
  description: By C(build), C(runtime) and C(events), each file that was written with the number of its lines, and whether it was cut.
  returned: when there were logs to be kept
  type: dict
  sample: {build: {path: incidents/2026-11-22-checkout/logs/api.build.log, lines: 214, cut: false}}
missing:
  description: What could not be had, and why.
  returned: when there were logs to be kept
  type: dict
  sample: {runtime: Netlify gives the logs of functions over a websocket only}
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.keeping_logs import KEEP
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(KEEP)


if __name__ == "__main__":
    main()
