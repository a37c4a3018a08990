#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: release_info
short_description: Reads what a target serves and what it could go back to
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Changes nothing. To see what a rollback would choose, run P(lastgood.recovery.release#module) in check mode.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.target
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Read what is serving
  lastgood.recovery.release_info:
    provider: "{{ provider }}"
    service: "{{ service }}"
  register: reading
"""

RETURN = r"""
serving:
  description: The release that is serving; none when nothing is.
  returned: success
  type: dict
  sample:
    id: dpl_9f2
    artifact: 3f0c1e9a7b2d4c6e8f0a1b3c5d7e9f1a2b4c6d8e
    created_at: "2026-11-22T02:36:10.000Z"
    live_from: "2026-11-22T02:38:01.512Z"
    good: true
    title: Faster checkout form
    state: READY
releases:
  description: Releases made for production, newest first, in the same form; 500 at most.
  returned: success
  type: list
  elements: dict
held:
  description: Whether new pushes are kept from going live.
  returned: success
  type: bool
vendor:
  description: The vendor's name.
  returned: success
  type: str
  sample: Vercel
holds:
  description: Whether new pushes can be held at all through this vendor's API.
  returned: success
  type: bool
  sample: true
trigger:
  description: What makes a push go live, in the vendor's word; empty where the vendor knows only whether it does.
  returned: success
  type: str
  sample: checksPass
comes_back:
  description: What returns together with a release at this vendor.
  returned: success
  type: list
  elements: str
stays:
  description: What a rollback leaves as it is at this vendor.
  returned: success
  type: list
  elements: str
retention:
  description:
    - How long the vendor keeps what was live, where that is known. C(days), counted from when it was made, or C(from) its C(removal), of
      which the newest C(at_least) are kept anyway. Not C(sure), it is the least of any price plan.
  returned: success
  type: dict
  sample: {days: 365, at_least: 10, sure: true}
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(rollback.reading(ANY))


if __name__ == "__main__":
    main()
