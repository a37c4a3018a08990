#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: policy_check
short_description: Validates a policy, and names the rows that disagree
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Refuses a policy that does not follow the schema, says one thing twice, or has a fact that is worse when high in one row and when low in
    another.
  - Takes the least trouble that makes each row match, and lists where the merged policies say different things about it, or two rows of one
    policy under the same conditions. A policy without a row on the subject does not disagree. M(lastgood.recovery.decision) takes the
    strictest word of all in each field; it stands beside.
  - Lists as well where they differ in who has to approve; there the policy that merges the others says what counts.
  - It changes nothing, and runs on the controller, whatever the target.
options:
  policy:
    description: As in M(lastgood.recovery.decision).
    type: raw
    default: default
  fail:
    description: Fail when rows disagree.
    type: bool
    default: false
requirements:
  - PyYAML
seealso:
  - module: lastgood.recovery.decision
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Check our own policy
  lastgood.recovery.policy_check:
    policy: policies/shop.yml
    fail: true
"""

RETURN = r"""
name:
  description: The name of the policy.
  returned: success
  type: str
  sample: default
rows:
  description: All rows that count, merged ones included, as policy/row.
  returned: success
  type: list
  elements: str
  sample: [rachelfoods/outage]
scenarios:
  description: The scenarios that rows know.
  returned: success
  type: list
  elements: str
  sample: [outage]
numbers:
  description: The numbers that rows know, and what they are counted in; null where the policy does not say.
  returned: success
  type: list
  elements: dict
  sample:
    - fact: error_rate
      unit: "%"
conflicts:
  description: The trouble, what each policy says about it, the fields that differ, what counts, and who then has to approve a rollback.
  returned: success
  type: list
  elements: dict
  sample:
    - trouble: error_rate 5.1
      says:
        - policy: derrimut
          rows: [derrimut/some-errors]
          words: P2, fix forward
          approval: []
        - policy: huntaze
          rows: [huntaze/error-rate]
          words: P1, roll back within 15 min, level 3
          approval: null
      differ: [severity, action]
      resolved: P1, roll back within 15 min, level 3
      approval: [engineering lead]
summary:
  description: How many rows there are, and how many disagreements.
  returned: success
  type: str
  sample: "default: 67 rows, 25 disagreements"
screen:
  description: The disagreements in lines of at most 80 columns.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.operations import POLICY_CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(POLICY_CHECK)


if __name__ == "__main__":
    main()
