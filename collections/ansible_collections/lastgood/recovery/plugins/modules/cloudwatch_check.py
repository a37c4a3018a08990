#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_check
short_description: Takes CloudWatch's alarms and metrics for a verdict
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - An alarm is C(OK) when CloudWatch says C(OK), C(BAD) in C(ALARM), and C(UNKNOWN) in C(INSUFFICIENT_DATA) or when there is no such alarm.
  - A metric is C(OK) within its limits and C(BAD) beyond them. Without data, or with less of it than O(metrics[].min_count), it is
    C(UNKNOWN).
  - Averages, percentages and weighted averages are computed here from the sums of each minute, not by metric math and never from averages.
  - When AWS cannot be asked or denies it, everything it was to tell is C(UNKNOWN), and RV(summary) says why.
  - It never changes anything.
options:
  alarms:
    description: Alarms that must be well, by their names; metric alarms and composite ones.
    type: list
    elements: str
    default: []
  alarm_prefix:
    description: All alarms must be well whose names begin like this, and there must be one.
    type: str
  alarm_tags:
    description: All alarms must be well that have these tags with these values, and there must be one.
    type: dict
    default: {}
  metrics:
    description: Metrics that must be within limits. Each has O(metrics[].min), O(metrics[].max), or both.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What people call it. Each has a name of its own.
        type: str
        required: true
      namespace:
        description: Its namespace, such as V(AWS/CloudFront).
        type: str
        required: true
      metric_name:
        description: Its name, such as V(5xxErrorRate).
        type: str
        required: true
        aliases: [metric]
      dimensions:
        description: Its dimensions, all of them; CloudFront's are C(DistributionId), and C(Region) which is C(Global).
        type: dict
        default: {}
      statistic:
        description:
          - What of it has to be within the limits. V(Average), V(Sum), V(SampleCount), V(Minimum), V(Maximum), or a percentile
            such as V(p99).
          - Of a minimum, a maximum or a percentile it is that of the worst minute.
        type: str
        default: Average
      percent_of:
        description:
          - Another metric of the same namespace and dimensions. The figure is 100 times the sum of O(metrics[].metric_name)
            by the sum of this one, such as C(HTTPCode_Target_5XX_Count) by V(RequestCount). O(metrics[].statistic) does not count then.
        type: str
      missing_is_zero:
        description:
          - With O(metrics[].percent_of), that the metric has no data point where there was nothing to count, as those of load balancers.
            By default no data point at all is C(UNKNOWN), since the name may be misspelt.
        type: bool
        default: false
      weighted_by:
        description:
          - Another metric of the same namespace and dimensions. Each minute's average counts as much as the sum of this one in that minute,
            as CloudFront's C(5xxErrorRate) and C(CacheHitRate) have to be weighted by V(Requests).
        type: str
      min:
        description: The least that is well.
        type: float
      max:
        description: The most that is well.
        type: float
      min_count:
        description: With less than this of O(metrics[].percent_of), O(metrics[].weighted_by) or samples, nobody can tell.
        type: float
        default: 1
      unit:
        description: Written behind the figure.
        type: str
        default: ""
  window:
    description: Minutes up to now that count.
    type: int
    default: 5
  since:
    description: A moment, as when the rollback was through, before which no minute of metrics counts.
    type: str
  timeout:
    description: Seconds to wait for everything to be C(OK). An alarm takes its evaluation periods to notice that all is well again.
    type: float
    default: 0
  poll:
    description: Seconds between two looks.
    type: float
    default: 15
  phase:
    description: When in the incident this is, for its journal and report.
    type: str
  fail:
    description: Fail unless everything is C(OK). By default what was found is for RV(verdict) to tell.
    type: bool
    default: false
requirements:
  - boto3
notes:
  - CloudFront's metrics and the alarms on them are in V(us-east-1). C(CacheHitRate) is one of the additional metrics, which have to be
    switched on for the distribution; and they come in some minutes late.
  - An alarm that treats missing data as C(notBreaching) is C(OK) without data. A metric here is not.
  - Actions to allow in IAM are cloudwatch:DescribeAlarms, cloudwatch:GetMetricData, and for O(alarm_tags) tag:GetResources.
extends_documentation_fragment:
  - lastgood.recovery.aws
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Is the edge well again?
  lastgood.recovery.cloudwatch_check:
    region: us-east-1
    alarm_prefix: shop-edge-
    since: "{{ invalidated.completed_at }}"
    timeout: 600
    metrics:
      - name: errors at the edge
        namespace: AWS/CloudFront
        metric_name: 5xxErrorRate
        dimensions: &shop {DistributionId: EDFDVBD6EXAMPLE, Region: Global}
        weighted_by: Requests
        max: 1
        min_count: 100
        unit: " %"
      - name: cache hit rate
        namespace: AWS/CloudFront
        metric_name: CacheHitRate
        dimensions: *shop
        weighted_by: Requests
        min: 70
        unit: " %"

- name: Do the servers behind the load balancer answer?
  lastgood.recovery.cloudwatch_check:
    fail: true
    metrics:
      - name: errors of the servers
        namespace: AWS/ApplicationELB
        metric_name: HTTPCode_Target_5XX_Count
        percent_of: RequestCount
        missing_is_zero: true
        dimensions: {LoadBalancer: app/shop/50dc6c495c0c9188}
        max: 1
"""

RETURN = r"""
verdict:
  description: The worst verdict of all, C(BAD), C(UNKNOWN) or C(OK).
  type: str
  returned: success
  sample: BAD
checks:
  description: What was seen in the end, alarms first.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The name of the alarm or metric.
      type: str
    verdict:
      description: C(OK), C(BAD) or C(UNKNOWN).
      type: str
    step:
      description: What was looked at; null if all is well.
      type: str
    expected:
      description: What was expected; null if it was so.
      type: str
    got:
      description: What CloudWatch says instead; null if nothing is wrong.
      type: str
    body:
      description: CloudWatch's reason for the alarm's state; null if there is none.
      type: str
    value:
      description: The metric's figure; null without data. Alarms have none.
      type: float
    seconds:
      description: Always 0.
      type: float
  sample:
    - name: errors at the edge
      verdict: BAD
      step: AWS/CloudFront 5xxErrorRate
      expected: at most 1 %
      got: 38.20 % of 12,031 Requests in the last 5 min
      body:
      value: 38.2
      seconds: 0.0
passed:
  description: How many are C(OK).
  type: int
  returned: success
  sample: 2
total:
  description: How many there are.
  type: int
  returned: success
  sample: 3
hint:
  description: What to do when AWS could not be asked.
  type: str
  returned: when AWS could not be asked
  sample: "Check access_key and secret_key, or profile: AWS does not know this identity."
summary:
  description: All that in one sentence.
  type: str
  returned: always
  sample: "2 of 3 CloudWatch checks are well; errors at the edge: expected at most 1 %, got 38.20 % of 12,031 Requests in the last 5 min"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch.check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
