#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: edge_check
short_description: Looks whether every address of an edge serves what it should
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Asks every address that a site's name leads to, or those given, by the site's own name and certificate, until each has answered as
    expected several times in a row.
  - A cache may still hold what was served before. With O(invalidated_at) an answer counts only if its C(Age) is below the time since then.
  - C(BAD) means that an address still answers otherwise when the time is over; C(UNKNOWN) that one does not answer, that the name leads
    nowhere from here, or that fewer points of presence have answered than O(pops).
  - A name usually leads to the nearest point of presence only. Run it on machines elsewhere as well, or give O(addresses).
  - It never changes anything.
options:
  probes:
    description: What to ask for, and what the answer must be like.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What people call it. Each has a name of its own.
        type: str
        required: true
      url:
        description: The address, beginning with C(http). It is asked for with GET, and redirects are not followed.
        type: str
        required: true
      headers:
        description: Headers to send.
        type: dict
        default: {}
      timeout:
        description: Seconds to connect, and to answer completely.
        type: float
        default: 5
      expect:
        description: What the answer must be like. Without any of these its status must be 2xx.
        type: dict
        suboptions:
          status:
            description: The HTTP statuses that are right. By default any 2xx.
            type: list
            elements: int
          header:
            description: Regular expressions that must be found in headers, by the header's name, such as that of the version.
            type: dict
          json:
            description: What JSON values must be, by their dotted paths, as in M(lastgood.recovery.http_check).
            type: dict
          contains:
            description: A text, or a list of texts, that the body must contain.
            type: raw
          absent:
            description: A text, or a list of texts, that the body must not contain.
            type: raw
          max_seconds:
            description: The longest the complete answer may take.
            type: float
  addresses:
    description:
      - IP addresses or names to ask in place of those that the site's name leads to, each with a port where it is another.
        C(203.0.113.7), C([2001:db8::7]:8443).
    type: list
    elements: str
    default: []
  in_a_row:
    description: How many answers in a row must be as expected, from each address.
    type: int
    default: 3
  pops:
    description: How many different points of presence must have answered, by O(pop_header).
    type: int
    default: 1
  pop_header:
    description: The header that names the point of presence. Without it every address counts as one.
    type: str
    default: x-amz-cf-pop
  invalidated_at:
    description: When the invalidation was asked for that is complete by now.
    type: str
  timeout:
    description: Seconds after which what is not as expected is taken for it.
    type: float
    default: 60
  poll:
    description: Seconds between two answers of an address.
    type: float
    default: 1
  phase:
    description: When in the incident this is, for its journal and report.
    type: str
  fail:
    description: Fail unless everything is C(OK). By default what was found is for RV(verdict) to tell.
    type: bool
    default: false
requirements:
  - requests
  - urllib3 >= 2.2
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Does every address serve the header function's version 7, and the logo as it was?
  lastgood.recovery.edge_check:
    invalidated_at: "{{ invalidated.created_at }}"
    timeout: 120
    probes:
      - name: header function
        url: https://shop.example.com/
        expect: {header: {x-edge-version: "^shop-headers:7$"}}
      - name: logo
        url: https://shop.example.com/uploads/logo.svg
        expect: {header: {etag: 9b2cf535f27731c974343645a3985328}}
"""

RETURN = r"""
verdict:
  description: The worst verdict of any probe, C(BAD), C(UNKNOWN) or C(OK).
  type: str
  returned: success
  sample: BAD
checks:
  description: What was seen of each of O(probes); of several addresses the worst.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The name of the probe.
      type: str
    verdict:
      description: C(OK), C(BAD) or C(UNKNOWN).
      type: str
    step:
      description: The request that was not answered as expected; null if all were.
      type: str
    expected:
      description: What was expected of the answer; null if it was so.
      type: str
    got:
      description: What came instead, and from where; null if nothing is wrong.
      type: str
    body:
      description: Always null.
      type: str
    seconds:
      description: How long the slowest address took.
      type: float
  sample:
    - name: header function
      verdict: BAD
      step: GET /
      expected: header x-edge-version matching ^shop-headers:7$
      got: shop-headers:8 at 203.0.113.7:443 (FRA56-P8) and 1 more of 4
      body:
      seconds: 0.042
addresses:
  description: The newest answer of each address.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The name of the probe.
      type: str
    address:
      description: The IP address and port.
      type: str
    verdict:
      description: C(OK), C(BAD) or C(UNKNOWN).
      type: str
    in_a_row:
      description: How many answers, up to the newest, were as expected.
      type: int
    asked:
      description: How many times it was asked.
      type: int
    point_of_presence:
      description: The point of presence; null when it does not tell.
      type: str
    status:
      description: The HTTP status; null without an answer.
      type: int
    age:
      description: Seconds that the answer has been in the cache; null of what was not.
      type: int
    x_cache:
      description: Whether it came from the cache, in the edge's words.
      type: str
    id:
      description: The request's id, for AWS's support.
      type: str
    expected:
      description: What was expected; null if it was so.
      type: str
    got:
      description: What came instead; null if nothing is wrong.
      type: str
pops:
  description: The points of presence that have answered.
  type: list
  elements: str
  returned: success
  sample: [FRA56-P8]
passed:
  description: How many probes are C(OK).
  type: int
  returned: success
  sample: 1
total:
  description: How many probes there are.
  type: int
  returned: success
  sample: 2
summary:
  description: All that in one sentence.
  type: str
  returned: always
  sample: "1 of 2 probes show it at every address; logo: expected 2xx, got 503 at 203.0.113.7:443 (FRA56-P8) of 4"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.edge.check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
