#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_plan
short_description: Settles the moment to go back to and shows what will change
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Finds the release that went live last among those that were serving when it was bad. With the others that were shipped together with it,
    it is the suspect deployment, and every target goes back to what it was serving just before that.
  - Refuses when every check passes and nobody said since when it is bad.
  - The first plan of an incident is kept as C(plan.json).
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  readings:
    description: By target, what P(lastgood.recovery.release_info#module) returned; those without releases do not count.
    type: dict
    required: true
  forecasts:
    description:
      - By target that has no releases, what M(lastgood.recovery.s3_objects) returned in check mode for the moment that
        M(lastgood.recovery.incident_moment) settled on.
    type: dict
    default: {}
  configurations:
    description: By target, what M(lastgood.recovery.cloudfront_config) returned in check mode, likewise.
    type: dict
    default: {}
  tiers:
    description: By target, its tier.
    type: dict
    required: true
  only_if:
    description: By tier, the condition under which it goes back at all, in words.
    type: dict
    default: {}
  checks:
    description: What P(lastgood.recovery.http_check#module) returned before anything was changed.
    type: dict
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
- name: Show the plan
  lastgood.recovery.incident_plan:
    incident: "{{ ansible_facts.incident }}"
    readings: {storefront: "{{ reading }}"}
    tiers: {storefront: frontend}
  run_once: true
"""

RETURN = r"""
plan:
  description: The moment (C(good_at)), a row for each target (C(from), C(to), C(why), C(changes)), the expected time in seconds.
  returned: success
  type: dict
screen:
  description: The plan as lines of text.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan import PLAN
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(PLAN)


if __name__ == "__main__":
    main()
