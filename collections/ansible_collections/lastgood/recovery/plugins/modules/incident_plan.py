#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_plan
short_description: Settles the moment to go back to and shows what will change
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Finds the release that went live last among those that were serving when it was bad. With the others that were shipped together with it,
    it is the suspect deployment, and every target goes back to what it was serving just before that.
  - Refuses when every check passes and nobody said since when it is bad.
  - Refuses a set that does not fit together, with the reason and the nearest one that does. That is, when a consumer would be newer than
    what it O(depends_on), or a release older than the schema can bear.
  - Tells how long it will take by earlier runs, or that there were none, and whether that is within the RTO; what a database would lose;
    what the vendor will soon not keep any more; who must approve, and whose word is missing.
  - The first plan of an incident is kept as C(plan.json). In check mode its hash is shown, which O(plan) takes.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  readings:
    description: By target, what P(lastgood.recovery.release_info#module) returned; those without releases do not count.
    type: dict
    required: true
  forecasts:
    description:
      - By target that has no releases, what M(lastgood.recovery.s3_objects) returned in check mode for the moment that
        M(lastgood.recovery.incident_moment) settled on.
    type: dict
    default: {}
  configurations:
    description: By target, what M(lastgood.recovery.cloudfront_config) returned in check mode, likewise.
    type: dict
    default: {}
  databases:
    description:
      - By target, what a module that takes a database back returned in check mode, such as M(lastgood.recovery.postgres_restore),
        M(lastgood.recovery.neon_branch) or M(lastgood.recovery.convex_data). Their C(loss) is shown in seconds and in rows by table.
        Where rows are not counted, or only numbers of rows were compared, that is said.
    type: dict
    default: {}
  measures:
    description:
      - By target, what a module that is a measure returned in check mode, such as P(lastgood.recovery.flag#module) or
        P(lastgood.recovery.service#module). A measure changes a target otherwise than by its release.
      - Where there are only measures, there is no moment to go back to.
    type: dict
    default: {}
  tiers:
    description: By target, its tier.
    type: dict
    required: true
  only_if:
    description: By tier, the condition under which it goes back at all, in words.
    type: dict
    default: {}
  checks:
    description: What P(lastgood.recovery.http_check#module) returned before anything was changed.
    type: dict
  metrics:
    description: What P(lastgood.recovery.metric#module) returned before anything was changed. One that is V(BAD) is reason enough.
    type: dict
  depends_on:
    description:
      - By target, the targets that it needs, a name or a list. It must not stay newer than one of them that goes back. Its release must not
        have gone live only after that of the other had been taken out of service.
      - Give it for every target of the inventory, so that those that are not part of the run are known as well.
    type: dict
    default: {}
  schemas:
    description:
      - By target, what M(lastgood.recovery.prisma_migration_info) told of its database. A release that was taken out of service before a
        breaking migration was applied cannot live with it.
    type: dict
    default: {}
  breaking:
    description:
      - By target, migrations by name, and whether code from before them can no longer live with the schema, where SQL does not tell.
    type: dict
    default: {}
  retention:
    description:
      - By target, what the vendor keeps on your plan, C(days) (from when a release was made, or at Railway removed) or C(releases). It goes
        before what is known of the vendor.
    type: dict
    default: {}
  way:
    description: Which of several ways it goes, C(says), and why, C(because), for people. See P(lastgood.recovery.payment_way#module).
    type: dict
  plan:
    description: The hash of a plan that was shown, or its first eight digits or more. Refuses any other, with the first difference.
    type: str
    default: ""
  approvals:
    description: Who must approve, as for P(lastgood.recovery.incident_approval#module).
    type: dict
    default: {}
  override:
    description: In an emergency, the name of the refusal to go on against. It holds for one plan only, and is recorded.
    type: str
    default: ""
  override_reason:
    description: Why that cannot wait. Needed with O(override).
    type: str
    default: ""
  shipped_together:
    description: Releases that went live within this many seconds of each other are one deployment.
    type: float
    default: 1800
  slack:
    description: What went live within this many seconds after it was seen to be bad is suspect, too, because no two clocks agree.
    type: float
    default: 60
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Show the plan
  lastgood.recovery.incident_plan:
    incident: "{{ ansible_facts.incident }}"
    readings: {storefront: "{{ reading }}"}
    tiers: {storefront: frontend}
  run_once: true
"""

RETURN = r"""
plan:
  description:
    - The moment (C(good_at)), a row for each target (C(from), C(to), C(why), C(changes), C(expected), C(loss), C(kept)), one for
      each measure (C(measures)), and for all of them C(expected) seconds (C(runs), C(p50), C(p95)), C(rto) (C(verdict), C(why)),
      C(approvals) (C(needs), C(by), C(missing)), what is C(unknown), and C(hash).
  returned: success
  type: dict
refusal:
  description: The name of the refusal, for O(override).
  returned: when the set does not fit together
  type: str
  sample: coherence-3f2a9c1b
screen:
  description: The plan as lines of text.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan import PLAN
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(PLAN)


if __name__ == "__main__":
    main()
