#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: readiness
short_description: Judges whether everything could be rolled back now, and names what stands in the way
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Puts together what other modules have returned with what it reads itself, the incident store, its lock and newest journal, the recovery
    points, the keys of approvers and the addresses of channels. Whatever is not met is named with what to do; none hides another.
  - C(READY) only where all of them are known to be met; one that nobody could look at makes it C(UNKNOWN).
  - Writes what it found to C(readiness/<day>-<environment>.json) in the incident store, which shows that something can be written there.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  environment_title:
    description: The environment as people call it. The name in capitals when it is not given.
    type: str
  readings:
    description: By target, the result of M(lastgood.recovery.release_info), a failed one as well; a skipped one has no releases.
    type: dict
    default: {}
  databases:
    description: The targets that are databases. One of them that nothing was asked of is C(UNKNOWN).
    type: list
    elements: str
    default: []
  backups:
    description: By target, the result of M(lastgood.recovery.postgres_backup_info), failed and skipped ones as well, as below.
    type: dict
    default: {}
  restored:
    description: The same of M(lastgood.recovery.postgres_restore) with C(mode=rehearsal).
    type: dict
    default: {}
  looked:
    description: The same of M(lastgood.recovery.postgres_integrity), asked of what was restored.
    type: dict
    default: {}
  dropped:
    description: The same of M(lastgood.recovery.postgres_swap), which has dropped it.
    type: dict
    default: {}
  windows:
    description: The same of M(lastgood.recovery.database) in check mode, for databases that a vendor manages.
    type: dict
    default: {}
  retention:
    description: By target, what the inventory says of how long its vendor keeps releases, C(days) or C(releases).
    type: dict
    default: {}
  approvals:
    description: The inventory's C(approvals). Each rule needs enough different people whose keys are valid now and not revoked.
    type: dict
    default: {}
  policy:
    description: The inventory's C(policy), whose roles have to be there as well, with O(approvals).
    type: raw
  telling:
    description: The inventory's C(telling). Each channel is tried to be reached; nothing is sent, and no token is used.
    type: dict
    default: {}
  telling_secrets:
    description: The values in its placeholders.
    type: dict
    default: {}
  deliver:
    description: Whether anything is sent at all; if not, channels are left out.
    type: bool
    default: true
  restore:
    description: Whether backups were restored; if not, that is said to be left out.
    type: bool
    default: true
  limits:
    description: How fresh things must be.
    type: dict
    default: {}
    suboptions:
      backup_within:
        description: How many seconds old the newest backup may be.
        type: float
        default: 86400
      point_within:
        description: How many seconds old the newest whole recovery point may be.
        type: float
        default: 86400
      kept_for:
        description: For how many seconds more a vendor has to keep what a target goes back to.
        type: float
        default: 86400
  file:
    description: Where RV(readiness) is written, too, as JSON; not in check mode.
    type: path
requirements:
  - ssh-keygen's allowed_signers file, with O(approvals)
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.validation
  - module: lastgood.recovery.incident_status
"""

EXAMPLES = r"""
- name: Judge whether everything could be rolled back
  lastgood.recovery.readiness:
    environment_name: production
    readings:
      storefront: "{{ storefront_reading }}"
    approvals: "{{ approvals }}"
  run_once: true
"""

RETURN = r"""
verdict:
  description: C(READY), C(NOT READY), or C(UNKNOWN).
  returned: success
  type: str
  sample: NOT READY
exit_code:
  description: 0 for C(READY), 11 for C(NOT READY), 12 for C(UNKNOWN); C(ansible-playbook) exits with it.
  returned: success
  type: int
readiness:
  description: All of it as data, with the C(environment), C(at) and C(verdict).
  returned: success
  type: dict
checks:
  description:
    - Every precondition, as in M(lastgood.recovery.http_check), and C(todo), what to do where it is not met. Of a target C(back_to), what
      it goes back to, and C(until) when or for how many C(pushes) its vendor keeps that, where anybody says.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: backup of shop-db, verdict: BAD, expected: one from the last 24 h 0 min, got: there is none, todo: Take one now}
passed:
  description: How many are met.
  returned: success
  type: int
total:
  description: How many there are, without those that were left out.
  returned: success
  type: int
summary:
  description: All that in one sentence.
  returned: success
  type: str
  sample: "NOT READY: 11 of 12 preconditions are met"
screen:
  description: What a person reads.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.readiness import ASSESS
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(ASSESS)


if __name__ == "__main__":
    main()
