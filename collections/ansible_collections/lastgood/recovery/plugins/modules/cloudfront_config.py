#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_config
short_description: Puts the configuration of a CloudFront distribution back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes a distribution have a configuration that it had before, from a file that M(lastgood.recovery.cloudfront_config_info) has written,
    or what it had at a moment. Nothing is sent when it has it already.
  - CloudFront replaces a configuration and never merges it. So all of it is put back as it was told, with cache, origin request and
    response headers policies, functions and whatever else there is. C(CallerReference), C(Staging) and C(ContinuousDeploymentPolicyId)
    belong to the distribution and stay as they are.
  - Lists are compared without order, but for cache behaviors and the members of origin groups, where it matters.
  - Before anything is sent, everything that the configuration refers to is looked for. Origins within it, policies, origin access
    controls, key groups, functions, numbered function versions, certificates and their end, web ACLs, buckets. What the live
    configuration refers to as well is not looked for, since AWS lets nobody delete it.
  - The update carries the ETag that was read. When somebody else has changed the distribution meanwhile, it says what, and stops.
  - It is done when every edge has the configuration, and it was read back. A run that was cut off is seen through by the same command.
options:
  recovery_point:
    description:
      - A file that M(lastgood.recovery.cloudfront_config_info) has written from this distribution. One of this and O(good_at) is needed.
    type: path
  good_at:
    description:
      - The configuration that it had at this moment, from O(captures) or O(aws_config); on the controller otherwise from the recovery
        points in the incident store.
      - ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed that in UTC.
    type: str
  etag:
    description: The ETag with which this was planned, as a run in check mode returns it. With another one nothing is sent.
    type: str
  force:
    description: Whether what somebody else has changed, since it was planned or meanwhile, is overruled.
    type: bool
    default: false
  timeout:
    description: How many seconds the edges may take. It usually is minutes, and most of an hour has been seen.
    type: float
    default: 3600
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 10
requirements:
  - boto3
notes:
  - What origins are sent as custom headers may be secret, and is shown as a fingerprint.
  - What could not be looked for, because IAM does not allow it, is a warning.
  - Actions to allow in IAM are cloudfront:GetDistribution and cloudfront:UpdateDistribution, and those that read what it refers to, such
    as cloudfront:GetCachePolicy, lambda:GetFunctionConfiguration, acm:DescribeCertificate, wafv2:GetWebACL and s3:ListBucket. CloudFront
    wants lambda:GetFunction, lambda:EnableReplication* and iam:CreateServiceLinkedRole for functions that it has not run yet.
    O(aws_config) wants config:GetResourceConfigHistory.
extends_documentation_fragment:
  - lastgood.recovery.aws
  - lastgood.recovery.cloudfront
  - lastgood.recovery.cloudfront.history
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.cloudfront_config_info
  - module: lastgood.recovery.cloudfront_invalidation
  - module: lastgood.recovery.lambda_edge_release
"""

EXAMPLES = r"""
- name: As it was at 02:37
  lastgood.recovery.cloudfront_config:
    distribution: E2QWRUHAPOMQZL
    good_at: "02:37"
    captures: recovery-points/edge

- name: As it was captured, but only if nobody has changed it since that was planned
  lastgood.recovery.cloudfront_config:
    distribution: E2QWRUHAPOMQZL
    recovery_point: recovery-points/edge/E2QWRUHAPOMQZL/20261122T023000Z.json
    etag: E3UN6WX5RRO2AG
"""

RETURN = r"""
etag:
  description: The ETag of what it has now, for O(etag).
  returned: success
  type: str
  sample: E3UN6WX5RRO2AG
source:
  description: Where the configuration comes from, in words.
  returned: success
  type: str
  sample: captured at 2026-11-22T02:30:00.000Z
different:
  description: The settings that differ, by their paths.
  returned: success
  type: list
  elements: str
  sample: ["DefaultCacheBehavior.CachePolicyId"]
references:
  description: How many things that it refers to are there.
  returned: success
  type: int
  sample: 9
diff:
  description: The settings that differ, before and after; secrets are fingerprints.
  returned: success
  type: dict
  sample:
    before: {DefaultCacheBehavior.CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad}
    after: {DefaultCacheBehavior.CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6}
meanwhile:
  description: What somebody else has changed, before and after.
  returned: when that is why it failed
  type: dict
  sample: {before: {Comment: Shop}, after: {Comment: Shop (do not touch)}}
gone:
  description: What the configuration refers to and is not there any more.
  returned: when that is why it failed
  type: list
  elements: str
  sample: [CachePolicyId 1f2e3d4c is not there any more]
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 212.4
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Look at meanwhile; run the same command again to go on from there."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Conflict
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import going_back
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import cloudfront


def main() -> None:
    run_as_module(going_back.operation(cloudfront.VENDOR))


if __name__ == "__main__":
    main()
