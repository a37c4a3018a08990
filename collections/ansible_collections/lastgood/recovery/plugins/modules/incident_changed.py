#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_changed
short_description: Tells when an incident changed something last
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads the journal. What a content delivery network has cached since then is fresh, and one invalidation after it is enough, however
    often the rollback is run.
  - Changes nothing.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  target:
    description: The target that RV(purge) is about.
    type: str
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Find out when something was changed last
  lastgood.recovery.incident_changed:
    incident: "{{ ansible_facts.incident }}"
  register: last_change
"""

RETURN = r"""
at:
  description: The time of the last call that changed something; null when nothing was changed, and in check mode.
  returned: success
  type: str
  sample: "2026-11-22T02:51:07.400Z"
purge:
  description: Whether something of O(target) was changed since P(lastgood.recovery.cache#module) purged its vendor's cache.
  returned: success
  type: bool
  sample: true
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.changing import CHANGED
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHANGED)


if __name__ == "__main__":
    main()
