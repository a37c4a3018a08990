#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: decision
short_description: Decides by a policy whether to roll back, until when, and by whose word
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Compares what is known about the trouble with every row of a policy. Of all rows that match, the strictest word counts in each field,
    so that the order of rows does not matter, and a worse fact never gives a milder decision.
  - A fact that is missing is never taken for a good one. What it could change is C(UNKNOWN), and RV(missing) names it.
  - It changes nothing. Which further tier goes back in a rollback that is under way is for M(lastgood.recovery.incident_decide) to say.
  - It runs on the controller, whatever the target.
options:
  policy:
    description:
      - The name of a ready policy (V(default), V(rachelfoods), V(derrimut), V(huntaze), V(realco), V(generic-levels)), the path of a YAML
        file on the controller, or the policy itself as a mapping.
    type: raw
    default: default
  facts:
    description:
      - What is known. C(scenarios) are the names of all that is seen; an empty list says that nothing is, and without it that nobody knows.
      - Every other fact is a number, or a mapping with C(value) and C(for), how long it has been at least that bad (V(90 s), V(6 min),
        V(2 h)); or a list of such, as C(25 for 2 min) and C(12 for 20 min) say different things.
      - Which facts and scenarios a policy knows is listed by M(lastgood.recovery.policy_check).
    type: dict
    required: true
  restores_database:
    description: A database is going to be restored, whatever the rows say.
    type: bool
    default: false
  since:
    description: Since when it is bad, C(02:38) (UTC) or ISO 8601, from which RV(deadline) is counted. Now if not given.
    type: str
  fail:
    description: Fail unless RV(decided), with the facts to find out in RV(hint).
    type: bool
    default: false
requirements:
  - PyYAML
seealso:
  - module: lastgood.recovery.policy_check
  - module: lastgood.recovery.vendor_status
  - module: lastgood.recovery.incident_decide
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Decide
  lastgood.recovery.decision:
    since: "02:38"
    facts:
      scenarios: [checkout_broken]
      error_rate: {value: 12, for: 6 min}
      users_affected: 40
  register: decided

- name: Decide by a policy of one's own, and insist on all facts
  lastgood.recovery.decision:
    policy: policies/shop.yml
    facts: "{{ facts }}"
    fail: true
"""

RETURN = r"""
policy:
  description: The name of the policy.
  returned: success
  type: str
  sample: default
decided:
  description: Whether no missing fact can change severity, action, deadline, database restore or approval.
  returned: success
  type: bool
severity:
  description: C(P0) to C(P3), or C(UNKNOWN).
  returned: success
  type: str
  sample: P1
action:
  description:
    - C(watch), C(next_deployment), C(fix_forward), C(scale_first) (and roll back if it persists), C(fix_or_roll_back), C(roll_back), or
      C(UNKNOWN).
  returned: success
  type: str
  sample: roll_back
within:
  description: How long it may take to begin, V(now), a duration, or V(UNKNOWN); null without a deadline.
  returned: success
  type: str
  sample: 15 min
deadline:
  description: When that is over; null without a deadline or while it is not settled.
  returned: success
  type: str
  sample: "2026-11-22T02:53:00.000Z"
level:
  description:
    - The lowest and the highest level of the rollback, 1 feature flag, 2 configuration, 3 code, 4 database, 5 everything. Empty when no row
      asks for any, null while it is not settled.
  returned: success
  type: list
  elements: int
  sample: [3, 3]
restores_database:
  description: Whether a database is restored; null while it is not settled.
  returned: success
  type: bool
automatic:
  description: Whether the rollback may begin without a person; null while it is not settled.
  returned: success
  type: bool
approval:
  description: The roles that all have to approve a rollback; while it is not settled, all that may have to.
  returned: success
  type: list
  elements: str
  sample: [engineering lead]
unsettled:
  description: The fields that missing facts could change.
  returned: success
  type: list
  elements: str
  sample: [level]
at_least:
  description: Severity, action and so on as far as they are sure, whatever the missing facts are.
  returned: success
  type: dict
at_most:
  description: The same as strict as missing facts could make it.
  returned: success
  type: dict
reasons:
  description: The rows that match, the strictest first.
  returned: success
  type: list
  elements: dict
  sample:
    - row: huntaze/error-rate
      says: High error rate, over 5 %
      when: error_rate over 5 %
      asks: P1, roll back within 15 min, level 3
missing:
  description: The facts that could change the decision, why each is missing, the rows that wait for it, and what they would make of it.
  returned: success
  type: list
  elements: dict
  sample:
    - fact: users_affected
      because: not given
      rows: [realco/most-users]
      could_be: P1, roll back within 15 min, level 3
ignored:
  description: Facts that no row of the policy knows; they may be misspelt.
  returned: success
  type: list
  elements: str
summary:
  description: The decision in one sentence.
  returned: success
  type: str
  sample: P1, roll back within 15 min, level 3; engineering lead has to approve a rollback
screen:
  description: The decision, its reasons and what is missing in lines of at most 80 columns.
  returned: success
  type: list
  elements: str
hint:
  description: What to find out.
  returned: when it failed
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.operations import DECISION
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(DECISION)


if __name__ == "__main__":
    main()
