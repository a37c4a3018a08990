#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: netlify_release
short_description: Puts a Netlify site back to a release that served before
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes production serve the release that O(release), O(good_at) or O(bad_at) says, and asks nothing of the vendor when it does already.
    Releases are compared by what they run, never by their ids.
  - A rollback at Netlify publishes a deploy again that is there already. It does not keep later pushes away, so this module locks the
    published deploy first, and moves the lock to the deploy that it publishes.
  - What is pushed while a deploy is locked is built, and stays unpublished when the lock is taken off.
  - Functions, redirects, headers and the variables that were built in come back with the deploy; the site's variables, its build
    settings and its database stay as they are.
  - Netlify deletes deploys after a number of days, depending on the plan of the team, but never the published one.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.netlify
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Serve what served before the deploy that broke the pages at 02:39
  lastgood.recovery.netlify_release:
    site: 3970e0fe-8564-4903-9a55-c5f8de49fb8b
    bad_at: "02:39"
    version_urls:
      - https://blog.rachelfoods.com/version

- name: Let new pushes go live again
  lastgood.recovery.netlify_release:
    site: blog.rachelfoods.com
    hold: false
"""

RETURN = r"""
from:
  description: The release that was serving; none when nothing was.
  returned: success
  type: dict
  sample:
    id: 6a6e7efa8db5610008d40b76
    artifact: 3f0c1e9a7b2d4c6e8f0a1b3c5d7e9f1a2b4c6d8e
    created_at: "2026-11-22T02:36:10.000Z"
    live_from: "2026-11-22T02:38:01.512Z"
    good: true
    title: Faster checkout form
    state: ready
to:
  description: The release that was chosen, in the same form.
  returned: success
  type: dict
  sample: {id: 6a68ef96dcc2db00087bf9be, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
serving:
  description: The release that is serving afterwards.
  returned: success
  type: dict
  sample: {id: 6a68ef96dcc2db00087bf9be, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
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
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import netlify


def main() -> None:
    run_as_module(rollback.operation(netlify.VENDOR))


if __name__ == "__main__":
    main()
