#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: railway_service
short_description: Stops, starts, restarts and scales a Railway service
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Stopping cancels what is still on its way and stops the deployment that serves. Starting deploys its image once more, with the
    variables of today; the module waits until that serves. Nothing is built.
  - The number of instances changes without a deployment. A service in one region has C(service) instances; of one in several regions each
    region is counted by its name.
  - Railway has no maintenance mode. With O(maintenance) an edge rule, before all others, answers every visitor of the service's domains
    with O(maintenance_text). The other rules stay as they are. What comes over the private network or a TCP proxy still gets through.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.railway
  - lastgood.recovery.railway.maintenance
  - lastgood.recovery.reach
  - lastgood.recovery.service
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.service
"""

EXAMPLES = r"""
- name: Keep customers out while stock is counted again
  lastgood.recovery.railway_service:
    service: 7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43
    maintenance: true

- name: Take it down, and remember how it was
  lastgood.recovery.railway_service:
    service: 7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43
    state: stopped
    memory: incident/stock.condition.json
"""

RETURN = r"""
before:
  description: How the service was run. What the vendor has no notion of is null.
  returned: success
  type: dict
  sample: {running: true, instances: {service: 2}, autoscaling: {}, maintenance: false, held: null}
after:
  description: How it is run now, or would be in check mode, in the same form.
  returned: success
  type: dict
  sample: {running: true, instances: {service: 6}, autoscaling: {}, maintenance: false, held: null}
vendor:
  description: Where the service is, as people write it.
  returned: success
  type: str
  sample: Railway
waited:
  description: Seconds until it was so.
  returned: success
  type: float
  sample: 8.2
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Use state: stopped."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: TimedOut
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import service
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import railway


def main() -> None:
    run_as_module(service.operation(railway.VENDOR))


if __name__ == "__main__":
    main()
