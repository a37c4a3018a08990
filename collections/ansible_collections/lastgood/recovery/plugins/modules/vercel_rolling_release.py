#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_rolling_release
short_description: Rolls a Vercel deployment out in stages, or takes it back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - A rolling release gives a new deployment, the canary, to a growing share of the visitors, such as 10 %, 50 %, 100 %. The deployment
    that served before, the base, serves the others until everybody gets the canary.
  - Each state is waited for and read back. Asked for twice it changes nothing, so a play may name a state, look at the shop for a while,
    and name the next one.
  - Rolling releases are part of Vercel's Pro and Enterprise plans.
  - M(lastgood.recovery.vercel_release) aborts a rolling release, too, when it goes back to a release before the canary.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.vercel
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
options:
  state:
    description:
      - V(read) changes nothing, and tells how things are.
      - V(configured) sets the stages of the next rolling release; one that is under way keeps its own. V(disabled) switches rolling
        releases off, and is refused while one is under way.
      - V(started) gives O(deployment) to the visitors of the first stage. While rolling releases are configured and pushes are not held,
        each push to production starts one by itself.
      - V(advanced) goes on, stage after stage, until O(deployment) has O(percentage) of the visitors. V(completed) gives it to everybody.
      - V(aborted) gives everybody the base. Vercel does that by a rollback, so new pushes are held afterwards.
    type: str
    required: true
    choices: [read, configured, disabled, started, advanced, completed, aborted]
  deployment:
    description:
      - Id of the canary (V(dpl_…)). Required unless O(state) is V(read), V(configured), V(disabled) or V(aborted).
      - With V(aborted) it makes sure that it is this one that is aborted, and nothing is asked of Vercel when it was already.
    type: str
  percentage:
    description: The share of the visitors at the stage to go on to. Required for O(state=advanced).
    type: int
  stages:
    description:
      - The stages, at least two, with growing percentages, the last one V(100). Required for O(state=configured).
      - With O(stages[].minutes) on all but the last, Vercel goes on by itself after that time. Without any of them, somebody has to.
    type: list
    elements: dict
    suboptions:
      percentage:
        description: The share of the visitors.
        type: int
        required: true
      minutes:
        description: How long the stage lasts.
        type: int
      linear:
        description: Whether the share grows steadily over the stage.
        type: bool
        default: false
  timeout:
    description: How many seconds it may take.
    type: float
    default: 600
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 2
seealso:
  - module: lastgood.recovery.vercel_release
"""

EXAMPLES = r"""
- name: Roll releases out in three stages
  lastgood.recovery.vercel_rolling_release:
    project: rachelfoods-storefront
    state: configured
    stages: [{percentage: 10}, {percentage: 50}, {percentage: 100}]

- name: Give the new deployment to half of the visitors
  lastgood.recovery.vercel_rolling_release:
    project: rachelfoods-storefront
    deployment: dpl_4tXkQ2bJm3pQy8nV7sZc1RwLd9Fh
    state: advanced
    percentage: 50

- name: Take it back
  lastgood.recovery.vercel_rolling_release:
    project: rachelfoods-storefront
    state: aborted
"""

RETURN = r"""
rollout:
  description: The rolling release under way, or the last one, as it is afterwards; none when there never was one.
  returned: success
  type: dict
  contains:
    state:
      description: V(ACTIVE), V(COMPLETE) or V(ABORTED).
      type: str
    canary:
      description: The deployment that is rolled out.
      type: str
    base:
      description: The deployment that served before.
      type: str
    queued:
      description: The deployment that waits until this rolling release has ended.
      type: str
    percentage:
      description: The share of the visitors that get the canary.
      type: int
    stage:
      description: The number of the stage that is active, from 0.
      type: int
    percentages:
      description: The shares of all stages.
      type: list
      elements: int
    started_at:
      description: When it started.
      type: str
  sample: {state: ACTIVE, canary: dpl_4tX, base: dpl_9vB, queued: null, percentage: 50, stage: 1, percentages: [10, 50, 100],
           started_at: "2026-11-22T02:31:00.000Z"}
stages:
  description: The stages that the next rolling release goes through; none when rolling releases are off.
  returned: success
  type: list
  elements: dict
  sample: [{percentage: 10, minutes: null, linear: false}, {percentage: 100, minutes: null, linear: false}]
serving:
  description: The deployment that serves everybody who does not get a canary.
  returned: success
  type: str
  sample: dpl_9vB
held:
  description: Whether the next push is kept away from production.
  returned: success
  type: bool
  sample: false
waited:
  description: Seconds from the first look until it was so.
  returned: success
  type: float
  sample: 1.2
diff:
  description: What changes.
  returned: success
  type: dict
  sample: {before: {rolling release: dpl_4tX at 10 %}, after: {rolling release: dpl_4tX at 50 %}}
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Complete or abort it first.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel import rolling_release


def main() -> None:
    run_as_module(rolling_release.operation(vercel.VENDOR))


if __name__ == "__main__":
    main()
