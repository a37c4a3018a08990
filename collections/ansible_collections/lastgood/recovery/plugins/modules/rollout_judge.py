#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_judge
short_description: Judges a stage of a rollout
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - A release goes on to the next stage only when the stage was reached and everything that was looked at is OK. Unknown is no reason to go
    on.
  - Changes nothing.
options:
  percentage:
    description: The share of the visitors at this stage.
    type: int
    required: true
  step:
    description: What M(lastgood.recovery.vercel_rolling_release) returned; one without what is under way aborts.
    type: dict
    required: true
  checks:
    description: What M(lastgood.recovery.http_check) returned.
    type: dict
    default: {}
  metrics:
    description: What M(lastgood.recovery.metric) returned; one that was skipped counts as none.
    type: dict
extends_documentation_fragment:
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.vercel_rolling_release
"""

EXAMPLES = r"""
- name: Judge the stage
  lastgood.recovery.rollout_judge:
    percentage: 10
    step: "{{ rollout_step }}"
    checks: "{{ verify_checks }}"
  register: rollout_judged
"""

RETURN = r"""
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
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.rollout.judging import JUDGE


def main() -> None:
    run_as_module(JUDGE)


if __name__ == "__main__":
    main()
