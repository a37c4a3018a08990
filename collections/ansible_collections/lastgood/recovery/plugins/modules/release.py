#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Puts a target back to a release that served before, at the vendor its inventory names
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - The same as the vendor's own module, for playbooks that are written once for every vendor.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.target
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.vercel_release
  - module: lastgood.recovery.render_release
  - module: lastgood.recovery.heroku_release
"""

EXAMPLES = r"""
- name: Go back to what served before the incident
  lastgood.recovery.release:
    provider: "{{ provider }}"
    service: "{{ service }}"
    good_at: "2026-11-22T02:37:59.999Z"
"""

RETURN = r"""
from:
  description: The release that was serving; none when nothing was.
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
to:
  description: The release that was chosen, in the same form.
  returned: success
  type: dict
  sample: {id: dpl_7c1, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
serving:
  description: The release that is serving afterwards; at vendors that roll forward it has the same artifact as RV(to) and a new id.
  returned: success
  type: dict
  sample: {id: dpl_7c1, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
why:
  description: Why this release was chosen, in words.
  returned: success
  type: str
  sample: newest good one that served before Sun 22 Nov 02:38
held:
  description: Whether new pushes are kept from going live.
  returned: success
  type: bool
  sample: true
held_before:
  description: The same, before the module ran.
  returned: success
  type: bool
  sample: false
waited:
  description: Seconds from asking the vendor until every address served the release.
  returned: success
  type: float
  sample: 22.8
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Retention may have removed it; name another release.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NoGoodRelease
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(rollback.operation(ANY))


if __name__ == "__main__":
    main()
