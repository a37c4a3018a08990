#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: recovery_point_info
short_description: Lists the recovery points of an environment, or compares two of them
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads the incident store and nothing else. Changes nothing.
  - Variables are told by their names alone. They are compared by fingerprints, which differ as well when the vendor's token was another.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  diff:
    description:
      - Two recovery points to compare, the older one first. The beginning of an id is enough where it is the only one that begins so;
        V(newest) is the newest.
    type: list
    elements: str
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.recovery_point
  - module: lastgood.recovery.recovery_point_prune
"""

EXAMPLES = r"""
- name: What has changed since the deployment
  lastgood.recovery.recovery_point_info:
    environment_name: production
    diff: [20261122T143005Z-3fa2, newest]
"""

RETURN = r"""
points:
  description: All of them, or the two that were compared, oldest first.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 20261122T143005Z-3fa2
      captured_at: "2026-11-22T14:30:05.120Z"
      complete: true
      unchanged_since: null
      label: 1da74ce
      missing: []
      targets: [api, storefront]
      backups: [api]
differs:
  description: By target, what differs with O(diff).
  returned: success
  type: dict
  sample:
    api:
      release: {from: 1da74ce, to: 0c653c9}
      variables: {changed: [CURRENCY]}
      migrations: {added: [20260113101500_add_loyalty_tiers]}
      counts: {public.orders: {from: 400, to: 412}}
unreadable:
  description: Why, for each recovery point that cannot be read.
  returned: success
  type: dict
summary:
  description: How many there are, or how many targets differ.
  returned: success
  type: str
  sample: 12 recovery points of production
screen:
  description: What a person reads.
  returned: success
  type: list
  elements: str
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: playbooks/points.yml lists them.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.points.listing import INFO


def main() -> None:
    run_as_module(INFO)


if __name__ == "__main__":
    main()
