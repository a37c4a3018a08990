#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_status
short_description: Says what every target serves, and which incident is going on
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads the incident store and what M(lastgood.recovery.release_info) has read. Changes nothing but O(file).
  - A target that could not be read is named, and so is an incident or a lock; then RV(exit_code) is 12, which C(ansible-playbook) exits
    with.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  environment_title:
    description: The environment as people call it. The name in capitals when it is not given.
    type: str
  readings:
    description:
      - By target, the result of M(lastgood.recovery.release_info), a failed one as well. That of a step which was skipped means that
        the target has no releases.
    type: dict
    required: true
  contacts:
    description: Whom to call, as in M(lastgood.recovery.incident_open). In place of those that an incident was opened with.
    type: dict
    default: {}
  escalation:
    description: After how many minutes whom, as in M(lastgood.recovery.incident_open).
    type: list
    elements: dict
    default: []
  file:
    description: Where RV(status) is written, too, as JSON; not in check mode.
    type: path
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.release_info
"""

EXAMPLES = r"""
- name: Say what is going on
  lastgood.recovery.incident_status:
    environment_name: production
    readings: "{{ dict(ansible_play_hosts_all | zip(ansible_play_hosts_all | map('extract', hostvars, 'status_reading'))) }}"
  run_once: true
"""

RETURN = r"""
status:
  description: The same as data.
  returned: success
  type: dict
  contains:
    environment:
      description: The environment.
      type: str
    at:
      description: When it was read.
      type: str
    targets:
      description:
        - Of each target what it serves, C(since) when, whether new pushes are C(held) (null where they cannot be), and since when the
          release is condemned. C(read) is false where it could not be read, with C(why), and null where it has no releases.
      type: list
      elements: dict
    incidents:
      description: Those going on or awaiting approval, with C(age) in seconds, the approvals C(missing), whom to C(call), and what to type
          C(next).
      type: list
      elements: dict
    on_call:
      description: Where it says who is on call.
      type: str
    lock:
      description: Who holds it, with its C(age) in seconds; null when nobody does.
      type: dict
    last_verdict:
      description: The verdict of the newest incident that has one.
      type: dict
    unreadable:
      description: Why, for each incident that cannot be read.
      type: dict
unread:
  description: The targets that could not be read.
  returned: success
  type: list
  elements: str
exit_code:
  description: 0, or 12 when something could not be read.
  returned: success
  type: int
summary:
  description: How many targets were read.
  returned: success
  type: str
  sample: 3 of 4 targets read, not payments
screen:
  description: What a person reads.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.status import STATUS
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(STATUS)


if __name__ == "__main__":
    main()
