#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: launchdarkly_flag
short_description: Switches a LaunchDarkly flag on or off, and waits until applications get it
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Switches a flag's targeting in one environment and is done when a read like that of an application's SDK agrees.
  - Off serves the flag's off variation, which may be any of them. The module warns when that is not false, empty or zero, and when there is
    none, so that applications use the default in their own code.
  - Where changes have to be approved, LaunchDarkly refuses and the module fails with RV(error=ApprovalNeeded) and the place to approve it.
    Check mode asks LaunchDarkly to try the change without keeping it, and so foresees that.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.launchdarkly
  - lastgood.recovery.flag
  - lastgood.recovery.flag.waiting
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.unleash_flag
  - module: lastgood.recovery.flagsmith_flag
  - module: lastgood.recovery.vercel_edge_config_item
"""

EXAMPLES = r"""
- name: Switch the new checkout off
  lastgood.recovery.launchdarkly_flag:
    project: shop
    environment: production
    name: new-checkout
    enabled: false
    comment: INC-2026-1122, orders fail
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
  description: Flags that have this one as a prerequisite, and serve their off variation with it; none when the vendor does not tell.
  returned: success
  type: list
  elements: str
  sample: [new-checkout-gift-cards]
dashboard:
  description: Where a person sees, changes and approves it.
  returned: always, once the options are valid
  type: str
  sample: https://app.launchdarkly.com/projects/shop/flags/new-checkout/targeting?env=production&selected-env=production
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
from ansible_collections.lastgood.recovery.plugins.module_utils.flags import launchdarkly
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(flag.operation(launchdarkly.VENDOR))


if __name__ == "__main__":
    main()
