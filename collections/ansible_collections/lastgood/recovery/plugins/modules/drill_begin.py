#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: drill_begin
short_description: Chooses what a drill breaks, and whether it may
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Refuses where the inventory does not allow drills, while an incident is going on that is no drill, while somebody rolls back, and while
    another drill is running.
  - Breaks nothing. The drill is written down as begun in the incident store's C(drills-ENVIRONMENT.json) before anything is broken, so
    that the next one can repair what one that was killed has left.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  environment_title:
    description: What people call it.
    type: str
  failure:
    description: The name of one of O(failures), a scenario for the first of it, V(any) for one by chance, or V(list) to see them all.
    type: str
    required: true
  seed:
    description: What chance begins with. The same seed chooses the same failure of the same list. A new one if not given.
    type: str
  allowed:
    description: Whether drills may be held in this environment at all.
    type: bool
    default: false
seealso:
  - module: lastgood.recovery.detect
  - module: lastgood.recovery.playbook
  - module: lastgood.recovery.drill_end
extends_documentation_fragment:
  - lastgood.recovery.failures
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Choose what breaks
  lastgood.recovery.drill_begin:
    environment_name: staging
    allowed: true
    failure: any
    failures:
      - name: checkout-api
        says: A push of the API breaks orders
        tier: backend
        scenario: checkout
        playbook: rollback-checkout.yml
        inject: [git push staging broken-orders:main]
        repair: [git push --force staging main]
  register: drill
"""

RETURN = r"""
drill:
  description: The drill as it is written down, with its C(id), C(failure) and C(seed).
  returned: unless it is only listed
  type: dict
  sample: {id: 2026-11-22T023800-checkout-api, failure: checkout-api, seed: 5f0c7f1e, state: begun}
failure:
  description: The failure that was chosen, with all its options.
  returned: unless it is only listed
  type: dict
left:
  description: The scenarios of earlier drills' incidents that nobody has ended.
  returned: unless it is only listed
  type: list
  elements: str
repair:
  description: The commands that repair what drills have left that did not come to their end.
  returned: unless it is only listed
  type: list
  elements: str
listed:
  description: Whether this was only a list.
  returned: success
  type: bool
screen:
  description: What is drilled, or the list.
  returned: success
  type: list
  elements: str
summary:
  description: What is drilled.
  returned: success
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.beginning import BEGIN
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(BEGIN)


if __name__ == "__main__":
    main()
