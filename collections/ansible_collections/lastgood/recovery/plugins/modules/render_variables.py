#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: render_variables
short_description: Puts the environment variables of a Render service back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Sets and removes variables one by one. Render's call for all of them would remove whatever it is not given.
  - Render deploys nothing when a variable changes, so the commit that serves is deployed once more; never the newest push, which after a
    rollback is the bad one.
  - Render keeps no history of variables and does not tell when one was changed.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.render
  - lastgood.recovery.reach
  - lastgood.recovery.variables
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.variables
"""

EXAMPLES = r"""
- name: Quiet the log again, and drop the switch that broke orders
  lastgood.recovery.render_variables:
    service: srv-ct6vmjtj0q5s700ckea0
    variables:
      LOG_LEVEL: info
      NEW_ORDERS: null
"""

RETURN = r"""
written:
  description: Names of the variables that were set, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [LOG_LEVEL]
removed:
  description: Names of the variables that were removed.
  returned: success
  type: list
  elements: str
  sample: []
unreadable:
  description: Names of the variables whose values the vendor does not show. They are never compared.
  returned: success
  type: list
  elements: str
  sample: [PAYMENT_KEY]
redeployed:
  description: Whether the code that serves was deployed once more.
  returned: success
  type: bool
  sample: true
serving:
  description: The release that was made by that, in the form of M(lastgood.recovery.release).
  returned: success
  type: dict
  sample: {id: dep-k9, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
vendor:
  description: The vendor's name.
  returned: success
  type: str
  sample: Render
why:
  description: Where the values are from.
  returned: success
  type: str
  sample: as captured on Sun 22 Nov 14:30
before:
  description: The variables that change as they are, each with a keyed fingerprint in place of its value; how many there are if none does.
  returned: success
  type: dict
  sample: {LOG_LEVEL: 51f0c2aa}
after:
  description: The same as they are then.
  returned: success
  type: dict
  sample: {LOG_LEVEL: 0d97e6b3}
waited:
  description: Seconds from the first look until it served.
  returned: success
  type: float
  sample: 31.4
diff:
  description: The variables that change, each with a keyed fingerprint in place of its value.
  returned: success
  type: dict
  sample: {before: {LOG_LEVEL: 51f0c2aa}, after: {LOG_LEVEL: 0d97e6b3}}
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Give variables, or a recovery_point.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: ActivationFailed
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import variables
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import render


def main() -> None:
    run_as_module(variables.operation(render.VENDOR))


if __name__ == "__main__":
    main()
