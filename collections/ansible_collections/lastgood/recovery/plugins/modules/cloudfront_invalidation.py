#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_invalidation
short_description: Makes the edges of CloudFront forget what they have cached
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Waits until every edge has the configuration of the distribution, then invalidates, then waits until every edge has forgotten. An edge
    that still has the old configuration would cache its answers again.
  - One that this module has begun for the same configuration and the same paths, and that is still running, is waited for in place of
    another one. With O(not_before) one that has ended since then is enough, too.
  - Only the newest 100 invalidations are looked at, so that it takes as long for a distribution that has had thousands.
options:
  paths:
    description:
      - Paths, each beginning with a slash; an asterisk as the last sign stands for whatever follows.
      - V(/*) is everything, and counts as one.
      - Signs that a URL cannot have must be encoded.
    type: list
    elements: str
    required: true
  not_before:
    description:
      - When what is behind the edges was changed last. An invalidation that began earlier does not count.
      - ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed that in UTC.
    type: str
  timeout:
    description: How many seconds the edges may take for the configuration, and again for forgetting.
    type: float
    default: 3600
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 5
requirements:
  - boto3
notes:
  - Actions to allow in IAM are cloudfront:GetDistribution, cloudfront:ListInvalidations, cloudfront:GetInvalidation and
    cloudfront:CreateInvalidation.
extends_documentation_fragment:
  - lastgood.recovery.aws
  - lastgood.recovery.cloudfront
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
attributes:
  diff_mode:
    description: What is cached cannot be looked at.
    support: none
seealso:
  - module: lastgood.recovery.cloudfront_config
  - module: lastgood.recovery.cache
"""

EXAMPLES = r"""
- name: Forget what the bad release made, once every edge has the good one
  lastgood.recovery.cloudfront_invalidation:
    distribution: E2QWRUHAPOMQZL
    paths:
      - /assets/*
      - /index.html
"""

RETURN = r"""
invalidation:
  description: Its id; none in check mode when there would be a new one.
  returned: success
  type: str
  sample: I2J0I21PCUYOIK
created:
  description: When it began.
  returned: success
  type: str
  sample: "2026-11-22T02:52:00.000Z"
paths:
  description: The paths, each once.
  returned: success
  type: list
  elements: str
  sample: ["/assets/*", /index.html]
reused:
  description: Whether there was one already.
  returned: success
  type: bool
  sample: false
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 61.3
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Only the last sign can be an asterisk."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import invalidation
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import cloudfront


def main() -> None:
    run_as_module(invalidation.operation(cloudfront.VENDOR))


if __name__ == "__main__":
    main()
