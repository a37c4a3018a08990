#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: metric
short_description: Takes metrics of Prometheus, CloudWatch, Sentry and Datadog for a verdict
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - A metric is C(OK) within its limits and C(BAD) beyond them. It is C(UNKNOWN) without data, when the figure is no number, when the newest
    sample is too old, when there are several series where one was expected, when the source says that its answer is not all of it, and
    when the source cannot be asked. Never is any of these taken for well.
  - All metrics are asked for at the same time.
  - It never changes anything.
options:
  metrics:
    description: What must be within limits. Each has O(metrics[].at_least), O(metrics[].at_most), or both.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What people call it. Each has a name of its own.
        type: str
        required: true
      source:
        description: Who knows it.
        type: str
        required: true
        choices: [prometheus, sentry, datadog, cloudwatch]
      at_least:
        description: The least that is well.
        type: float
        aliases: [min]
      at_most:
        description: The most that is well.
        type: float
        aliases: [max]
      unit:
        description: Written behind the figure.
        type: str
        default: ""
      window:
        description: Minutes up to now that count. After a rollback only what came since then counts.
        type: int
        default: 5
      query:
        description:
          - At Prometheus the query, which gives one number. C($window) in it is replaced by the time that counts, such as V(300s); a query
            without it may count what was before the rollback.
          - At Datadog the query, which gives one series.
          - At Sentry the filter, such as V(release:shop@1.2 level:error); everything without it.
        type: str
      sample:
        description:
          - At Prometheus a selector, such as V(up{job="shop"}), whose newest sample must not be older than O(metrics[].max_age). A query
            that is a selector itself is looked at without it. Of one with functions Prometheus does not tell how old its samples are.
        type: str
      max_age:
        description: At Prometheus and Datadog, seconds that the newest sample may be old.
        type: float
        default: 180
      statistic:
        description:
          - At Sentry and Datadog, what is made of the points in the window, V(Average), V(Sum), V(Minimum), V(Maximum) or V(Last).
            Before and after a rollback are compared, so V(Sum) fits only where both windows are as long.
          - At CloudWatch as in P(lastgood.recovery.cloudwatch_check#module).
        type: str
        default: Average
      dataset:
        description: At Sentry, of what.
        type: str
        default: errors
        choices: [errors, spans, logs]
      y_axis:
        description: At Sentry, the function over each minute.
        type: str
        default: count()
      project:
        description: At Sentry, the projects that count, by their slugs; all without any.
        type: list
        elements: str
        default: []
      environment:
        description: At Sentry, the environments that count; all without any.
        type: list
        elements: str
        default: []
      namespace:
        description: At CloudWatch, its namespace, such as V(AWS/ApplicationELB).
        type: str
      metric_name:
        description: At CloudWatch, its name.
        type: str
      dimensions:
        description: At CloudWatch, its dimensions, all of them.
        type: dict
        default: {}
      percent_of:
        description: At CloudWatch as in P(lastgood.recovery.cloudwatch_check#module).
        type: str
      missing_is_zero:
        description: At CloudWatch as in P(lastgood.recovery.cloudwatch_check#module).
        type: bool
        default: false
      weighted_by:
        description: At CloudWatch as in P(lastgood.recovery.cloudwatch_check#module).
        type: str
      min_count:
        description: At CloudWatch as in P(lastgood.recovery.cloudwatch_check#module).
        type: float
        default: 1
  sources:
    description: How each source is reached.
    type: dict
    suboptions:
      prometheus:
        description: Prometheus, or what speaks its API, such as Mimir, Thanos or Grafana Cloud.
        type: dict
        suboptions:
          url:
            description: Its address, without C(/api/v1). E(PROMETHEUS_URL) when it is not given.
            type: str
          username:
            description: For basic authentication. E(PROMETHEUS_USERNAME) when it is not given.
            type: str
          password:
            description: For basic authentication. E(PROMETHEUS_PASSWORD) when it is not given.
            type: str
          token:
            description: A bearer token. E(PROMETHEUS_TOKEN) when it is not given.
            type: str
          tenant:
            description: The tenant, where there are several, as C(X-Scope-OrgID).
            type: str
      sentry:
        description: Sentry.
        type: dict
        suboptions:
          url:
            description: Its address; E(SENTRY_URL) when it is not given.
            type: str
            default: https://sentry.io
          organization:
            description: The slug of the organization. E(SENTRY_ORG) when it is not given.
            type: str
          token:
            description: A token with the scope C(org:read). E(SENTRY_AUTH_TOKEN) when it is not given.
            type: str
      datadog:
        description: Datadog.
        type: dict
        suboptions:
          url:
            description: The address of the site's API; E(DD_API_URL) when it is not given.
            type: str
            default: https://api.datadoghq.com
          api_key:
            description: The API key. E(DD_API_KEY) when it is not given.
            type: str
          app_key:
            description: An application key with the scope C(timeseries_query). E(DD_APP_KEY) when it is not given.
            type: str
      cloudwatch:
        description: AWS, with the options of all its modules here.
        type: dict
        suboptions:
          region:
            description: The region. E(AWS_REGION) or E(AWS_DEFAULT_REGION) when it is not given.
            type: str
            aliases: [aws_region]
          profile:
            description: A profile of the AWS command line.
            type: str
            aliases: [aws_profile]
          access_key:
            description: The access key; without it as for any AWS program.
            type: str
            aliases: [aws_access_key_id, aws_access_key]
          secret_key:
            description: The secret key.
            type: str
            aliases: [aws_secret_access_key, aws_secret_key]
          session_token:
            description: The session token of temporary credentials.
            type: str
            aliases: [aws_session_token]
          endpoint_url:
            description: Another address than AWS's own. E(AWS_URL) when it is not given.
            type: str
            aliases: [aws_endpoint_url]
  incident:
    description:
      - The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module). Nothing counts that was before
        its last move.
    type: dict
  since:
    description: A moment before which nothing counts, instead of O(incident).
    type: str
  answer_within:
    description: Seconds that a source may take to answer.
    type: float
    default: 20
  timeout:
    description: Seconds to wait for everything to be C(OK). Data takes its time to come in after a rollback.
    type: float
    default: 0
  poll:
    description: Seconds between two looks while that is awaited.
    type: float
    default: 15
  looks:
    description: How often in a row everything must be C(OK).
    type: int
    default: 1
  pause:
    description: Seconds between two looks that are C(OK).
    type: float
    default: 0
  phase:
    description: When in the incident this is, for its journal and report. With V(before) O(incident) does not count.
    type: str
  fail:
    description: Fail unless everything is C(OK). By default what was found is for RV(verdict) to tell.
    type: bool
    default: false
requirements:
  - requests
  - boto3, for CloudWatch
notes:
  - Prometheus answers an expression that divides by zero with C(NaN), and one that nothing matches with an empty result. Neither is
    well. C(or vector(0)) in a query takes that away.
  - Sentry fills minutes in which nothing happened with zeroes, so no errors may as well mean no visitors. Have a metric with
    O(metrics[].at_least) for the visitors.
  - Sentry's release health is by the hour, too coarse to tell minutes after a rollback, and not read.
seealso:
  - module: lastgood.recovery.cloudwatch_check
  - module: lastgood.recovery.http_check
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Are errors and latency within limits?
  lastgood.recovery.metric:
    sources:
      prometheus: {url: https://prometheus.rachelfoods.com, token: "{{ prometheus_token }}"}
      sentry: {organization: rachelfoods, token: "{{ sentry_token }}"}
    timeout: 120
    metrics:
      - name: failed requests
        source: prometheus
        query: 100 * sum(rate(http_requests_total{status=~"5.."}[$window])) / sum(rate(http_requests_total[$window]))
        sample: up{job="shop"}
        at_most: 1
        unit: " %"
      - name: p95 of the checkout
        source: prometheus
        query: histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{route="/checkout"}[$window])))
        at_most: 2
        unit: " s"
      - name: errors in Sentry
        source: sentry
        project: [storefront]
        query: level:error
        at_most: 5
        unit: " a minute"
"""

RETURN = r"""
verdict:
  description: The worst verdict of all, C(BAD), C(UNKNOWN) or C(OK).
  type: str
  returned: success
  sample: BAD
checks:
  description: What was seen in the end, in the order of O(metrics).
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The name of the metric.
      type: str
    verdict:
      description: C(OK), C(BAD) or C(UNKNOWN).
      type: str
    step:
      description: What was asked; null if all is well.
      type: str
    expected:
      description: The limits; null if all is well.
      type: str
    got:
      description: The figure, or why nobody can tell; null if all is well.
      type: str
    value:
      description: The figure; null when there is none.
      type: float
    unit:
      description: Its unit.
      type: str
    series:
      description: Times and values in the window, oldest first, 60 at most.
      type: list
      elements: list
    at_least:
      description: The least that is well; null without such a limit.
      type: float
    at_most:
      description: The most that is well; null without such a limit.
      type: float
    body:
      description: Always null.
      type: str
    seconds:
      description: Always 0.
      type: float
  sample:
    - name: failed requests
      verdict: BAD
      step: prometheus 100 * sum(rate(http_requests_total{status=~"5.."}[$window])) / sum(rate(http_requests_total[$window]))
      expected: at most 1 %
      got: 38.20 % in the last 5 min
      value: 38.2
      unit: " %"
      series: [["2026-11-22T04:05:00.000Z", 0.1], ["2026-11-22T04:06:00.000Z", 38.2]]
      at_least:
      at_most: 1.0
      body:
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
summary:
  description: All that in one sentence.
  type: str
  returned: always
  sample: "2 of 3 metrics are within limits; failed requests: expected at most 1 %, got 38.20 % in the last 5 min"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
