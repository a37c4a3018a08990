#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: detect
short_description: Waits until monitoring notices that something is broken, or that all is well
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Looks at what monitoring reads, again and again, until one of O(alerts) has been beyond its limit for long enough.
  - An alert without data is neither quiet nor does it fire. With O(until=quiet) it has to get some.
  - It never changes anything.
options:
  source:
    description: Who knows the series.
    type: dict
    default: {}
    suboptions:
      page:
        description: The address of a C(/metrics) page, which is then read here again and again.
        type: str
      prometheus:
        description: A Prometheus, or what speaks its API.
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
  until:
    description: What is waited for, that one of them fires or that all have data and none is beyond its limit.
    type: str
    choices: [fires, quiet]
    default: fires
  since:
    description: The last moment at which all was well, for RV(good_at).
    type: str
  lasted:
    description:
      - By the name of an alert, for how many seconds something else has seen it beyond its limit when this begins. It counts if the
        first value that is read here is beyond the limit, too. Only these alerts fire then; the others are read for RV(facts).
    type: dict
    default: {}
  window:
    description: Seconds over which rates and percentages are taken.
    type: float
    default: 60
  faster:
    description:
      - How many seconds of the rules pass in one second. In drills that nobody wants to wait for, V(100) makes five minutes of
        O(alerts[].for) three seconds. RV(facts) tells the rules' time.
    type: float
    default: 1
  timeout:
    description: Seconds after which it fails.
    type: float
    default: 900
  poll:
    description: Seconds between two looks.
    type: float
    default: 5
requirements:
  - requests
  - prometheus-client, for a page
seealso:
  - module: lastgood.recovery.metric
  - module: lastgood.recovery.decision
extends_documentation_fragment:
  - lastgood.recovery.alerts
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Wait until somebody would be called
  lastgood.recovery.detect:
    source: {prometheus: {url: https://prometheus.rachelfoods.com}}
    alerts:
      - name: failed checkouts
        series: checkout_attempts_total{result!="ok"}
        of: checkout_attempts_total
        over: 10
        unit: " %"
        for: 300
        fact: error_rate
        scenarios: [checkout_broken]
      - name: failed health checks in a row
        health: [https://rachelfoods.com/health]
        over: 3
        fact: failed_health_checks
  register: detected

- name: Decide by what was measured
  lastgood.recovery.decision:
    facts: "{{ detected.facts }}"
"""

RETURN = r"""
fired:
  description: The names of the alerts that fired.
  returned: when one did
  type: list
  elements: str
  sample: [failed checkouts]
at:
  description: When that was, or when all was seen to be well.
  returned: always
  type: str
  sample: "2026-11-22T02:38:05.120Z"
seconds:
  description: How long it took.
  returned: always
  type: float
  sample: 4.2
bad_at:
  description: Since when the first that fired has been beyond its limit.
  returned: when one fired
  type: str
  sample: "2026-11-22T02:38:01.900Z"
good_at:
  description: O(since), the last moment at which all was well; null without it.
  returned: when one fired
  type: str
  sample: "2026-11-22T02:37:58.000Z"
facts:
  description: What was measured, as M(lastgood.recovery.decision) takes it. What nobody can tell is left out.
  returned: when one fired
  type: dict
  sample: {scenarios: [checkout_broken], error_rate: [{value: 100.0, for: 310 s}]}
alerts:
  description: What each of them read last, C(name), C(value), C(unit), C(limit), C(unknown), C(beyond) and C(for).
  returned: always
  type: list
  elements: dict
summary:
  description: What fired, and after how long; or what was seen instead.
  returned: always
  type: str
  sample: failed checkouts 100 % for 5 min 10 s; noticed after 4.2 s
hint:
  description: What to do about it.
  returned: when it failed
  type: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.detect import DETECT
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(DETECT)


if __name__ == "__main__":
    main()
