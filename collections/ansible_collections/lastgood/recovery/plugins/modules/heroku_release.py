#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: heroku_release
short_description: Puts a Heroku app back to a release that served before
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes production serve the release that O(release), O(good_at) or O(bad_at) says, and asks nothing of the vendor when it does already.
  - Every change of a variable is a release at Heroku, too. Releases are compared by the code that they run, never by their versions.
  - A rollback is a new release. Its release phase runs again, with the old code; when it fails, the release before stays current. Then
    every dyno is replaced; the rollback is done when as many as the formation keeps are up with it.
  - Builds that are under way are cancelled; they would go live after the rollback.
  - Heroku's API cannot keep the next push away, so O(hold=true) is refused, and each rollback warns. Turn automatic deploys off by hand.
  - Heroku tells times in whole seconds. A moment within a second of a deploy may mean either side of it.
requirements:
  - requests
options:
  code_only:
    description:
      - With V(true) the old code is released with the config vars of today.
      - With V(false) the config vars of that release come back as well, as C(heroku rollback) does it. This is refused when it would take
        a variable of an add-on away, such as E(DATABASE_URL), or put an older value into one.
      - Where only config vars differ, and the code is the same, nothing is asked either way.
    type: bool
    default: true
extends_documentation_fragment:
  - lastgood.recovery.heroku
  - lastgood.recovery.reach
  - lastgood.recovery.release
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Serve what served before the deploy that broke signing in at 02:39
  lastgood.recovery.heroku_release:
    app: rachelfoods-accounts
    bad_at: "02:39"
    version_urls:
      - https://accounts.rachelfoods.com/version

- name: Go back to one release, with the config vars it had
  lastgood.recovery.heroku_release:
    app: rachelfoods-accounts
    release: 3e1c1f2a-7c55-4b1d-9c0e-2f1d6a5b8c90
    code_only: false
"""

RETURN = r"""
from:
  description: The release that was serving; none when nothing was.
  returned: success
  type: dict
  sample:
    id: 3e1c1f2a-7c55-4b1d-9c0e-2f1d6a5b8c90
    artifact: 3f0c1e9a7b2d4c6e8f0a1b3c5d7e9f1a2b4c6d8e
    created_at: "2026-11-22T02:36:10.000Z"
    live_from: "2026-11-22T02:38:01.512Z"
    good: true
    title: Faster checkout form
    state: succeeded
to:
  description: The release that was chosen, in the same form.
  returned: success
  type: dict
  sample: {id: 91b0d7a4-52a8-4d8b-8a53-6f0c2f6f3b17, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
serving:
  description: The release that is serving afterwards; at vendors that roll forward it has the same artifact as RV(to) and a new id.
  returned: success
  type: dict
  sample: {id: c2a5e0f1-0b1e-4f58-8d0a-7f4b9f3f4e21, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
why:
  description: Why this release was chosen, in words.
  returned: success
  type: str
  sample: newest good one that served before Sun 22 Nov 02:38
held:
  description: Whether new pushes are kept from going live.
  returned: success
  type: bool
  sample: false
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
  sample: Heroku may have deleted its slug; name another release.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NoGoodRelease
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import heroku


def main() -> None:
    run_as_module(rollback.operation(heroku.VENDOR))


if __name__ == "__main__":
    main()
