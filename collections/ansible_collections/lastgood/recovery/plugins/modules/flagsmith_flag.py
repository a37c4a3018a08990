#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: flagsmith_flag
short_description: Switches a Flagsmith flag on or off, and waits until applications get it
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Switches a flag in one environment and is done when a read like that of an application's SDK agrees.
  - Overrides for segments and users win over the environment's default. The module leaves them as they are, and warns about those that
    differ.
  - Where changes have to be approved (change requests), Flagsmith's API would switch all the same. The module does not go past the approval
    but fails with RV(error=ApprovalNeeded) and the place to approve it, in check mode too.
  - With feature versioning a new version is published that differs from the live one in nothing else.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.flagsmith
  - lastgood.recovery.flag
  - lastgood.recovery.flag.waiting
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.unleash_flag
  - module: lastgood.recovery.launchdarkly_flag
  - module: lastgood.recovery.vercel_edge_config_item
"""

EXAMPLES = r"""
- name: Switch the new checkout off
  lastgood.recovery.flagsmith_flag:
    environment: 8KzETdDeMY7xkqkSkY3Gsg
    name: new_checkout
    enabled: false
"""

RETURN = r"""
before:
  description: Whether the flag was on.
  returned: success
  type: bool
  sample: true
after:
  description: Whether it is on now, or would be in check mode.
  returned: success
  type: bool
  sample: false
seen:
  description: Whether it is on for an application's SDK, at the last look; none when nobody looked from there.
  returned: success, and when it was never seen
  type: bool
  sample: false
waited:
  description: Seconds from the first look until an SDK got it.
  returned: success
  type: float
  sample: 1.1
dependents:
  description: Always none, because Flagsmith has no flags that depend on others.
  returned: success
  type: list
  elements: str
  sample: null
dashboard:
  description: Where a person sees, changes and approves it.
  returned: always, once the options are valid
  type: str
  sample: https://app.flagsmith.com/project/12/environment/8KzETdDeMY7xkqkSkY3Gsg/features?feature=7
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Applications may still use the old value; run the same command again to wait on, or restart them.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: ApprovalNeeded
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import flag
from ansible_collections.lastgood.recovery.plugins.module_utils.flags import flagsmith
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(flag.operation(flagsmith.VENDOR))


if __name__ == "__main__":
    main()
