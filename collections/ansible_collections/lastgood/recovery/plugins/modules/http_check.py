#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: http_check
short_description: Walk through a site's critical flows from outside
version_added: 0.1.0
description:
  - Walks through named smoke flows such as login, catalogue and checkout, all at the same time, and gives each a verdict.
  - C(OK) means that every answer was as expected; C(BAD) that the site answered otherwise, or not at all;
    C(UNKNOWN) that nobody can tell from here.
  - When no answer comes (refused, reset, too late, TLS not to be trusted), that is C(BAD) if anything else in the same call
    answered, or O(reachable_url) does. When nothing answers at all, the fault may be in the network of whoever asks, and it is
    C(UNKNOWN). A name that cannot be resolved and a proxy that refuses are always C(UNKNOWN).
  - Nothing is retried. O(looks) makes it stricter instead.
  - It never changes anything by itself, but a flow may, such as by placing a test order. Flows must be safe to repeat.
author: lastgood contributors (@lastgood)
requirements:
  - requests
  - urllib3 >= 2.2
attributes:
  check_mode:
    description: Walks through the flows that change nothing.
    support: partial
    details:
      - In check mode only flows are walked that use the methods C(GET), C(HEAD) and C(OPTIONS), or that are O(flows[].safe).
        The others are C(SKIPPED) and not counted.
extends_documentation_fragment:
  - lastgood.recovery.flows
  - lastgood.recovery.attributes
options:
  scenario:
    description: What the flows are those of, to be named when there are none.
    type: str
  base_url:
    description: The same for every flow that does not say otherwise.
    type: str
  secrets:
    description: Values for C(${name}) that must never be shown, such as the password of the test account.
    type: dict
    default: {}
  reachable_url:
    description:
      - Another address, not of the same site, that answers as long as the network does. It is only asked when nothing else
        answered.
    type: str
  looks:
    description:
      - How many times to look. A flow is C(OK) only if it passes every time. A look at which one fails is the last; one that gets no
        answer does not count, and is repeated, up to as many times.
    type: int
    default: 1
  pause:
    description: Seconds between two looks.
    type: float
    default: 0
  phase:
    description: When in the incident this is, such as C(before) or C(after frontend), for its journal and report.
    type: str
  fail:
    description:
      - Fail unless every flow passes. By default what was found is for RV(verdict) to tell, because it is what the next step
        depends on and not an error.
    type: bool
    default: false
notes:
  - Passwords and tokens belong into O(secrets). What stands in a flow itself is not shown in results, but Ansible logs the options
    of a module that runs on another host there.
  - What was captured, O(secrets), cookies, and everything that a header or a field with a name like C(password), C(token) or
    C(Authorization) holds is shown as C(***). What a site says is cut after 120 characters.
"""

EXAMPLES = r"""
- name: Is the shop doing what its customers need?
  lastgood.recovery.http_check:
    base_url: https://shop.example.com
    reachable_url: https://www.iana.org/
    secrets:
      password: "{{ smoke_password }}"
    flows:
      - name: catalogue
        url: /api/products
        expect:
          json:
            items.0.price: {min: 0.01}
          max_seconds: 2
      - name: front page
        url: /
        expect:
          contains: Add to cart
          absent: [Application error, undefined]
          header:
            content-type: text/html
      - name: checkout
        steps:
          - method: POST
            url: /api/login
            body: {email: smoke@example.com, password: "${password}"}
            capture: {token: access_token}
          - method: POST
            url: /api/orders
            headers: {Authorization: "Bearer ${token}"}
            body: {product: 1, quantity: 1, test: true}
            expect:
              status: 201
              json: {status: paid}
            capture: {order: {header: Location}}
          - url: ${order}
            headers: {Authorization: "Bearer ${token}"}
  register: checks

- name: Is it still well, looked at twice?
  lastgood.recovery.http_check:
    looks: 2
    pause: 30
    fail: true
    flows:
      - name: health
        url: https://shop.example.com/health
        expect:
          json: {status: ok}
"""

RETURN = r"""
verdict:
  description: The worst verdict of any flow that was not skipped, C(BAD), C(UNKNOWN) or C(OK); C(UNKNOWN) if there was none.
  type: str
  returned: success
  sample: BAD
checks:
  description: What was seen, in the order of O(flows); of several looks the worst.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The name of the flow.
      type: str
    verdict:
      description: C(OK), C(BAD), C(UNKNOWN) or, in check mode, C(SKIPPED).
      type: str
    step:
      description: Method and path of the request that was not answered as expected; null if all were.
      type: str
    expected:
      description: What was expected of the answer; null if it was so.
      type: str
    got:
      description: What came instead; null if nothing is wrong.
      type: str
    body:
      description: The beginning of the wrong answer; null if there was none.
      type: str
    seconds:
      description: How long the whole flow took.
      type: float
  sample:
    - name: catalogue
      verdict: OK
      step:
      expected:
      got:
      body:
      seconds: 0.031
    - name: checkout
      verdict: BAD
      step: POST /api/orders
      expected: "201"
      got: "500"
      body: '{"error": "payment declined"}'
      seconds: 0.114
passed:
  description: How many flows are C(OK).
  type: int
  returned: success
  sample: 1
total:
  description: How many flows were walked.
  type: int
  returned: success
  sample: 2
summary:
  description: All that in one sentence.
  type: str
  returned: always
  sample: "1 of 2 flows pass; checkout: expected 201, got 500"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.http_check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
