#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: render_release
short_description: Puts a Render service back to a release that served before
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes production serve the release that O(release), O(good_at) or O(bad_at) says, and asks nothing of the vendor when it does already.
    Releases are compared by what they run, never by their ids.
  - A rollback at Render is a new deploy, with an id of its own, of an artifact that was built before. Through the API it leaves automatic
    deploys on, so this module turns them off first.
  - Deploys that are still on their way are cancelled; they would hold the rollback up and go live after it.
  - The variables, start command and instance count of the old deploy are used for this rollback; the service's settings, environment
    groups, disks and the database stay as they are.
  - Render keeps the artifacts of a fixed number of builds, depending on the plan of the workspace.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.render
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Serve what served before the deploy that broke orders at 02:39
  lastgood.recovery.render_release:
    service: srv-ct6vmjtj0q5s700ckea0
    bad_at: "02:39"
    version_urls:
      - https://api.rachelfoods.com/version

- name: Go back to one deploy, and wait a quarter of an hour at most
  lastgood.recovery.render_release:
    service: srv-ct6vmjtj0q5s700ckea0
    release: dep-ct6vmmlj0q5s700ckes0
    timeout: 900
"""

RETURN = r"""
from:
  description: The release that was serving; none when nothing was.
  returned: success
  type: dict
  sample:
    id: dep-k1
    artifact: 3f0c1e9a7b2d4c6e8f0a1b3c5d7e9f1a2b4c6d8e
    created_at: "2026-11-22T02:36:10.000Z"
    live_from: "2026-11-22T02:38:01.512Z"
    good: true
    title: Faster checkout form
    state: deactivated
to:
  description: The release that was chosen, in the same form.
  returned: success
  type: dict
  sample: {id: dep-c8, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
serving:
  description: The release that is serving afterwards; at vendors that roll forward it has the same artifact as RV(to) and a new id.
  returned: success
  type: dict
  sample: {id: dep-k9, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
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
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import render


def main() -> None:
    run_as_module(rollback.operation(render.VENDOR))


if __name__ == "__main__":
    main()
