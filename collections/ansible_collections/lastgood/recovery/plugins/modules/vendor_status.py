#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vendor_status
short_description: Is it us or the vendor? Reads the vendors' status pages
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads the public status pages of all vendors at the same time, without any token, and says which of them report trouble.
  - It never fails because of a page, and takes no longer than O(timeout). A page that does not answer, or answers in another form than it
    is known to have, is C(UNKNOWN), never C(OK).
  - A vendor in trouble is a reason to look there first, not a proof; a status page often says so later than one's own figures.
options:
  vendors:
    description: Whom to look at. Another vendor than these needs its page in O(pages).
    type: list
    elements: str
    default: [aws, convex, heroku, neon, netlify, railway, render, stripe, vercel]
  pages:
    description: Pages in place of those that are known, or of other vendors.
    type: list
    elements: dict
    default: []
    suboptions:
      vendor:
        description: As in O(vendors).
        type: str
        required: true
      url:
        description: Where programs read it, such as C(https://status.example.com/api/v2/summary.json).
        type: str
        required: true
      kind:
        description: Of what kind it is. By default that of the vendor, and V(statuspage) for vendors that are not known.
        type: str
        choices: [aws, heroku, incident_io, instatus, statuspage, stripe]
  regions:
    description:
      - Regions that count, at AWS and Neon, such as V(eu-central-1). By default all do, and at AWS something is nearly always open
        somewhere. What belongs to no region always counts.
    type: list
    elements: str
    default: []
  contacts:
    description: Whom to call; C(vendors) has each one's C(support), C(phone) and a C(note), shown for those that report trouble.
    type: dict
    default: {}
  timeout:
    description: Seconds for all of them together.
    type: float
    default: 4
requirements:
  - requests
seealso:
  - module: lastgood.recovery.decision
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Is it us or the vendor?
  lastgood.recovery.vendor_status:
    vendors: [vercel, railway, stripe, aws]
    regions: [us-east-1]
  register: vendors
"""

RETURN = r"""
verdict:
  description: The worst of all, C(BAD), C(UNKNOWN) or C(OK).
  returned: success
  type: str
  sample: BAD
theirs:
  description: The vendors that report trouble.
  returned: success
  type: list
  elements: str
  sample: [railway]
vendors:
  description: What each page says.
  returned: success
  type: list
  elements: dict
  contains:
    vendor:
      description: The vendor.
      type: str
    verdict:
      description: C(OK), C(BAD) or C(UNKNOWN).
      type: str
    state:
      description: C(operational), C(maintenance), C(degraded), C(partial outage), C(outage); null when that is not known.
      type: str
    why:
      description: Why it is not known; null when it is.
      type: str
    notices:
      description: What the vendor has told and not taken back, the worst first, each with C(name), C(state), C(since) and C(url).
      type: list
      elements: dict
    affected:
      description: The parts that are not well, where the page names them.
      type: list
      elements: str
    page:
      description: Where people look.
      type: str
    support:
      description: How to reach its support, by O(contacts); empty where that does not say.
      type: str
    seconds:
      description: How long it took to answer.
      type: float
checks:
  description: The same as checks, as in M(lastgood.recovery.http_check).
  returned: success
  type: list
  elements: dict
passed:
  description: How many vendors are well.
  returned: success
  type: int
  sample: 3
total:
  description: How many vendors were looked at.
  returned: success
  type: int
  sample: 4
summary:
  description: All that in one sentence.
  returned: success
  type: str
  sample: "3 of 4 vendors are well by their own word; railway: expected operational, got partial outage: Deployments are slow"
screen:
  description: A line for each vendor.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.look import STATUS


def main() -> None:
    run_as_module(STATUS)


if __name__ == "__main__":
    main()
