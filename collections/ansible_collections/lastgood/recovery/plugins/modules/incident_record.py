#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_record
short_description: Writes what all incidents say together
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Writes into the incident store C(index.html), C(metrics.md) and C(metrics.json) (durations against their objectives, by environment and
    scenario, with trends), C(rollback-log.csv) and C(rollback-log.md), and C(lessons-learned.md), the index of what people wrote into the
    C(lessons.md) of each incident.
  - Where a rollback is over and nobody has begun C(lessons.md), a draft is created. What is there is never written over.
  - Incidents that cannot be read are listed in all of these, and warned of.
  - What is written depends on nothing but the store and the options, so that nothing changes until something differs.
options:
  incident:
    description: An incident whose own report is written anew, too.
    type: str
  objectives:
    description:
      - What the team has set itself, in seconds. C(durations) may have C(detect), C(decide), C(roll_back), C(verify), C(total) and
        C(broken); C(services) may have, for each service, C(rto) and C(rpo).
    type: dict
    default: {}
  drill_environments:
    description:
      - Environments in which every incident is a drill. Elsewhere a drill is what says so itself, or whose reason begins C(drill:).
    type: list
    elements: str
    default: [sandbox]
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Write the record of all incidents
  lastgood.recovery.incident_record:
    objectives:
      durations: {detect: 300, decide: 120, roll_back: 600, verify: 300, broken: 900}
      services: {api: {rto: 300, rpo: 60}}
"""

RETURN = r"""
files:
  description: Every file that belongs to the record.
  returned: success
  type: list
  elements: str
written:
  description: Those that were written, or would be in check mode.
  returned: success
  type: list
  elements: str
unreadable:
  description: Why, for each incident that cannot be read.
  returned: success
  type: dict
  sample: {2026-11-22-checkout: it has no incident.yml}
summary:
  description: How many there are, and how many files were written.
  returned: success
  type: str
  sample: 8 rollbacks in 9 incidents; 6 files written
screen:
  description: The same with the addresses of the pages.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.writing import RECORD
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(RECORD)


if __name__ == "__main__":
    main()
