#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_begin
short_description: Says which stages of a rollout are left
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Decides which release is rolled out to which shares of the visitors, from what the vendor says is under way. A rollout that was cut off
    goes on from the stage it is in.
  - Refuses while an incident is going on, or while something fails already before anybody gets the release. Changes nothing.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  targets:
    description: The targets of the play; exactly one can be rolled out at a time.
    type: list
    elements: str
    required: true
  provider:
    description: The target's vendor.
    type: str
    default: ''
  standing:
    description: What M(lastgood.recovery.vercel_rolling_release) returned, which tells what is under way.
    type: dict
    required: true
  steps:
    description: The shares of the visitors, in percent.
    type: list
    elements: int
    default: [10, 50, 100]
  deployment:
    description: Id of the deployment; that which is under way when it is not given.
    type: str
  checks:
    description: What M(lastgood.recovery.http_check) returned.
    type: dict
    required: true
  metrics:
    description: What M(lastgood.recovery.metric) returned; one that was skipped counts as none.
    type: dict
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.vercel_rolling_release
"""

EXAMPLES = r"""
- name: See which stages are left
  lastgood.recovery.rollout_begin:
    environment_name: production
    targets: "{{ ansible_play_hosts }}"
    provider: "{{ provider }}"
    standing: "{{ rollout_standing }}"
    checks: "{{ verify_checks }}"
  register: rollout_begun
"""

RETURN = r"""
deployment:
  description: Id of the deployment that is rolled out.
  returned: success
  type: str
  sample: dpl_4tX
serving:
  description: Id of the deployment that serves the others.
  returned: success
  type: str
  sample: dpl_9vB
stages:
  description: The stages still to come, the present one first, each with C(percentage) and the C(state) to ask for. None in check mode.
  returned: success
  type: list
  elements: dict
  sample: [{percentage: 50, state: advanced}, {percentage: 100, state: advanced}]
configure:
  description: The stages to be configured first; none while one is under way, which keeps its own.
  returned: success
  type: list
  elements: dict
  sample: []
abort:
  description: Whether the release is taken back.
  returned: success
  type: bool
  sample: false
why:
  description: Why it is.
  returned: success
  type: str
  sample: "at 10 %: 4 of 5 flows pass; checkout page: expected 200, got 500"
bad_at:
  description: Since when it is known to be bad, ISO 8601.
  returned: success
  type: str
  sample: "2026-11-22T02:38:00.000Z"
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Name the one that is rolled out: --limit storefront"
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.rollout.beginning import BEGIN


def main() -> None:
    run_as_module(BEGIN)


if __name__ == "__main__":
    main()
