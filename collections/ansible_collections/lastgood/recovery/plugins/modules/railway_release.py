#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: railway_release
short_description: Puts a Railway service back to a release that served before
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes production serve the release that O(release), O(good_at) or O(bad_at) says, and asks nothing of the vendor when it does already.
    Releases are compared by what they run, never by their ids.
  - A rollback at Railway is a new deployment, with an id of its own, of an image that was built before. Railway answers without naming
    it, so this module finds it among the new deployments by its commit or image, and waits until it serves.
  - A rollback leaves automatic deploys on, so this module turns them off first. Deployments that are still on their way are cancelled;
    they would hold the rollback up and go live after it.
  - The variables of the old deployment come back with its image. Settings of the service, volumes and databases stay as they are.
  - Railway keeps images for some days after a deployment was removed, depending on the plan.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.railway
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Serve what served before the deployment that broke the stock at 02:41
  lastgood.recovery.railway_release:
    service: 7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43
    bad_at: "02:41"
    version_urls:
      - https://stock.rachelfoods.com/version

- name: Go back to one deployment, with a token of the workspace
  lastgood.recovery.railway_release:
    api_token: "{{ railway_workspace_token }}"
    project: 5f0c7f1e-2b6a-4a51-9d27-6c1f3a9e8b10
    environment: 0a41b7d2-58c3-4f0e-8e6b-d1c2a7f45e21
    service: 7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43
    release: 3d0b9572-f16b-4e4b-817e-b6e3af950b75
"""

RETURN = r"""
from:
  description: The release that was serving; none when nothing was.
  returned: success
  type: dict
  sample:
    id: 9c1e5a7f-3b2d-4f60-8a91-d7e2c4b6f018
    artifact: 3f0c1e9a7b2d4c6e8f0a1b3c5d7e9f1a2b4c6d8e
    created_at: "2026-11-22T02:36:10.000Z"
    live_from: "2026-11-22T02:38:01.512Z"
    good: true
    title: Faster checkout form
    state: SUCCESS
to:
  description: The release that was chosen, in the same form.
  returned: success
  type: dict
  sample: {id: 3d0b9572-f16b-4e4b-817e-b6e3af950b75, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
serving:
  description: The release that is serving afterwards; at vendors that roll forward it has the same artifact as RV(to) and a new id.
  returned: success
  type: dict
  sample: {id: 76d81984-aee0-4fba-956c-4eac1f19f801, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
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
  sample: Railway keeps images for some days after a deployment was removed, depending on the plan; name a newer release.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NoGoodRelease
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import railway


def main() -> None:
    run_as_module(rollback.operation(railway.VENDOR))


if __name__ == "__main__":
    main()
