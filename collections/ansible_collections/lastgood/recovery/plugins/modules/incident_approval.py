#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_approval
short_description: Goes on only when those who must approve the plan have done so
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - An approval is an SSH signature (C(ssh-keygen -Y), namespace C(lastgood)) over the hash of the plan, the environment, the incident, a
    nonce and a time after which it no longer counts. C(scripts/approve) makes one. They are verified offline.
  - An approval does not count when it is altered, forged, replayed, expired, not valid yet, for another plan, signed for another purpose,
    with a revoked key, by somebody without the role, or by whoever runs it. Each of them is told, and why.
  - In a job of AWX an approval may also be one that was given on an approval node of its workflow, when O(approvals) has C(awx). AWX is
    asked who gave it, when, and which plan the job before the node has handed on; extra variables are not believed. Whoever launched the
    workflow does not count.
  - When one is missing it fails, nothing was changed, and C(ansible-playbook) exits with 13. The same command goes on with the same
    incident once it is approved. When the plan has changed meanwhile, it must be approved anew, and the difference is told.
  - Nothing is asked when no rule fits, when nothing would change, or in check mode, which only says who would have to approve.
  - An incident that was started with its approvals is not stopped because they have expired meanwhile.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_plan#module).
    type: dict
    required: true
  approvals:
    description:
      - Who must approve. Without it nobody must. One person of each role that the incident's decision names is needed, too.
      - C(required) is a list of rules with C(by), the number of people for each role, and if need be C(severity) and C(scenario), one or a
        list. Of all rules that fit, the most of each role is needed. A person, and a key, counts once.
      - C(roles) has the people of each role, by their names in C(signers), which is an C(allowed_signers) file. C(revoked) is a file of
        public keys, or a key revocation list. C(minutes) is how long a plan may be approved (60).
      - C(awx) has the C(url) of the AWX whose approval nodes count, and C(teams) of AWX by role, if need be. Names in C(roles) are then its
        users, too. It is read with E(CONTROLLER_OAUTH_TOKEN), and the job is known by E(JOB_ID), which AWX sets.
    type: dict
    default: {}
  override:
    description:
      - In an emergency, the name of the refusal to go on against. It holds for one plan only, and is recorded. That of a refusal of another
        kind is not for this module.
    type: str
    default: ""
  override_reason:
    description: Why that cannot wait. Needed with O(override).
    type: str
    default: ""
requirements:
  - ssh-keygen of OpenSSH 8.9 or newer, when approvals are signed
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: See who has approved it
  lastgood.recovery.incident_approval:
    incident: "{{ ansible_facts.incident }}"
    approvals:
      signers: "{{ inventory_dir }}/allowed_signers"
      roles:
        engineering-lead: [anna@rachelfoods.com, ben@rachelfoods.com]
      required:
        - severity: [P1, P2]
          by: {engineering-lead: 1}
  run_once: true
"""

RETURN = r"""
summary:
  description: Who approved it.
  returned: when somebody must
  type: str
  sample: approved by anna@rachelfoods.com (engineering-lead)
missing:
  description: How many of each role are missing.
  returned: when approvals are missing
  type: dict
  sample: {engineering-lead: 1}
refusal:
  description: The name of the refusal, for O(override).
  returned: when approvals are missing
  type: str
  sample: approval-3f2a9c1b
exit_code:
  description: What C(ansible-playbook) exits with.
  returned: when approvals are missing
  type: int
  sample: 13
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approving import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
