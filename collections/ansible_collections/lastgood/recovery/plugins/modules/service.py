#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: service
short_description: Stops, starts, restarts and scales a target, whatever its vendor
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Brings a service into the condition that is asked for, waits until it is, and restores exactly what there was with O(put_back).
  - Works with the vendor that the inventory names. The vendors' own modules, such as M(lastgood.recovery.render_service), say what is
    particular there. What a vendor cannot do is refused before anything is asked for.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.target
  - lastgood.recovery.reach
  - lastgood.recovery.service
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.release
"""

EXAMPLES = r"""
- name: Keep customers out while the database is restored
  lastgood.recovery.service:
    provider: "{{ provider }}"
    service: "{{ service }}"
    maintenance: true
    state: stopped
    memory: "{{ incident_directory }}/{{ inventory_hostname }}.condition.json"

- name: Let them in again, just as it was before
  lastgood.recovery.service:
    provider: "{{ provider }}"
    service: "{{ service }}"
    memory: "{{ incident_directory }}/{{ inventory_hostname }}.condition.json"
    put_back: true
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
  sample: Render
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
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(service.operation(ANY))


if __name__ == "__main__":
    main()
