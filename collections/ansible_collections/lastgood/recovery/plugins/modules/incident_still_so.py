#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_still_so
short_description: Goes on only when the plan that was agreed on is still what would happen
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - While somebody reads the plan, or waits for approvals, somebody else may deploy. What every target serves, and what it would go back
    to, is compared with the plan that was shown. When one is another, it is named, nothing was changed, and the same command plans anew.
  - What serves now does not count where a run is taken up again; that is as it was before anything was changed.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_plan#module).
    type: dict
    required: true
  readings:
    description:
      - By target, what P(lastgood.recovery.release_info#module) has returned once more. Targets that were not read again, and those that
        have no releases, stay as they were planned.
    type: dict
    required: true
  measures:
    description: By target, what its measure has returned in check mode once more, likewise.
    type: dict
    default: {}
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: See whether that is still so
  lastgood.recovery.incident_still_so:
    incident: "{{ ansible_facts.incident }}"
    readings: {storefront: "{{ reading_again }}"}
  run_once: true
"""

RETURN = r"""
summary:
  description: How many targets were read again.
  returned: when some were
  type: str
  sample: still so at 4 targets
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.still_so import STILL_SO
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(STILL_SO)


if __name__ == "__main__":
    main()
