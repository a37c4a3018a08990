#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_open
short_description: Opens an incident, or takes up the one that the same command opened before
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Keeps each incident in a directory of its own with C(incident.yml) and C(journal.jsonl). An incident in which something may have been
    changed stays the current one of its environment and scenario until it is committed or undone, so that running the same command again
    goes back to the same moment.
  - In check mode nothing is written.
options:
  environment_name:
    description: The environment; one rollback at a time runs in it.
    type: str
    required: true
  environment_title:
    description: The environment as people call it. The name in capitals when it is not given.
    type: str
  scenario:
    description: What is broken, in one word.
    type: str
    required: true
  severity:
    description: How bad it is; V(P1) for a new incident when it is not given. With V(P0) nobody is asked for a confirmation.
    type: str
    choices: [P0, P1, P2, P3]
  reason:
    description: Why, in a sentence.
    type: str
    default: ""
  lead:
    description: Who leads the incident. The user who runs it when it is not given.
    type: str
  bad_at:
    description:
      - A moment at which it was broken. Now when neither it nor O(good_at) is given.
      - ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed that in UTC.
    type: str
  since:
    description: Since when it is bad, where O(good_at) is not the moment before. Durations and the RTO are counted from it.
    type: str
  good_at:
    description: The moment to go back to, written like O(bad_at).
    type: str
  point:
    description:
      - A recovery point of this environment, as M(lastgood.recovery.recovery_point_info) lists them, or the beginning of its name.
      - The moment to go back to is the one at which it was complete.
    type: str
  rto:
    description: Recovery time objective in seconds, counted from O(bad_at).
    type: float
  objectives:
    description:
      - What the report judges targets and tiers by; their C(services) have C(rto) and C(rpo) in seconds by target or tier.
      - They are kept when the incident is opened; one that is taken up again keeps its own.
    type: dict
    default: {}
  decision:
    description:
      - What P(lastgood.recovery.decision#module) returned for it, if it was decided by a policy. One person of each role in its
        C(approval) has to approve the plan, whatever the inventory's C(approvals) require.
      - It is kept; one that is taken up again keeps its own unless another is given.
    type: dict
  contacts:
    description:
      - Whom to call, C(people) with C(name), C(role), C(phone), C(slack), C(mail) and C(hours), C(vendors) with C(support), C(phone) and
        C(note), and the schedule of who is C(on_call). Kept with the incident, shown on the screen and in the report, told to no channel.
    type: dict
    default: {}
  escalation:
    description: C(after) how many minutes C(to) whom, by role or name, if need be for some C(severity) only. Counted as O(rto) is.
    type: list
    elements: dict
    default: []
  drill:
    description: Whether this is a drill. The record of all incidents keeps drills apart.
    type: bool
    default: false
  inventory:
    description: The inventory that the run uses, for the commands that a person is told to type next.
    type: path
  anchor:
    description:
      - Where the head of the journal's hash chain is kept outside the store, V(file:/mnt/elsewhere/heads) or
        V(s3://BUCKET/PREFIX?retain=400) (days of object lock), so that a journal that was cut off or written anew is
        noticed. It is kept when the rollback starts, at its verdict, and when the incident ends.
      - An anchor that cannot be reached is a warning and an event in the journal; it stops nothing.
      - Taken from E(LASTGOOD_ANCHOR) when it is not given.
    type: str
  checklists:
    description:
      - The success criteria and checklists that the report ticks, each by the name of a ready one (V(default), V(rachelfoods), V(realco),
        V(huntaze), V(generic-levels), V(derrimut)), by the path of a file, or as it stands. A file is copied into the incident.
      - They are kept when the incident is opened; one that is taken up again keeps its own.
    type: list
    elements: raw
    default: [default]
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Open the incident
  lastgood.recovery.incident_open:
    environment_name: production
    scenario: checkout
    severity: P0
    reason: orders fail since the 02:38 deployment
    rto: 900
  run_once: true
"""

RETURN = r"""
ansible_facts:
  description: The incident as facts.
  returned: success
  type: dict
  contains:
    incident:
      description: The fields of C(incident.yml), where it is kept, and which artifacts earlier incidents condemned.
      type: dict
      returned: success
      sample: {id: 2026-11-22-checkout, environment: production, scenario: checkout, bad_at: "2026-11-22T02:38:00.000Z", resumed: false}
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import OPEN
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(OPEN)


if __name__ == "__main__":
    main()
