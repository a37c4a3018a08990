#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: convex_release
short_description: Puts a Convex deployment back to an older commit, by deploying that
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Convex has no rollback of functions or schema, neither in its API nor in the dashboard. This module checks the commit out that
    O(release), O(good_at) or O(bad_at) says, in a folder of its own, and deploys it with the vendor's own program.
  - Releases are the commits of the branch's first-parent history, the newest 500, compared by their trees. Git keeps when a commit was
    made, and not when it was deployed; O(good_at) and O(bad_at) go by the committer's date.
  - Convex does not tell which commit it runs. This module writes it to the variable E(LASTGOOD_RELEASE) of the deployment, with the time,
    and every other way to deploy has to do so as well. Without such a note the current release is unknown, and said to be.
  - Where the audit log can be read (Convex Professional), a push after the newest note makes the current release unknown, too.
  - A release whose schema does not allow the data that is stored now is refused by Convex, and what served before goes on serving.
  - Data, files, variables and scheduled functions stay as they are. Pausing a deployment is no hold, it stops everything; new pushes go
    live, unless whatever deploys them is stopped.
requirements:
  - git 2.25 or newer
  - requests
  - Node.js with npm, or whatever O(install) and O(command) name
extends_documentation_fragment:
  - lastgood.recovery.convex
  - lastgood.recovery.convex.deploying
  - lastgood.recovery.git
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Deploy what the branch had before the push that broke bookings at 02:39
  lastgood.recovery.convex_release:
    deployment: happy-animal-123
    repository: https://github.com/rachelfoods/bookings.git
    bad_at: "02:39"

- name: Deploy one tagged release of a project in a monorepo
  lastgood.recovery.convex_release:
    deployment: happy-animal-123
    repository: https://github.com/rachelfoods/shop.git
    path: apps/bookings
    tags: "*-stable"
    release: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0
    timeout: 900
"""

RETURN = r"""
from:
  description: The release that was serving, as far as is known.
  returned: success
  type: dict
  sample:
    id: 3f0c1e9a7b2d4c6e8f0a1b3c5d7e9f1a2b4c6d8e
    artifact: tree:5b8a1f0c2d4e6a7b9c1d3e5f7a9b0c2d4e6f8a1b
    created_at: "2026-11-22T02:36:10.000Z"
    live_from: "2026-11-22T02:36:10.000Z"
    good: true
    title: Faster checkout form
    state: ""
to:
  description: The release that was chosen, in the same form.
  returned: success
  type: dict
  sample: {id: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, artifact: "tree:1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", good: true}
serving:
  description: The release that is serving afterwards.
  returned: success
  type: dict
  sample: {id: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, artifact: "tree:1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", good: true}
why:
  description: Why this release was chosen, in words.
  returned: success
  type: str
  sample: newest good one that served before Sun 22 Nov 02:36
held:
  description: Whether new pushes are kept from going live; Convex cannot do that.
  returned: success
  type: bool
  sample: false
held_before:
  description: The same, before the module ran.
  returned: success
  type: bool
  sample: false
waited:
  description: Seconds from the checkout until every address served the release.
  returned: success
  type: float
  sample: 22.8
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Name a release whose schema allows what is stored now, or migrate the data first.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotRestorable
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import convex


def main() -> None:
    run_as_module(rollback.operation(convex.VENDOR))


if __name__ == "__main__":
    main()
