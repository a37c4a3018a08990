#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: git_release
short_description: Puts a branch back to a release that it had before, without rewriting history
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes the branch that production follows have the files of the release that O(release), O(good_at) or O(bad_at) says, with one new
    commit on top. Nothing is ever force-pushed, and nothing is pushed when the files are the same already.
  - Releases are the commits of the branch's first-parent history, the newest 500. They are compared by their trees, so a revert to old
    files is the old release again.
  - Git keeps when a commit was made, and not when it was pushed. O(good_at) and O(bad_at) go by the committer's date.
  - Whatever deploys the branch has to do so, as after any push; O(version_urls) waits until production shows the new commit.
  - What one earlier rollback of this module took back is not gone back to.
  - O(release) may also be a tag, or the first seven digits or more of a commit.
  - O(revert) takes back single commits in the middle, and O(hotfix) starts a branch at a good release instead of a rollback.
  - Commits are not signed, and the hooks of a work tree are not run; the server's are.
requirements:
  - git 2.25 or newer
options:
  revert:
    description:
      - Instead of going back to a release, revert one commit, or those after the older up to the newer (V(older..newer)), as
        C(git revert) does. A merge is taken back as a whole.
      - What is reverted already is not reverted again. When later commits have changed the same lines, nothing is pushed and the files
        are named.
    type: str
  hotfix:
    description:
      - Instead of going back, start a branch of this name at the release that O(release), O(good_at) or O(bad_at) says, or at the current
        one, and push it.
    type: str
extends_documentation_fragment:
  - lastgood.recovery.git
  - lastgood.recovery.git.author
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Go back to what the branch had before the push that broke orders at 02:39
  lastgood.recovery.git_release:
    repository: https://github.com/rachelfoods/shop.git
    bad_at: "02:39"
    version_urls:
      - https://api.rachelfoods.com/version

- name: Redeploy the last stable release before that
  lastgood.recovery.git_release:
    repository: https://github.com/rachelfoods/shop.git
    tags: "*-stable"
    bad_at: "02:39"

- name: Redeploy one tagged release
  lastgood.recovery.git_release:
    repository: https://github.com/rachelfoods/shop.git
    release: v1.2.3-stable

- name: Take back one commit and leave the later ones
  lastgood.recovery.git_release:
    repository: ~/src/shop
    revert: 3f0c1e9

- name: Start a branch for the repair where production was good
  lastgood.recovery.git_release:
    repository: ~/src/shop
    hotfix: hotfix/checkout
    good_at: "02:30"
"""

RETURN = r"""
from:
  description: The release that the branch had.
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
  description: The release that was chosen, in the same form; with O(revert) its id says what is left out.
  returned: success
  type: dict
  sample: {id: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, artifact: "tree:1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", good: true}
serving:
  description: The release that the branch has afterwards; the same artifact as RV(to), and a new commit.
  returned: success
  type: dict
  sample: {id: c5d7e9f1a2b4c6d83f0c1e9a7b2d4c6e8f0a1b3e, artifact: "tree:1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", good: true}
why:
  description: Why this release was chosen, in words.
  returned: success
  type: str
  sample: newest good one that served before Sun 22 Nov 02:36
held:
  description: Whether new pushes are kept from going live; Git cannot do that.
  returned: success
  type: bool
  sample: false
held_before:
  description: The same, before the module ran.
  returned: success
  type: bool
  sample: false
waited:
  description: Seconds from the push until every address served the release.
  returned: success
  type: float
  sample: 22.8
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Somebody else has pushed to the branch; run the same command again, it reads the branch first.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Conflict
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import git
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git import wishes


def main() -> None:
    run_as_module(wishes.operation(git.VENDOR))


if __name__ == "__main__":
    main()
