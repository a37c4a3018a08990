#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_moment
short_description: Settles the moment to go back to before the plan is made
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - The moment is the one that M(lastgood.recovery.incident_plan) would settle on. What has no releases, such as objects in a bucket, needs
    it before the plan, so that a run in check mode can count what going back to that moment takes.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  readings:
    description: By target, what P(lastgood.recovery.release_info#module) returned.
    type: dict
    required: true
  migrations:
    description: By target, what M(lastgood.recovery.migration) returned in check mode. Everything goes back to before that migration then.
    type: dict
    default: {}
  shipped_together:
    description: Releases that went live within this many seconds of each other are one deployment.
    type: float
    default: 1800
  slack:
    description: What went live within this many seconds after it was seen to be bad is suspect, too, because no two clocks agree.
    type: float
    default: 60
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Settle the moment to go back to
  lastgood.recovery.incident_moment:
    incident: "{{ ansible_facts.incident }}"
    readings: {headers: "{{ reading }}"}
  run_once: true
"""

RETURN = r"""
good_at:
  description: The moment, which C(ansible_facts.incident.good_at) is as well from now on.
  returned: success
  type: str
  sample: "2026-11-22T02:37:40.119Z"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.settling import SETTLE
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(SETTLE)


if __name__ == "__main__":
    main()
