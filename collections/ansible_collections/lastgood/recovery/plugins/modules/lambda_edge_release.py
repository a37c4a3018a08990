#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_edge_release
short_description: Puts a Lambda@Edge function back to a version that ran before
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes the behaviours of a CloudFront distribution run the published version that O(release), O(good_at) or O(bad_at) says, and sends
    nothing when they do already. Versions are compared by what they run (their C(CodeSha256), handler, runtime, memory, timeout and role),
    never by their numbers. The same code published again has another number.
  - Only what the behaviours name is changed, with the ETag that was read. It is done when every edge has it, and it was read back.
  - No version is ever deleted, and none is published.
  - Lambda tells when a version was published, and nobody when it began to serve. With O(captures) or O(aws_config) that is known, and
    versions that never served are not gone back to by time. Without them a version counts from when it was published.
options:
  release:
    description: Function and number, such as V(security-headers:7).
  timeout:
    description: How many seconds the edges may take. It usually is minutes, and most of an hour has been seen.
    default: 3600
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    default: 10
requirements:
  - boto3
notes:
  - What edges have cached of the answers of the bad version stays. Invalidate it afterwards, with
    M(lastgood.recovery.cloudfront_invalidation) or M(lastgood.recovery.cache).
  - CloudFront cannot keep new versions away; O(hold) is refused.
  - Actions to allow in IAM are cloudfront:GetDistribution, cloudfront:UpdateDistribution, lambda:ListVersionsByFunction,
    lambda:GetFunctionConfiguration, lambda:GetFunction and lambda:EnableReplication*. O(aws_config) wants
    config:GetResourceConfigHistory.
extends_documentation_fragment:
  - lastgood.recovery.aws
  - lastgood.recovery.cloudfront
  - lastgood.recovery.cloudfront.history
  - lastgood.recovery.lambda_edge
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
  - module: lastgood.recovery.cloudfront_config
"""

EXAMPLES = r"""
- name: Run what ran before the version that broke checkout at 02:38
  lastgood.recovery.lambda_edge_release:
    distribution: E2QWRUHAPOMQZL
    event: origin-response
    bad_at: "02:38"
    captures: recovery-points/edge

- name: One behaviour alone
  lastgood.recovery.lambda_edge_release:
    distribution: E2QWRUHAPOMQZL
    event: viewer-request
    path_pattern: /assets/*
    release: security-headers:7
"""

RETURN = r"""
from:
  description: The release that was serving; none when nothing was.
  returned: success
  type: dict
  sample:
    id: security-headers:8
    artifact: 8xDZpzI4sTLS9D+JmVGNb3wV4Y1HpL2mYhEuJqN2c9s= 5e1f09ab
    created_at: "2026-11-22T02:36:10.000Z"
    live_from: "2026-11-22T02:38:01.512Z"
    good: true
    title: Stricter headers
    state: Active
to:
  description: The release that was chosen, in the same form.
  returned: success
  type: dict
  sample: {id: "security-headers:7", artifact: "Qm3rT0aXw5bLr0ZxZ1d8mY0uK7nC6pE4sJ2hG9fV1tA= 5e1f09ab", good: true}
serving:
  description: The release that is serving afterwards; at vendors that roll forward it has the same artifact as RV(to) and a new id.
  returned: success
  type: dict
  sample: {id: "security-headers:7", artifact: "Qm3rT0aXw5bLr0ZxZ1d8mY0uK7nC6pE4sJ2hG9fV1tA= 5e1f09ab", good: true}
why:
  description: Why this release was chosen, in words.
  returned: success
  type: str
  sample: newest good one that served before Sun 22 Nov 02:38
held:
  description: Whether new pushes are kept from going live.
  returned: success
  type: bool
  sample: false
held_before:
  description: The same, before the module ran.
  returned: success
  type: bool
  sample: false
waited:
  description: Seconds from asking the vendor until every address served the release.
  returned: success
  type: float
  sample: 243.1
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Name a published version."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotRestorable
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import lambda_edge


def main() -> None:
    run_as_module(lambda_edge.operation())


if __name__ == "__main__":
    main()
